"""Rows: orders with all that belongs to them, that can be taken apart and put together."""

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np

from training.simulate.baskets import Baskets, Lines
from training.simulate.chance import Flags, Ints
from training.simulate.faults import Sent
from training.simulate.stream import Stream

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rows:
    """One row per order, in order of time."""

    stream: Stream
    channel: Ints
    baskets: Baskets
    sent: Sent
    parent: Ints
    """Key of the order of the same slice that this one follows or gives money back for; or -1."""
    follows: Ints
    """The number of that order once it is known; or -1."""
    settled: Ints
    """The cause that was found for an order which others follow by now; or -1."""
    heard_us: Ints
    """When such an order was answered first; or -1."""

    def __len__(self) -> int:
        return len(self.stream)

    @classmethod
    def fresh(cls, stream: Stream, channel: Ints, baskets: Baskets, sent: Sent) -> "Rows":
        """Begin with orders that follow no other."""
        nothing = np.full(len(stream), -1, dtype=np.int64)
        return cls(stream, channel, baskets, sent, *(nothing.copy() for _ in range(4)))

    def take(self, rows: Ints | Flags) -> "Rows":
        """Take some rows, in the order given."""
        return put_together([self], np.arange(len(self))[rows])

    def following(self, numbers: Ints) -> "Rows":
        """Name the orders that these follow by number, as their slice is over."""
        return replace(self, follows=numbers, parent=np.full(len(self), -1, dtype=np.int64))

    def split(self, at_us: int) -> tuple["Rows", "Rows"]:
        """Cut in two: before an instant, and from it on."""
        place = int(np.searchsorted(self.stream.placed_us, at_us))
        return self.take(np.arange(place)), self.take(np.arange(place, len(self)))

    @classmethod
    def joined(cls, parts: "list[Rows]") -> "Rows":
        """Put rows together in order of time; of equal instants the earlier part comes first."""
        placed = np.concatenate([part.stream.placed_us for part in parts])
        return put_together(parts, np.argsort(placed, kind="stable"))


def put_together(parts: list[Rows], order: Ints) -> Rows:
    """Put rows together, those that `order` names of all of them one after another."""
    line_rows, line_order = _lines_in(parts, order)
    units = np.concatenate([part.sent.unit_minor for part in parts])[line_rows]
    lines = gathered([part.baskets.lines for part in parts], line_rows)
    whole = {
        field.name: gathered([getattr(part, field.name) for part in parts], order)
        for field in fields(Rows)
        if field.name not in ("baskets", "sent")
    }
    return Rows(
        **whole,
        baskets=_without_lines([p.baskets for p in parts], order, replace(lines, order=line_order)),
        sent=_sent([part.sent for part in parts], order, units),
    )


def gathered(parts: list[T], order: Ints) -> T:
    """Take rows out of several arrays, or dataclasses of arrays, put one after another."""
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)[order]  # type: ignore[arg-type,return-value]  # all are arrays
    made: Any = type(parts[0])
    return made(  # type: ignore[no-any-return]  # of the parts' own type
        **{
            field.name: gathered([getattr(part, field.name) for part in parts], order)
            for field in fields(made)
        }
    )


def _lines_in(parts: list[Rows], order: Ints) -> tuple[Ints, Ints]:
    """Find the lines of the rows in `order`, and the new row of each."""
    sizes = [len(part) for part in parts]
    offsets = np.cumsum([0, *sizes[:-1]])
    owner = np.concatenate(
        [part.baskets.lines.order + offset for part, offset in zip(parts, offsets, strict=True)]
    )
    counts = np.bincount(owner, minlength=sum(sizes))
    first = np.cumsum(counts) - counts
    wanted = counts[order]
    new_row = np.repeat(np.arange(len(order)), wanted)
    within = np.arange(len(new_row)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    return first[order][new_row] + within, new_row


def _without_lines(parts: list[Baskets], order: Ints, lines: Lines) -> Baskets:
    columns = [field.name for field in fields(Baskets) if field.name != "lines"]
    return Baskets(
        lines, **{name: gathered([getattr(p, name) for p in parts], order) for name in columns}
    )


def _sent(parts: list[Sent], order: Ints, units: Ints) -> Sent:
    columns = [field.name for field in fields(Sent) if field.name != "unit_minor"]
    return Sent(
        unit_minor=units,
        **{name: gathered([getattr(p, name) for p in parts], order) for name in columns},
    )
