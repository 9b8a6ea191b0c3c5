"""Every number of an order and of a catalog has a unit."""

import pytest

from features.calendar import CALENDAR_KINDS
from features.catalog import load_catalog, parse_catalog
from features.errors import CatalogError
from features.fact_units import FACT_UNITS, unit_of_fact
from features.facts import FACT_KINDS
from features.kinds import Kind
from features.units import COUNT, HOURS, METRES, MINOR, NONE, SECONDS, SHARE, unit_of_name


def test_every_fact_that_is_a_number_has_a_unit_and_no_other() -> None:
    kinds = {**FACT_KINDS, **CALENDAR_KINDS}
    numbers = {name for name, kind in kinds.items() if kind is Kind.NUMBER}
    assert numbers - FACT_UNITS.keys() == set()
    assert FACT_UNITS.keys() - numbers == set()


def test_a_name_that_ends_in_a_unit_has_that_unit() -> None:
    for name, unit in FACT_UNITS.items():
        assert unit_of_name(name) in (None, unit), name


def test_every_feature_of_the_shipped_catalog_that_is_a_number_has_a_unit() -> None:
    catalog = load_catalog()
    numbers = {name for name, kind in catalog.kinds.items() if kind is Kind.NUMBER}
    assert numbers == catalog.units.keys()


_HEAD = """
catalog: own
attributes: {weight: number, fee_minor: number}
entities: {buyer: buyer.id}
windows:
  - {entity: buyer, measure: count, over: [1h], name: orders}
  - {entity: buyer, measure: max, of: amount_minor, over: [1h], name: largest}
  - {entity: buyer, measure: max, of: items.lines, over: [1h], name: most_lines}
  - {entity: buyer, measure: seconds_since_last, over: [1h], name: since}
  - {entity: buyer, measure: rate, outcome: refused, over: [1h], name: refused}
derived:
"""


def test_the_unit_of_a_window_is_that_of_its_measure_and_of_what_it_measures() -> None:
    catalog = parse_catalog(f"{_HEAD}  double: 2 * largest\n  heavy: attributes.weight * 2\n")
    assert catalog.units == {
        "orders": COUNT,
        "largest": MINOR,
        "most_lines": COUNT,
        "since": SECONDS,
        "refused": SHARE,
        "double": MINOR,
    }


@pytest.mark.parametrize(
    ("derived", "unit"),
    [
        ("largest / orders", MINOR),
        ("amount_minor / largest", NONE),
        ("attributes.fee_minor + amount_minor", MINOR),
        ("calendar.hours_to_peak + 1", HOURS),
        ("device.receiver_distance_m / 1000", METRES),
        ("placed_at - buyer.registered_at", SECONDS),
        ("3", NONE),
    ],
)
def test_a_derived_feature_has_the_unit_of_its_expression(derived: str, unit: object) -> None:
    catalog = parse_catalog(f"{_HEAD}  x: {derived}\n  y: x + x\n")
    assert (catalog.units["x"], catalog.units["y"]) == (unit, unit)


def test_a_derived_feature_that_adds_money_to_seconds_is_refused() -> None:
    with pytest.raises(CatalogError, match="largest in MINOR beside since in SECONDS"):
        parse_catalog(f"{_HEAD}  x: largest + since\n")


def test_an_attribute_has_the_unit_that_its_name_ends_in() -> None:
    assert unit_of_fact("attributes.fee_minor") == MINOR
    assert unit_of_fact("attributes.weight") is None
