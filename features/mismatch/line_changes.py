"""How lines that belong together would have to change to equal the record's."""

from collections.abc import Iterator, Sequence
from itertools import product

from features.mismatch.equation import Change
from features.mismatch.lines import Pair, Parts, excess, is_equal, parts, stated
from features.order import Item, RecordItem

LINE_FIELDS = ("quantity", "unit_price_minor", "list_price_minor")
_MOST_CLOSELY_MATCHED = 30
"""More differing lines of one sku are matched in their order, not by likeness."""

Changes = tuple[Change, ...]


def pair_readings(
    pair: Pair, items: Sequence[Item], recorded: Sequence[RecordItem]
) -> tuple[Changes, ...]:
    """Give the ways to make lines that belong together equal to the record's."""
    if pair.is_single:
        changes = _line_changes(items, pair.sent[0], recorded, pair.recorded[0])
        return (changes,) if changes else ()
    known = stated(pair, items, recorded)
    sent = {number: parts(items[number], known) for number in pair.sent}
    wanted = {number: parts(recorded[number], known) for number in pair.recorded}
    pieces = excess(list(sent.values()), list(wanted.values()))
    if not any(pieces.values()):
        return ()
    _cancel_equal(sent, wanted)
    prices = {line[1:] for line in (*sent.values(), *wanted.values())}
    is_split = len(prices) == 1 and 0 < len(sent) != len(wanted) > 0
    if known.quantity and is_split:
        readings = tuple(_quantity_readings(sent, sum(pieces.values())))
        if readings:
            return readings
    return (tuple(_changes(sent, wanted, items, recorded)),)


def _cancel_equal(sent: dict[int, Parts], wanted: dict[int, Parts]) -> None:
    """Leave out equal lines: those at the same place first, so that repeated lines stay apart."""
    for number, other in zip(list(sent), list(wanted), strict=False):
        if sent[number] == wanted[other]:
            del sent[number], wanted[other]
    numbers: dict[Parts, list[int]] = {}
    for other, record in wanted.items():
        numbers.setdefault(record, []).append(other)
    for number, line in list(sent.items()):
        if equal := numbers.get(line):
            del sent[number], wanted[equal.pop(0)]


def _quantity_readings(sent: dict[int, Parts], excess_pieces: int) -> Iterator[Changes]:
    """Suppose that lines at one price are split otherwise, and one quantity is wrong."""
    for number, line in sent.items():
        right = (line.quantity or 0) - excess_pieces
        if right >= 1:
            yield (Change(f"/items/{number}/quantity", line.quantity, right),)


def _changes(
    sent: dict[int, Parts],
    wanted: dict[int, Parts],
    items: Sequence[Item],
    recorded: Sequence[RecordItem],
) -> Iterator[Change]:
    while sent and wanted:
        number, other = _likest(sent, wanted)
        del sent[number], wanted[other]
        yield from _line_changes(items, number, recorded, other)
    for number in sent:
        yield Change(f"/items/{number}", items[number], None, op="remove")
    for other in wanted:
        lacking = _line_of(recorded[other])
        if lacking is not None:
            yield Change("/items/-", None, lacking, f"/record/items/{other}", "add")


def _line_changes(
    items: Sequence[Item], number: int, recorded: Sequence[RecordItem], other: int
) -> Changes:
    item, record = items[number], recorded[other]
    if is_equal(item, record):
        return ()
    return tuple(
        Change(f"/items/{number}/{name}", present, right, f"/record/items/{other}/{name}")
        for name in LINE_FIELDS
        if (right := getattr(record, name)) is not None
        and (present := getattr(item, name)) not in (None, right)
    )


def _likest(sent: dict[int, Parts], wanted: dict[int, Parts]) -> tuple[int, int]:
    """Choose the two lines that agree in most parts, the first of equals."""
    first = next(iter(sent)), next(iter(wanted))
    if len(sent) == len(wanted) == 1 or len(sent) + len(wanted) > _MOST_CLOSELY_MATCHED:
        return first
    both = product(sent, wanted)
    return max(both, key=lambda two: _agreement(sent[two[0]], wanted[two[1]]))


def _agreement(line: Parts, record: Parts) -> int:
    return sum(mine == theirs for mine, theirs in zip(line, record, strict=True))


def _line_of(record: RecordItem) -> Item | None:
    if record.unit_price_minor is None or record.quantity is None:
        return None
    return Item(
        quantity=record.quantity,
        unit_price_minor=record.unit_price_minor,
        list_price_minor=record.list_price_minor,
        sku=record.sku,
    )
