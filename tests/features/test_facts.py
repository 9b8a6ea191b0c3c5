"""One order's facts, and the same facts of a whole history."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from features.calendar import Calendar
from features.columnar_facts import attribute_kinds, fact_frame
from features.edge import order_from_dict
from features.facts import FACT_KINDS, order_facts
from features.history_schema import frame_from_orders, order_from_row
from features.masking import Masker
from tests.features.raw_orders import raw_submissions

MASKER = Masker(bytes(32))


@given(st.lists(raw_submissions, min_size=1, max_size=4))
@settings(max_examples=40)
def test_columns_hold_the_same_facts_as_each_order(raw: list[dict[str, Any]]) -> None:
    orders = sorted((order_from_dict(one, MASKER) for one in raw), key=lambda o: o.placed_at)
    frame = frame_from_orders(orders)
    kinds = attribute_kinds(frame)
    built = fact_frame(frame, {*FACT_KINDS, *kinds}, kinds, Calendar("UTC")).to_dicts()
    rows = [{name: value for name, value in row.items() if value is not None} for row in built]
    assert rows == [order_facts(order) for order in orders]


@given(raw_submissions)
def test_what_is_known_of_an_order_survives_its_row_in_a_history(raw: dict[str, Any]) -> None:
    order = order_from_dict(raw, MASKER)
    again = order_from_row(frame_from_orders([order]).to_dicts()[0])
    assert order_facts(again) == order_facts(order)
    assert (again.items, again.attempts) == (order.items, order.attempts)


def test_lines_add_up_to_the_expected_total(order_fields: dict[str, Any], masker: Masker) -> None:
    facts = order_facts(order_from_dict(order_fields, masker))
    assert facts["items.expected_total_minor"] == facts["amount_minor"] == 31_000


def test_an_order_without_lines_has_no_totals(order_fields: dict[str, Any], masker: Masker) -> None:
    facts = order_facts(order_from_dict({**order_fields, "items": []}, masker))
    assert facts["items.lines"] == 0
    assert not {"items.unit_total_minor", "items.expected_total_minor"} & facts.keys()


def test_one_line_without_list_price_leaves_the_list_total_missing(
    order_fields: dict[str, Any], masker: Masker
) -> None:
    lines = [*order_fields["items"], {"quantity": 1, "unit_price_minor": 5}]
    facts = order_facts(order_from_dict({**order_fields, "items": lines}, masker))
    assert "items.list_total_minor" not in facts
    assert facts["items.unit_total_minor"] == 31_705


def test_of_equally_dear_lines_the_one_that_stands_first_is_the_dearest(
    order_fields: dict[str, Any], masker: Masker
) -> None:
    prices = {"first": 500, "cheap": 5, "equal": 500, "last": 499}
    lines = [
        {"sku": sku, "quantity": 1, "unit_price_minor": price} for sku, price in prices.items()
    ]
    facts = order_facts(order_from_dict({**order_fields, "items": lines}, masker))
    assert (facts["items.dearest_sku"], facts["items.second_sku"]) == ("first", "equal")
    assert facts["items.second_price_minor"] == 500


def test_one_line_alone_has_no_second(order_fields: dict[str, Any], masker: Masker) -> None:
    one = [{"sku": "only", "quantity": 1, "unit_price_minor": 5}]
    facts = order_facts(order_from_dict({**order_fields, "items": one}, masker))
    assert not {name for name in facts if name.startswith("items.second")}
