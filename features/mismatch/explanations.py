"""All single mistakes that would explain the residues of an order's sums."""

from collections.abc import Iterator
from typing import NamedTuple

from features.amounts import (
    SLIP,
    expected_total_minor,
    items_residue_minor,
    list_residue_minor,
    rounding_minor,
    unit_slip,
)
from features.mismatch.equation import Change
from features.mismatch.findings import MismatchKind
from features.mismatch.kinds import (
    kind_of_amount,
    kind_of_charge,
    kind_of_list_amount,
    kind_of_list_price,
    kind_of_price,
)
from features.order import MAX_MINOR, Item, Order

MAX_COUNT = 1_000_000
"""Largest quantity that is read."""
NO_PINS: frozenset[str] = frozenset()
"""Pins are the names of fields that the record confirms; `items` pins which lines there are."""


class Explanation(NamedTuple):
    """One mistake: its kind, and the fields that are wrong with what would be right."""

    kind: MismatchKind
    changes: tuple[Change, ...]


class Residues(NamedTuple):
    """What is to be explained; `listed` is None where list prices cannot be added up."""

    paid: int
    listed: int | None


def residues(order: Order) -> Residues | None:
    """Compute both residues; None without lines, when there is nothing to add up."""
    paid = items_residue_minor(order)
    return None if paid is None else Residues(paid, list_residue_minor(order))


def explain(order: Order, left: Residues, pins: frozenset[str]) -> Iterator[Explanation]:
    """Yield every mistake in one field, line or label that would leave no residue.

    Time grows with the number of lines. Mistakes in pinned fields are left out.
    """
    if left.paid and not left.listed:
        yield from _charges(order, left.paid, pins)
        yield from _prices(order, left.paid, pins)
        yield from _all_prices(order, pins)
    if left.listed and not left.paid:
        yield from _lists(order, left.listed, pins)
    if left.listed and left.paid:
        yield from _both_totals(order, left.paid, left.listed, pins)
    yield from _lines(order, left, pins)


def _charges(order: Order, paid: int, pins: frozenset[str]) -> Iterator[Explanation]:
    amount = order.amount_minor + paid
    if "amount_minor" not in pins and amount <= MAX_MINOR and amount >= 0:
        yield _scalar(order, "amount_minor", amount, kind_of_amount(order, amount))
    is_rounding = abs(paid) < rounding_minor(order.items)
    for name, sign in (("discount_minor", 1), ("freight_minor", -1), ("tax_minor", -1)):
        present = getattr(order, name)
        right = present + sign * paid
        if name in pins or not 0 <= right <= MAX_MINOR:
            continue
        kind = kind_of_charge(name, present, right)
        if is_rounding and name == "discount_minor":
            kind = MismatchKind.ROUNDING
        yield _scalar(order, name, right, kind)


def _prices(order: Order, paid: int, pins: frozenset[str]) -> Iterator[Explanation]:
    if "unit_price_minor" in pins:
        return
    for number, item in enumerate(order.items):
        off, rest = divmod(paid, item.quantity)
        right = item.unit_price_minor - off
        if not rest and 0 <= right <= MAX_MINOR:
            change = _of_line(number, "unit_price_minor", item.unit_price_minor, right)
            yield Explanation(kind_of_price(item, right), (change,))


def _all_prices(order: Order, pins: frozenset[str]) -> Iterator[Explanation]:
    """Suppose that the amount is right and every other part is in the wrong unit."""
    expected = expected_total_minor(order) or 0
    if "unit_price_minor" in pins or not unit_slip(order.amount_minor, expected):
        return
    parts = [
        *(
            (f"/items/{number}/unit_price_minor", item.unit_price_minor)
            for number, item in enumerate(order.items)
        ),
        ("/discount_minor", order.discount_minor),
        ("/freight_minor", order.freight_minor),
        ("/tax_minor", order.tax_minor),
    ]
    if order.amount_minor == SLIP * expected:
        scaled = [(pointer, value, SLIP * value) for pointer, value in parts if value]
    elif SLIP * order.amount_minor == expected and not any(value % SLIP for _, value in parts):
        scaled = [(pointer, value, value // SLIP) for pointer, value in parts if value]
    else:
        return
    if all(right <= MAX_MINOR for _, _, right in scaled):
        yield Explanation(MismatchKind.UNIT, tuple(Change(*part) for part in scaled))


def _lists(order: Order, listed: int, pins: frozenset[str]) -> Iterator[Explanation]:
    total = (order.list_amount_minor or 0) + listed
    if "list_amount_minor" not in pins and total <= MAX_MINOR:
        yield _scalar(order, "list_amount_minor", total, kind_of_list_amount(order, total))
    if "list_price_minor" in pins:
        return
    for number, item in enumerate(order.items):
        off, rest = divmod(listed, item.quantity)
        right = (item.list_price_minor or 0) - off
        if not rest and 0 <= right <= MAX_MINOR:
            change = _of_line(number, "list_price_minor", item.list_price_minor, right)
            yield Explanation(kind_of_list_price(item, right), (change,))


def _both_totals(
    order: Order, paid: int, listed: int, pins: frozenset[str]
) -> Iterator[Explanation]:
    amount, total = order.amount_minor + paid, (order.list_amount_minor or 0) + listed
    slip = unit_slip(order.amount_minor, amount)
    is_free = not pins & {"amount_minor", "list_amount_minor"}
    is_slip = slip != 0 and slip == unit_slip(order.list_amount_minor or 0, total)
    if is_free and is_slip and max(amount, total) <= MAX_MINOR:
        changes = (
            Change("/amount_minor", order.amount_minor, amount),
            Change("/list_amount_minor", order.list_amount_minor, total),
        )
        yield Explanation(MismatchKind.UNIT, changes)


def _lines(order: Order, left: Residues, pins: frozenset[str]) -> Iterator[Explanation]:
    """Suppose a mistake that touches both sums: a quantity, two prices exchanged, a line."""
    for number, item in enumerate(order.items):
        if "quantity" not in pins:
            yield from _quantity(number, item, left)
        if not pins & {"unit_price_minor", "list_price_minor"}:
            yield from _swapped(number, item, left)
        if "items" not in pins and len(order.items) > 1 and _is_extra(item, left):
            change = Change(f"/items/{number}", item, None, op="remove")
            yield Explanation(MismatchKind.LINE_EXTRA, (change,))
    if "items" not in pins:
        yield from _missing_line(left)


def _quantity(number: int, item: Item, left: Residues) -> Iterator[Explanation]:
    unit, listed = item.unit_price_minor, item.list_price_minor
    residue, price = (left.paid, unit) if left.paid else (left.listed or 0, listed or 0)
    if not price:
        return
    off, rest = divmod(residue, price)
    right = item.quantity - off
    fits = off * unit == left.paid and (left.listed is None or off * (listed or 0) == left.listed)
    if fits and not rest and off and 1 <= right <= MAX_COUNT:
        change = _of_line(number, "quantity", item.quantity, right)
        yield Explanation(MismatchKind.QUANTITY, (change,))


def _swapped(number: int, item: Item, left: Residues) -> Iterator[Explanation]:
    unit, listed = item.unit_price_minor, item.list_price_minor
    if listed is None or unit <= listed:
        return
    off = item.quantity * (unit - listed)
    if off == left.paid and left.listed in (None, -off):
        changes = (
            _of_line(number, "unit_price_minor", unit, listed),
            _of_line(number, "list_price_minor", listed, unit),
        )
        yield Explanation(MismatchKind.LABEL_SWAP, changes)


def _is_extra(item: Item, left: Residues) -> bool:
    listed = item.list_price_minor
    return item.quantity * item.unit_price_minor == left.paid and (
        left.listed is None or listed is None or item.quantity * listed == left.listed
    )


def _missing_line(left: Residues) -> Iterator[Explanation]:
    """Suppose that one line was left out; without a record its sku is not known."""
    listed = left.listed or 0
    if left.paid > 0 or listed > 0 or max(-left.paid, -listed) > MAX_MINOR:
        return
    line = Item(
        quantity=1, unit_price_minor=-left.paid, list_price_minor=-listed if listed else None
    )
    yield Explanation(MismatchKind.LINE_MISSING, (Change("/items/-", None, line, op="add"),))


def _scalar(order: Order, name: str, right: int, kind: MismatchKind) -> Explanation:
    return Explanation(kind, (Change(f"/{name}", getattr(order, name), right),))


def _of_line(number: int, name: str, present: int | None, right: int) -> Change:
    return Change(f"/items/{number}/{name}", present, right)
