"""When the windows of an order will change by themselves, as the live state sees it.

An event happened at `e` counts for a decision at `t` if `t - width <= e < t`: it enters a window
at `e + 1` and leaves it at `e + width + 1`. Nothing is known here of what is yet to arrive.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from features.live_record import OCCURRED, Record
from features.series import Series

MOST_CHANGES = 64
"""Instants that are given at a time; of more, an even choice with the first and the last."""


class Changes(NamedTuple):
    """Instants in ascending order; `is_whole` when none was left out. The first always is there."""

    instants: tuple[int, ...]
    is_whole: bool


def changes_of(
    rows: "Record | list[Record] | Series | None",
    widths_us: Iterable[int],
    span: tuple[int, int],
    without: Record | None,
) -> list[Changes]:
    """Give for each width when records enter or leave in `(after, until]`, and which enter."""
    after_us, until_us = span
    ranks = _ranks(rows)
    shifts = {0, *widths_us}
    found = []
    for shift_us in shifts:
        chosen = ranks.chosen(after_us - shift_us, until_us - shift_us, without)
        found.append(Changes(tuple(us + shift_us + 1 for us in chosen.instants), chosen.is_whole))
    return found


def merged(parts: Iterable[Changes]) -> Changes:
    """Put changes together, and thin them where they are too many."""
    several = list(parts)
    instants = sorted({us for part in several for us in part.instants})
    is_whole = all(part.is_whole for part in several) and len(instants) <= MOST_CHANGES
    return Changes(tuple(instants[at] for at in _even(len(instants))), is_whole)


class _Ranks:
    """Records in order of time, to be reached by their rank, which need not begin at 0."""

    def __init__(self, chunks: Sequence[Sequence[Record]], starts: Sequence[int]) -> None:
        self._chunks, self._starts = chunks, starts
        self._heads = [chunk[0][OCCURRED] for chunk in chunks]

    def chosen(self, first_us: int, last_us: int, without: Record | None) -> Changes:
        """Choose when records of `[first_us, last_us)` happened."""
        low, high = self._from(first_us), self._from(last_us)
        picks = (self._at(low + rank, high, without) for rank in _even(high - low))
        instants = sorted({us for us in picks if us is not None})
        return Changes(tuple(instants), high - low <= MOST_CHANGES)

    def _from(self, us: int) -> int:
        j = bisect_left(self._heads, us)
        if j == 0:
            return self._starts[0] if self._starts else 0
        return self._starts[j - 1] + bisect_left(self._chunks[j - 1], (us,))

    def _at(self, rank: int, end: int, without: Record | None) -> int | None:
        record = self._record(rank)
        if record is without:
            record = self._record(rank + 1) if rank + 1 < end else None
        return None if record is None else int(record[OCCURRED])

    def _record(self, rank: int) -> Record | None:
        j = bisect_right(self._starts, rank) - 1
        return self._chunks[j][rank - self._starts[j]]


def _ranks(rows: "Record | list[Record] | Series | None") -> _Ranks:
    if rows is None or not len(rows):
        return _Ranks((), ())
    if isinstance(rows, Series):
        chunks = [*rows.chunks, *([rows.pending] if rows.pending else ())]
        return _Ranks(chunks, [*rows.starts[: len(rows.chunks)], rows.size])
    return _Ranks(([rows] if isinstance(rows, tuple) else rows,), (0,))


def _even(size: int) -> Sequence[int]:
    """Choose at most MOST_CHANGES of so many places: the first, the last and evenly between."""
    if size <= MOST_CHANGES:
        return range(size)
    return sorted({place * (size - 1) // (MOST_CHANGES - 1) for place in range(MOST_CHANGES)})
