"""What a series tells the parts that it keeps ready, and the simplest of them: who states what."""

from typing import Any, Protocol

from features.live_record import Columns, Record

Chunks = list[list[Record]]
Place = tuple[int, int]
"""A chunk's number, and a place in it."""

CUTS_KEPT = 16
"""Chunks of which a part keeps what it holds from each place on: those that windows' edges cut."""


class Part(Protocol):
    """What a series tells its parts of each change, after its chunks have changed."""

    def opened(self) -> None:
        """Say that an empty chunk was put at the end."""

    def added(self, j: int, k: int, record: Record, /) -> None:
        """Say that a record now stands at place k of chunk j."""

    def removed(self, j: int, k: int, record: Record, /) -> None:
        """Say that a record no longer stands at place k of chunk j."""

    def split(self, j: int, half: int, /) -> None:
        """Say that what stood from place `half` of chunk j on is now chunk j + 1."""

    def dropped(self, j: int, /) -> None:
        """Say that chunk j is gone."""


class Stated:
    """How many records of each chunk state all of some columns."""

    __slots__ = ("_chunks", "_of", "counts")

    def __init__(self, of: Columns, chunks: Chunks) -> None:
        self._of = of
        self._chunks = chunks
        self.counts: list[int] = []

    def opened(self) -> None:
        self.counts.append(0)

    def added(self, j: int, _k: int, record: Record) -> None:
        self.counts[j] += value_of(record, self._of) is not None

    def removed(self, j: int, _k: int, record: Record) -> None:
        self.counts[j] -= value_of(record, self._of) is not None

    def split(self, j: int, _half: int) -> None:
        right = sum(value_of(r, self._of) is not None for r in self._chunks[j + 1])
        self.counts[j : j + 1] = [self.counts[j] - right, right]

    def dropped(self, j: int) -> None:
        del self.counts[j]


def value_of(record: Record, of: Columns) -> Any:
    """Give what a record states at columns: one value, or all of several, or None."""
    if len(of) == 1:
        return record[of[0]]
    values = tuple(record[column] for column in of)
    return None if None in values else values
