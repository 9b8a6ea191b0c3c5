"""The facts of a mismatch: one order, a whole history, and a slow obvious reading agree."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from features.facts import FACT_KINDS, order_facts
from features.history_schema import frame_from_orders
from features.kinds import Value
from features.mismatch.columnar import mismatch_frame
from features.mismatch.facts import MISMATCH_KINDS, mismatch_facts
from features.order import MAX_MINOR, Item, Order, Record, RecordItem
from features.times import to_us
from tests.mismatch.lined_orders import lined_orders

HOUR = Fraction(3_600)


def obviously(order: Order) -> dict[str, Value]:
    """Say the same in the slowest way: pieces laid out one by one, exact fractions."""
    told: dict[str, Value | None] = {
        **obvious_sums(order),
        "credit.plan_residue_minor": obvious_plan(order),
        **obvious_record(order),
    }
    return {name: value for name, value in told.items() if value is not None}


def obvious_sums(order: Order) -> dict[str, Value | None]:
    if not order.items:
        return {}
    paid = 0
    for item in order.items:
        paid += item.quantity * item.unit_price_minor
    paid = paid - order.discount_minor + order.freight_minor + order.tax_minor
    lists = [item.list_price_minor for item in order.items]
    listed = None
    if None not in lists and order.list_amount_minor is not None:
        listed = sum(i.quantity * (i.list_price_minor or 0) for i in order.items)
        listed -= order.list_amount_minor
    return {
        "items.residue_minor": cut(paid - order.amount_minor),
        "items.list_residue_minor": None if listed is None else cut(listed),
        "items.unit_slip": obvious_slip(order.amount_minor, paid),
        "items.over_list_lines": len(
            [
                i
                for i in order.items
                if i.unit_price_minor > (i.list_price_minor or 10**13)
                or (i.list_price_minor == 0 and i.unit_price_minor > 0)
            ]
        ),
    }


def cut(minor: int) -> int:
    return sorted([-(10**15), minor, 10**15])[1]


def obvious_slip(sent: int, right: int) -> int:
    if right >= 100 and sent > 0 and -1 < Fraction(right, 100) - sent < 1:
        return -1
    if sent >= 100 and right > 0 and -1 < Fraction(sent, 100) - right < 1:
        return 1
    return 0


def obvious_plan(order: Order) -> int | None:
    credit = order.credit
    if credit is None:
        return None
    stated = (credit.instalments, credit.first_pay_minor, credit.later_pay_minor)
    if None in (*stated, credit.plan_total_minor):
        return None
    payments = [credit.first_pay_minor or 0]
    payments += [credit.later_pay_minor or 0] * ((credit.instalments or 1) - 1)
    return cut(sum(payments) - (credit.plan_total_minor or 0))


def obvious_record(order: Order) -> dict[str, Value | None]:
    record = order.record
    if record is None:
        return {}
    told: dict[str, Value | None] = {}
    if record.currency is not None:
        told["record.same_currency"] = order.currency == record.currency
    if record.created_at is not None:
        told |= obvious_clock(to_us(order.placed_at), to_us(record.created_at))
    if told.get("record.same_currency") is False:
        return told
    if record.amount_minor is not None:
        told["record.unit_slip"] = obvious_slip(order.amount_minor, record.amount_minor)
        if record.amount_minor > 0:
            told["record.amount_ratio"] = float(Fraction(order.amount_minor, record.amount_minor))
    if order.items and record.items:
        told |= obvious_lines(order.items, record.items)
    told["items.mislabelled"] = obvious_label(order, told.get("items.list_equals_paid"))
    return told


def obvious_label(order: Order, share: Value | None) -> int | None:
    assert order.record is not None
    answers = [] if share is None else [share != 0]
    if None not in (order.list_amount_minor, order.record.list_amount_minor):
        same = order.list_amount_minor == order.amount_minor
        answers.append(same and (order.record.list_amount_minor or 0) > order.amount_minor)
    return int(any(answers)) if answers else None


def obvious_clock(placed_us: int, created_us: int) -> dict[str, Value | None]:
    skew = Fraction(placed_us - created_us, 1_000_000)
    slips = [h for h in range(-14, 15) if -60 <= skew - h * HOUR <= 960]
    year_2000, year_2100 = 946_684_800_000_000, 4_102_444_800_000_000
    scaled = [f * placed_us for f in (1_000, 1_000_000)]
    return {
        "record.skew_seconds": skew.__floor__(),
        "record.zone_slip_hours": slips[0] if slips else 0,
        "record.epoch_slip": placed_us < year_2000 <= created_us
        and any(year_2000 <= one < year_2100 for one in scaled),
    }


def obvious_lines(items: Sequence[Item], recorded: Sequence[RecordItem]) -> dict[str, Value | None]:
    everything: list[Item | RecordItem] = [*items, *recorded]
    named = all(line.sku is not None for line in everything)
    as_many = len(items) == len(recorded)
    mine = [(i.sku if named else n if as_many else "", i) for n, i in enumerate(items)]
    theirs = [(r.sku if named else n if as_many else "", r) for n, r in enumerate(recorded)]
    differing, as_list, as_paid = 0, [], []
    for key in {key for key, _ in (*mine, *theirs)}:
        sent = [line for other, line in mine if other == key]
        wanted = [line for other, line in theirs if other == key]
        differing += obvious_difference(sent, wanted)
        lists = [r.list_price_minor for r in wanted if r.list_price_minor is not None]
        units = [r.unit_price_minor for r in wanted if r.unit_price_minor is not None]
        for line in sent:
            same = line.list_price_minor == line.unit_price_minor
            if line.list_price_minor is not None and lists:
                as_list.append(same and all(price > line.unit_price_minor for price in lists))
            if line.list_price_minor is not None and units:
                as_paid.append(same and all(price < line.unit_price_minor for price in units))
    return {
        "record.items.mismatched_lines": differing,
        "items.list_equals_paid": as_list.count(True) / len(as_list) if as_list else None,
        "items.paid_equals_list": as_paid.count(True) / len(as_paid) if as_paid else None,
    }


def obvious_difference(sent: list[Item], wanted: list[RecordItem]) -> int:
    """Sum up the pieces at each price that both sides state, on either side."""
    everything: list[Item | RecordItem] = [*sent, *wanted]
    fields = [
        name
        for name in ("unit_price_minor", "list_price_minor")
        if all(getattr(line, name) is not None for line in everything)
    ]
    counted = all(line.quantity is not None for line in wanted)

    def pieces(side: Sequence[Item | RecordItem], price: tuple[int, ...]) -> int:
        at_price = [o for o in side if tuple(getattr(o, name) for name in fields) == price]
        return sum((o.quantity or 0) if counted else 1 for o in at_price)

    prices = {tuple(getattr(line, name) for name in fields) for line in everything}
    more = [p for p in prices if pieces(sent, p) > pieces(wanted, p)]
    fewer = [p for p in prices if pieces(sent, p) < pieces(wanted, p)]
    return max(len(more), len(fewer))


@given(lined_orders())
@settings(max_examples=200)
def test_the_facts_of_an_order_are_what_a_slow_reading_says(order: Order) -> None:
    assert mismatch_facts(order) == obviously(order)


@given(st.lists(lined_orders(), min_size=1, max_size=6))
@settings(max_examples=40)
def test_columns_hold_the_same_facts_as_each_order(orders: list[Order]) -> None:
    orders = sorted(orders, key=lambda order: order.placed_at)
    built = mismatch_frame(frame_from_orders(orders), MISMATCH_KINDS)
    rows = [{n: v for n, v in row.items() if v is not None} for row in built.to_dicts()]
    assert rows == [mismatch_facts(order) for order in orders]


A, B = {"sku": "a"}, {"sku": "b"}
ONE, TWO = {"unit_price_minor": 100, "quantity": 1}, {"unit_price_minor": 200, "quantity": 1}
DEAR, SAME = {"list_price_minor": 150}, {"list_price_minor": 100}
CASES: list[tuple[int, float | None, list[dict[str, Any]], list[dict[str, Any]]]] = [
    (0, None, [ONE, TWO], [ONE, TWO]),
    (2, None, [ONE, TWO], [TWO, ONE]),
    (1, None, [ONE, TWO], [TWO]),
    (0, None, [A | ONE, B | TWO], [B | TWO, A | ONE]),
    (0, None, [A | ONE, A | ONE], [A | ONE | {"quantity": 2}]),
    (1, None, [A | ONE, A | TWO], [A | ONE, A | TWO | {"quantity": 5}]),
    (2, None, [A | ONE], [B | ONE]),
    (1, None, [A | ONE], [A | ONE | {"quantity": 3}]),
    (1, None, [A | ONE, B | ONE], [A | ONE | {"quantity": 3}, B | ONE]),
    (0, None, [A | ONE, B | TWO], [A | ONE, {"sku": "b", "unit_price_minor": 200}]),
    (0, 0.0, [A | ONE | DEAR], [A | ONE | DEAR]),
    (1, 1.0, [A | ONE | SAME], [A | ONE | DEAR]),
    (1, 0.5, [A | ONE | SAME, B | ONE | DEAR], [A | ONE | DEAR, B | ONE | DEAR]),
    (0, 0.0, [A | ONE | SAME, B | ONE], [A | ONE | SAME, B | ONE | DEAR]),
    (1, 0.0, [A | ONE | SAME], [A | ONE | SAME | {"list_price_minor": 90}]),
    (0, None, [A | ONE | SAME], [A | ONE]),
]


@pytest.mark.parametrize(("mismatched", "share", "sent", "recorded"), CASES)
def test_lines_are_held_against_those_that_belong_to_them(
    order: Order,
    mismatched: int,
    share: float | None,
    sent: list[dict[str, Any]],
    recorded: list[dict[str, Any]],
) -> None:
    record = Record(items=tuple(RecordItem(**line) for line in recorded))
    lined = structs.replace(order, items=tuple(Item(**line) for line in sent), record=record)
    facts = mismatch_facts(lined)
    assert facts["record.items.mismatched_lines"] == mismatched
    assert facts.get("items.list_equals_paid") == share
    assert facts == obviously(lined)
    (row,) = mismatch_frame(frame_from_orders([lined]), MISMATCH_KINDS).to_dicts()
    assert {name: value for name, value in row.items() if value is not None} == facts


@pytest.mark.parametrize(
    ("seconds", "hours"),
    [
        (0, 0),
        (8 * 3_600, 8),
        (8 * 3_600 - 60, 8),
        (8 * 3_600 - 61, 0),
        (8 * 3_600 + 960, 8),
        (8 * 3_600 + 961, 0),
        (-3_600, -1),
        (14 * 3_600, 14),
        (15 * 3_600, 0),
    ],
)
def test_a_slip_of_the_zone_is_a_whole_number_of_hours_nearly(
    order: Order, seconds: int, hours: int
) -> None:
    record = Record(created_at=order.placed_at - timedelta(seconds=seconds))
    slipped = structs.replace(order, record=record)
    assert mismatch_facts(slipped)["record.zone_slip_hours"] == hours
    (row,) = mismatch_frame(frame_from_orders([slipped]), ["record.zone_slip_hours"]).to_dicts()
    assert row == {"record.zone_slip_hours": hours}


@pytest.mark.parametrize(
    ("listed", "recorded", "mislabelled"),
    [(31_000, 35_700, 1), (31_000, 31_000, 0), (35_700, 36_000, 0), (30_000, 35_700, 0)],
)
def test_the_amount_sent_as_the_list_amount_is_mislabelled(
    order: Order, listed: int, recorded: int, mislabelled: int
) -> None:
    record = Record(list_amount_minor=recorded)
    labelled = structs.replace(order, list_amount_minor=listed, record=record)
    assert mismatch_facts(labelled)["items.mislabelled"] == mislabelled
    (row,) = mismatch_frame(frame_from_orders([labelled]), ["items.mislabelled"]).to_dicts()
    assert row == {"items.mislabelled": mislabelled}


def test_a_sum_that_no_amount_can_be_is_cut_alike(order: Order) -> None:
    lines = (Item(quantity=1_000_000, unit_price_minor=MAX_MINOR, list_price_minor=MAX_MINOR),)
    absurd = structs.replace(order, items=10 * lines, record=None)
    facts = mismatch_facts(absurd)
    assert facts["items.residue_minor"] == facts["items.list_residue_minor"] == 10**15
    (row,) = mismatch_frame(frame_from_orders([absurd]), facts.keys()).to_dicts()
    assert row == facts


def test_every_fact_of_a_mismatch_is_a_fact_of_an_order(order: Order) -> None:
    assert MISMATCH_KINDS.items() <= FACT_KINDS.items()
    assert mismatch_facts(order).items() <= order_facts(order).items()


def test_a_history_without_lines_or_records_misses_what_needs_them(order: Order) -> None:
    bare = structs.replace(order, items=(), record=None)
    built = mismatch_frame(frame_from_orders([bare]), MISMATCH_KINDS)
    assert mismatch_facts(bare) == {}
    assert built.null_count().row(0) == (1,) * len(MISMATCH_KINDS)
