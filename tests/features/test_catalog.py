"""A catalog is data: it resolves, has a fingerprint, and says what is wrong with it."""

from pathlib import Path

import pytest

from features.catalog import load_catalog, parse_catalog, refuse_names
from features.errors import CatalogError
from features.explained import explained
from features.kinds import Kind

SMALL = """
catalog: small
entities: {buyer: buyer.id}
fields: [amount_minor, attributes.colour]
windows:
  - {entity: buyer, measure: count, over: 1h}
derived:
  per_order: amount_minor / buyer_orders_1h
  doubled: amount_minor * 2
"""


def test_the_shipped_catalog_has_each_kind_of_signal() -> None:
    names = set(load_catalog().names)
    assert {"buyer_orders_1h", "buyer_cities_24h", "amount_residue_minor"} <= names


def test_every_shipped_feature_can_be_explained() -> None:
    catalog = load_catalog()
    for name in catalog.names:
        assert explained(catalog, name)["missing"]


def test_raw_features_need_no_state() -> None:
    assert parse_catalog(SMALL).raw_names == ("amount_minor", "attributes.colour", "doubled")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("over: 1h", "over: 2h, name: buyer_orders_1h"),
        ("amount_minor * 2", "amount_minor * 3"),
        ("buyer: buyer.id", "buyer: device.id"),
        ("fields: [amount_minor,", "fields: [list_amount_minor,"),
    ],
)
def test_any_change_of_meaning_changes_the_schema_hash(was: str, becomes: str) -> None:
    assert (
        parse_catalog(SMALL.replace(was, becomes)).schema_hash != parse_catalog(SMALL).schema_hash
    )


def test_the_resolved_text_gives_the_same_catalog_again() -> None:
    catalog = parse_catalog(SMALL, attribute_kinds={"attributes.colour": Kind.NUMBER})
    again = parse_catalog(catalog.source_text)
    assert again.schema_hash == catalog.schema_hash
    assert again.kind_of("attributes.colour") is Kind.NUMBER


def test_a_catalog_may_extend_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("catalog: own\nextends: default\nfields: [attributes.colour]\n")
    shipped = load_catalog().names
    assert set(shipped) < set(load_catalog(own).names)
    assert "attributes.colour" in load_catalog(own).names


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("amount_minor,", "amount_miner,", "Did you mean 'amount_minor'"),
        ("measure: count", "measure: counts", "measure is one of count"),
        ("entity: buyer,", "entity: buyers,", "Did you mean 'buyer'"),
        ("over: 1h", "over: one hour", "is no duration"),
        ("measure: count", "measure: sum", "`of` must name one"),
        ("measure: count", "measure: median, of: subject.similarity", "one whole-number fact"),
        ("measure: count", "measure: entropy", "must name what is compared"),
        ("measure: count", "measure: radius, of: receiver.city", "[receiver.x_m, receiver.y_m"),
        ("measure: count", "measure: count, newest: 5", "takes no `newest`"),
        ("measure: count", "measure: same, of: receiver.city, newest: 129", "write 2 to 128"),
        ("measure: count", "measure: count, without: limit", "takes no `outcome` and no `without`"),
        ("measure: count", "measure: mean_latency, without: limits", "`without` lists classes"),
        ("measure: count", "measure: count, of: amount_minor", "takes no `of`"),
        ("measure: count", "measure: rate, outcome: refuse", "`outcome` is one of"),
        ("over: 1h", "over: 1h, wide: 2", "wide"),
        ("doubled: amount_minor * 2", "doubled: amount_minr * 2", "amount_mi"),
        ("doubled: amount_minor * 2", "buyer_orders_1h: amount_minor * 2", "two features"),
        ("fields: [amount_minor,", "fields: [placed_at,", "is an instant"),
        ("catalog: small", "catalog: [", "is not YAML"),
        ("catalog: small", "catalog: small\nattributes: {colour: nmber}", "is no kind"),
        ("catalog: small", "catalog: small\nextends: other", "only catalog to extend"),
        ("catalog: small", "catalog: small\ntime_zone: Mars/Olympus", "is no zone"),
    ],
)
def test_a_faulty_catalog_is_refused_with_its_place(was: str, becomes: str, says: str) -> None:
    assert was in SMALL
    with pytest.raises(CatalogError, match=r"my\.yaml") as caught:
        parse_catalog(SMALL.replace(was, becomes, 1), "my.yaml")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text", ["fields: [amount_minor, attributes.cvc]", "derived: {x: attributes.cvc is missing}"]
)
def test_a_column_known_only_after_submission_is_refused(text: str) -> None:
    catalog = parse_catalog(f"catalog: leaky\n{text}\n")
    with pytest.raises(CatalogError, match=r"attributes\.cvc: known only after submission"):
        refuse_names(catalog, ["cvc", "bookingdate"])
