"""The facts of a mismatch: an order against its own sums and against the merchant's record.

A fact that cannot be decided is absent. `features.mismatch.columnar` computes the same facts for
a whole history.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from features.amounts import (
    WIDEST_MINOR,
    expected_total_minor,
    list_residue_minor,
    plan_residue_minor,
    unit_slip,
)
from features.kinds import Kind, Value
from features.mismatch.clock import CLOCK_LIMITS, epoch_slip, skew_us, zone_slip_hours
from features.mismatch.lines import Pair, mismatched_lines, paired, same_lines
from features.order import Item, Order, Record, RecordItem
from features.times import US_PER_SECOND, to_us

MISMATCH_KINDS: Mapping[str, Kind] = {
    "items.residue_minor": Kind.NUMBER,
    "items.list_residue_minor": Kind.NUMBER,
    "items.unit_slip": Kind.NUMBER,
    "items.over_list_lines": Kind.NUMBER,
    "items.list_equals_paid": Kind.NUMBER,
    "items.paid_equals_list": Kind.NUMBER,
    "items.mislabelled": Kind.NUMBER,
    "credit.plan_residue_minor": Kind.NUMBER,
    "record.same_currency": Kind.BOOLEAN,
    "record.amount_ratio": Kind.NUMBER,
    "record.unit_slip": Kind.NUMBER,
    "record.skew_seconds": Kind.NUMBER,
    "record.zone_slip_hours": Kind.NUMBER,
    "record.epoch_slip": Kind.BOOLEAN,
    "record.items.mismatched_lines": Kind.NUMBER,
}
"""The kind of every fact here."""


def mismatch_facts(order: Order) -> dict[str, Value]:
    """Compute every fact of a mismatch that the order and its record decide."""
    found = dict(_own_facts(order))
    if order.record is not None:
        found.update(_record_facts(order, order.record))
    return {name: value for name, value in found.items() if value is not None}


def _own_facts(order: Order) -> Iterator[tuple[str, Value | None]]:
    yield "credit.plan_residue_minor", _bounded(plan_residue_minor(order.credit))
    expected = expected_total_minor(order)
    if expected is None:
        return
    yield "items.residue_minor", _bounded(expected - order.amount_minor)
    yield "items.list_residue_minor", _bounded(list_residue_minor(order))
    yield "items.unit_slip", unit_slip(order.amount_minor, expected)
    yield (
        "items.over_list_lines",
        sum(
            item.list_price_minor is not None and item.unit_price_minor > item.list_price_minor
            for item in order.items
        ),
    )


def _record_facts(order: Order, record: Record) -> Iterator[tuple[str, Value | None]]:
    same = None if record.currency is None else record.currency == order.currency
    yield "record.same_currency", same
    yield from _clock_facts(order)
    if same is False:
        return  # amounts in two currencies cannot be compared
    amount = record.amount_minor
    if amount is not None:
        yield "record.unit_slip", unit_slip(order.amount_minor, amount)
        yield "record.amount_ratio", order.amount_minor / amount if amount else None
    lines = dict(_line_facts(order.items, record.items)) if order.items and record.items else {}
    yield from lines.items()
    yield "items.mislabelled", _is_mislabelled(order, record, lines.get("items.list_equals_paid"))


def _is_mislabelled(order: Order, record: Record, share: Value | None) -> int | None:
    """Tell (1 or 0, so that windows can average it) whether a paid price was sent as list price."""
    listed, recorded = order.list_amount_minor, record.list_amount_minor
    if listed is None or recorded is None:
        return None if share is None else int(share != 0)
    return int(bool(share) or listed == order.amount_minor < recorded)


def _clock_facts(order: Order) -> Iterator[tuple[str, Value | None]]:
    skew = skew_us(order)
    if skew is not None:
        placed_us = to_us(order.placed_at)
        is_dated = placed_us - skew >= CLOCK_LIMITS.earliest_us
        yield "record.skew_seconds", skew // US_PER_SECOND
        yield "record.zone_slip_hours", zone_slip_hours(skew)
        yield "record.epoch_slip", is_dated and epoch_slip(placed_us) > 1


def _line_facts(
    items: Sequence[Item], recorded: Sequence[RecordItem]
) -> Iterator[tuple[str, Value | None]]:
    if not same_lines(items, recorded):
        pairs = paired(items, recorded)
        yield "record.items.mismatched_lines", mismatched_lines(pairs, items, recorded)
        yield from _label_facts(pairs, items, recorded)
        return
    yield "record.items.mismatched_lines", 0
    if any(item.list_price_minor is not None for item in items):
        yield "items.list_equals_paid", 0.0
        yield "items.paid_equals_list", 0.0


def _label_facts(
    pairs: Iterable[Pair], items: Sequence[Item], recorded: Sequence[RecordItem]
) -> Iterator[tuple[str, Value | None]]:
    """Share out two mistakes: the paid price sent as list price, and the list price as paid."""
    as_list: list[bool] = []
    as_paid: list[bool] = []
    for pair in pairs:
        records = [recorded[number] for number in pair.recorded]
        lists = [r.list_price_minor for r in records if r.list_price_minor is not None]
        units = [r.unit_price_minor for r in records if r.unit_price_minor is not None]
        for item in (items[number] for number in pair.sent):
            listed, same = item.list_price_minor, item.list_price_minor == item.unit_price_minor
            if listed is not None and lists:
                as_list.append(same and min(lists) > listed)
            if listed is not None and units:
                as_paid.append(same and max(units) < item.unit_price_minor)
    yield "items.list_equals_paid", sum(as_list) / len(as_list) if as_list else None
    yield "items.paid_equals_list", sum(as_paid) / len(as_paid) if as_paid else None


def _bounded(residue: int | None) -> int | None:
    return None if residue is None else max(-WIDEST_MINOR, min(WIDEST_MINOR, residue))
