"""The lines of an order against the lines of the merchant's record.

Lines belong together by sku where every line on both sides has one. A sku may come more than
once, and be split over lines otherwise than in the record. Without skus as many lines on both
sides belong together by position; otherwise all of them are one heap.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from features.order import Item, RecordItem


@dataclass(slots=True)
class Pair:
    """Lines that belong together, by their numbers in the order and in the record."""

    sent: list[int] = field(default_factory=list)
    recorded: list[int] = field(default_factory=list)

    @property
    def is_single(self) -> bool:
        """Tell whether there is one line on each side, as there nearly always is."""
        return len(self.sent) == len(self.recorded) == 1


class Stated(NamedTuple):
    """Which parts of a pair's lines can be compared: those that every line of it states."""

    quantity: bool
    unit_price: bool
    list_price: bool


class Parts(NamedTuple):
    """What is compared of one line; None where it is not."""

    quantity: int | None
    unit_price_minor: int | None
    list_price_minor: int | None


def same_lines(items: Sequence[Item], recorded: Sequence[RecordItem]) -> bool:
    """Tell the usual case fast: line by line the same sku, quantity and prices."""
    if len(items) != len(recorded):
        return False
    for item, record in zip(items, recorded, strict=True):
        if (
            item.quantity != record.quantity
            or item.unit_price_minor != record.unit_price_minor
            or item.list_price_minor != record.list_price_minor
            or item.sku != record.sku
        ):
            return False
    return True


def paired(items: Sequence[Item], recorded: Sequence[RecordItem]) -> list[Pair]:
    """Put the lines of both sides together, in the order of the order's lines."""
    by_sku = all(item.sku is not None for item in items) and all(
        record.sku is not None for record in recorded
    )
    by_place = not by_sku and len(items) == len(recorded)
    pairs: dict[str | int | None, Pair] = {}
    for number, item in enumerate(items):
        key = item.sku if by_sku else number if by_place else None
        pairs.setdefault(key, Pair()).sent.append(number)
    for number, record in enumerate(recorded):
        key = record.sku if by_sku else number if by_place else None
        pairs.setdefault(key, Pair()).recorded.append(number)
    return list(pairs.values())


def stated(pair: Pair, items: Sequence[Item], recorded: Sequence[RecordItem]) -> Stated:
    """Tell what the record, and for the list price the order too, states on every line."""
    records = [recorded[number] for number in pair.recorded]
    return Stated(
        all(record.quantity is not None for record in records),
        all(record.unit_price_minor is not None for record in records),
        all(record.list_price_minor is not None for record in records)
        and all(items[number].list_price_minor is not None for number in pair.sent),
    )


def parts(line: Item | RecordItem, known: Stated) -> Parts:
    """Take what can be compared of a line."""
    return Parts(
        line.quantity if known.quantity else None,
        line.unit_price_minor if known.unit_price else None,
        line.list_price_minor if known.list_price else None,
    )


def excess(sent: Sequence[Parts], recorded: Sequence[Parts]) -> Counter[tuple[int | None, ...]]:
    """Count the pieces at each price: what the order has more of than the record, or less (< 0)."""
    pieces: Counter[tuple[int | None, ...]] = Counter()
    for line in sent:
        pieces[line[1:]] += 1 if line.quantity is None else line.quantity
    for line in recorded:
        pieces[line[1:]] -= 1 if line.quantity is None else line.quantity
    return pieces


def is_equal(item: Item, record: RecordItem) -> bool:
    """Compare two lines in all that both state."""
    listed = item.list_price_minor
    return (
        record.quantity in (None, item.quantity)
        and record.unit_price_minor in (None, item.unit_price_minor)
        and (listed is None or record.list_price_minor in (None, listed))
    )


def mismatched_lines(
    pairs: Iterable[Pair], items: Sequence[Item], recorded: Sequence[RecordItem]
) -> int:
    """Count the lines that would have to change, go or come for the order to equal the record.

    Lines of one sku at one price count as one, however they are split.
    """
    count = 0
    for pair in pairs:
        if pair.is_single:
            count += not is_equal(items[pair.sent[0]], recorded[pair.recorded[0]])
            continue
        known = stated(pair, items, recorded)
        pieces = excess(
            [parts(items[number], known) for number in pair.sent],
            [parts(recorded[number], known) for number in pair.recorded],
        ).values()
        count += max(sum(n > 0 for n in pieces), sum(n < 0 for n in pieces))
    return count
