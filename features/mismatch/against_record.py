"""Where an order differs from the merchant's record, field by field and line by line."""

from collections.abc import Iterable, Iterator
from itertools import islice, product

from features.mismatch.equation import Change
from features.mismatch.findings import RANK, MismatchKind
from features.mismatch.kinds import (
    kind_of_amount,
    kind_of_charge,
    kind_of_list_amount,
    kind_of_list_price,
    kind_of_price,
)
from features.mismatch.line_changes import LINE_FIELDS, Changes, pair_readings
from features.mismatch.lines import paired, same_lines
from features.order import Order, Record

_SCALARS = (
    "amount_minor",
    "list_amount_minor",
    "discount_minor",
    "freight_minor",
    "tax_minor",
)
_MOST_READINGS = 20
"""However many ways there are to read split lines, no more are offered."""


def usable_record(order: Order) -> Record | None:
    """Give the record unless its figures say nothing of this order's.

    That is so in another currency, and after a refund.
    """
    record = order.record
    if record is None or record.state == "refunded":
        return None
    return record if record.currency in (None, order.currency) else None


def confirmed(order: Order, record: Record) -> frozenset[str]:
    """Name the fields that the record states, on every line if of lines; `items`: the lines."""
    scalars = {name for name in _SCALARS if getattr(record, name) is not None}
    if not order.items or not record.items:
        return frozenset(scalars)
    lines = {
        name
        for name in LINE_FIELDS
        if all(getattr(line, name) is not None for line in record.items)
    }
    return frozenset({"items", *scalars, *lines})


def readings_of(order: Order, record: Record) -> tuple[Changes, ...]:
    """Say what the record has otherwise: once, or in the ways that split lines can be read.

    Empty where nothing differs that both sides state.
    """
    scalars = tuple(_scalar_changes(order, record))
    if not order.items or not record.items or same_lines(order.items, record.items):
        return (scalars,) if scalars else ()
    every = [
        readings
        for pair in paired(order.items, record.items)
        if (readings := pair_readings(pair, order.items, record.items))
    ]
    combined = (
        (*scalars, *_in_order_of_patching(change for changes in choice for change in changes))
        for choice in islice(product(*every), _MOST_READINGS)
    )
    return tuple(changes for changes in combined if changes)


def _scalar_changes(order: Order, record: Record) -> Iterator[Change]:
    for name in _SCALARS:
        right = getattr(record, name)
        if right is not None:
            present = getattr(order, name)
            if present is not None and present != right:
                yield Change(f"/{name}", present, right, f"/record/{name}")


def _in_order_of_patching(changes: Iterable[Change]) -> list[Change]:
    """Put removals behind all else but additions, the last line first: pointers stay true."""
    return sorted(changes, key=_patch_step)


def _patch_step(change: Change) -> tuple[int, int]:
    if change.op == "remove":
        return 1, -int(change.pointer.rpartition("/")[2])
    return (2 if change.op == "add" else 0), 0


def kind_of(order: Order, changes: Changes) -> MismatchKind:
    """Name a set of changes after the mistake in it that explains most."""
    if len(changes) > 1 and _exchanges_prices(order, changes):
        return MismatchKind.LABEL_SWAP
    return min((_kind(order, change) for change in changes), key=RANK.__getitem__)


def _exchanges_prices(order: Order, changes: Changes) -> bool:
    proposed = {change.pointer: change.proposed for change in changes}
    return any(
        item.unit_price_minor != item.list_price_minor
        and proposed.get(f"/items/{number}/unit_price_minor") == item.list_price_minor
        and proposed.get(f"/items/{number}/list_price_minor") == item.unit_price_minor
        for number, item in enumerate(order.items)
    )


def _kind(order: Order, change: Change) -> MismatchKind:
    if change.op != "replace":
        return MismatchKind.LINE_MISSING if change.op == "add" else MismatchKind.LINE_EXTRA
    _, *path, name = change.pointer.split("/")
    right = change.proposed if isinstance(change.proposed, int) else 0
    item = order.items[int(path[1])] if path else None
    match name:
        case "quantity":
            kind = MismatchKind.QUANTITY
        case "unit_price_minor" if item is not None:
            kind = kind_of_price(item, right)
        case "list_price_minor" if item is not None:
            kind = kind_of_list_price(item, right)
        case "amount_minor":
            kind = kind_of_amount(order, right)
        case "list_amount_minor":
            kind = kind_of_list_amount(order, right)
        case _:
            kind = kind_of_charge(name, getattr(order, name), right)
    return kind
