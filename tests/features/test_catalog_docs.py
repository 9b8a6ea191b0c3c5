"""Every feature has a family, and stands on the page of its family."""

from pathlib import Path

import pytest

from features.catalog import load_catalog, parse_catalog
from features.catalog_docs import catalog_pages
from features.errors import CatalogError
from features.families import Family, families_of

PAGES = Path(__file__).parents[2] / "docs" / "catalog"
SMALL = """
catalog: small
entities: {buyer: buyer.id, payee: payout.payee.account.hash}
fields: [amount_minor, calendar.hour]
windows:
  - {entity: buyer, measure: count, over: [1h, 24h]}
  - {entity: buyer, measure: rate, outcome: refused, over: 30d}
  - {entity: payee, measure: count, over: 24h}
derived:
  residue: record.amount_minor - amount_minor
  burst: buyer_orders_1h / buyer_orders_24h
"""


def test_a_feature_goes_by_what_it_reads() -> None:
    assert families_of(parse_catalog(SMALL)) == {
        "amount_minor": Family.ORDER,
        "calendar.hour": Family.CALENDAR,
        "buyer_orders_1h": Family.VELOCITY,
        "buyer_orders_24h": Family.VELOCITY,
        "buyer_refused_rate_30d": Family.OUTCOMES,
        "payee_orders_24h": Family.PAYEE,
        "residue": Family.MISMATCH,
        "burst": Family.VELOCITY,
    }


def test_a_catalog_may_say_otherwise() -> None:
    families = families_of(parse_catalog(SMALL + "families: {dispersion: buyer_orders_*}\n"))
    assert families["buyer_orders_1h"] is Family.DISPERSION
    assert families["payee_orders_24h"] is Family.PAYEE


def test_families_are_no_part_of_the_fingerprint() -> None:
    told = parse_catalog(SMALL + "families: {dispersion: [burst]}\n")
    assert told.schema_hash == parse_catalog(SMALL).schema_hash


@pytest.mark.parametrize(
    ("families", "said"),
    [
        ("{velocty: [burst]}", "Did you mean 'velocity'"),
        ("{velocity: [brust]}", "Did you mean 'burst'"),
    ],
)
def test_a_family_that_fits_nothing_is_refused(families: str, said: str) -> None:
    with pytest.raises(CatalogError, match=said):
        families_of(parse_catalog(f"{SMALL}families: {families}\n"))


def test_windows_of_one_kind_share_a_line() -> None:
    velocity = catalog_pages(parse_catalog(SMALL))["velocity.md"]
    line = next(line for line in velocity.splitlines() if "buyer_orders_1h" in line)
    assert "`buyer_orders_24h`" in line
    assert "| 1h, 1d |" in line


def test_the_shipped_pages_are_those_of_the_shipped_catalog() -> None:
    pages = catalog_pages(load_catalog())
    shipped = {page.name: page.read_text("utf-8") for page in PAGES.glob("*.md")}
    assert shipped == pages, "run preflight features docs --out docs/catalog"


def test_every_feature_of_the_shipped_catalog_stands_on_a_page() -> None:
    text = "".join(catalog_pages(load_catalog()).values())
    assert [name for name in load_catalog().names if f"`{name}`" not in text] == []
