"""A line of `links` that cannot be used is refused with its name and the way out."""

import pytest

from features.catalog import Catalog, parse_catalog
from features.errors import CatalogError
from features.explained import explained
from features.families import families_of
from tests.links.worlds import linked

HEAD = """
catalog: shop
entities: {buyer: buyer.id, device: device.id, merchant: merchant_id}
links:
  - """
NEAR = "of: payout.payee.account.hash, keys: payout.payee.account.near, over: 30d"


def with_link(line: str) -> Catalog:
    return parse_catalog(HEAD + "{" + line + "}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("entity: byer, measure: reach, through: device, over: 1d", "Did you mean 'buyer'?"),
        ("entity: buyer, measure: reech, through: device, over: 1d", "one of reach, near"),
        ("entity: buyer, measure: reach, through: devise, over: 1d", "Did you mean 'device'?"),
        ("entity: buyer, measure: reach, over: 1d", "write 1 to 8, such as [device, card]"),
        ("entity: buyer, measure: reach, through: buyer, over: 1d", "each other linking entity"),
        ("entity: buyer, measure: reach, through: [device, device], over: 1d", "once"),
        ("entity: buyer, measure: reach, through: device, over: 1 day", "write a number and s"),
        ("entity: buyer, measure: reach, through: device, over: 1d, newest: 33", "write 1 to 32"),
        ("entity: buyer, measure: reach, through: device, over: 1d, newest: 0", "write 1 to 32"),
        ("entity: buyer, measure: reach, through: device, over: 1d, budget: 0", "write 1 or more"),
        ("entity: buyer, measure: reach, through: device, over: 1d, of: channel", "takes no `of`"),
        (f"entity: merchant, measure: near, budget: 4, {NEAR}", "no `budget`"),
        ("entity: merchant, measure: near, keys: payout.payee.account.near, over: 1d", "`of` must"),
        (f"entity: merchant, measure: near, {NEAR}".replace("hash", "hsh"), "no fact is named"),
        (
            f"entity: merchant, measure: near, {NEAR}".replace("account.near", "account.neer"),
            "Did you mean 'payout.payee.account.near'?",
        ),
    ],
)
def test_a_bad_line_is_refused_with_the_way_out(line: str, said: str) -> None:
    with pytest.raises(CatalogError) as refused:
        with_link(line)
    assert said in str(refused.value)
    assert "links (" in str(refused.value)


@pytest.mark.parametrize(
    "other",
    [
        "entity: buyer, measure: reach, through: device, over: 2d, name: a",
        "entity: device, measure: reach, through: buyer, over: 1d, name: a",
        "entity: buyer, measure: reach, through: merchant, over: 1d, name: a",
        "entity: buyer, measure: reach, through: device, over: 1d, newest: 15, name: a",
        "entity: buyer, measure: reach, through: device, over: 1d, budget: 63, name: a",
        f"entity: merchant, measure: near, {NEAR}, name: a",
    ],
)
def test_a_change_of_meaning_changes_the_schema_hash(other: str) -> None:
    line = "entity: buyer, measure: reach, through: device, over: 1d, name: a"
    assert with_link(line).schema_hash == with_link(f"{line}, newest: 16, budget: 64").schema_hash
    assert with_link(other).schema_hash != with_link(line).schema_hash


def test_links_need_state() -> None:
    assert linked().raw_names == ()
    assert linked().widest_us == 10_000_000


def test_every_link_says_what_it_is_and_when_it_is_missing() -> None:
    catalog = linked()
    for name in catalog.names:
        assert {"is", "entity", "window", "unit", "missing"} <= set(explained(catalog, name))
    assert "newest 16 orders" in explained(catalog, "buyer_reach_10s")["is"]


def test_reach_is_dispersion_and_near_is_of_the_payee() -> None:
    families = families_of(linked())
    assert families["buyer_reach_10s"] == "dispersion"
    assert families["merchant_near_hash_10s"] == "payee"
