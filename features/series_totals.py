"""Totals of one column of a series, chunk by chunk."""

from itertools import accumulate

from features.live_record import Record
from features.series_parts import CUTS_KEPT, Chunks


class Totals:
    """Sums of one column, and how many records state it."""

    __slots__ = ("_chunks", "_column", "_cuts", "_size", "_sizes", "_sum", "_sums")

    def __init__(self, column: int, chunks: Chunks) -> None:
        self._column = column
        self._chunks = chunks
        self._sum = self._size = 0
        self._sums: list[int] = []
        self._sizes: list[int] = []
        self._cuts: dict[int, tuple[list[int], list[int]]] = {}

    def since(self, j: int, k: int) -> tuple[int, int]:
        """Give sum and size from a place on."""
        sums, sizes = self._cut(j)
        return self._sum - self._sums[j] - sums[k], self._size - self._sizes[j] - sizes[k]

    def opened(self) -> None:
        self._sums.append(self._sum)
        self._sizes.append(self._size)

    def added(self, j: int, k: int, record: Record) -> None:
        number = record[self._column]
        amount, present = (0, 0) if number is None else (number, 1)
        cut = self._cuts.get(j)
        if cut is not None:
            if k + 1 == len(self._chunks[j]) == len(cut[0]):
                cut[0].append(cut[0][-1] + amount)
                cut[1].append(cut[1][-1] + present)
            else:
                del self._cuts[j]
        self._add(j, amount, present)

    def removed(self, j: int, _k: int, record: Record) -> None:
        self._cuts.pop(j, None)
        number = record[self._column]
        if number is not None:
            self._add(j, -number, -1)

    def split(self, j: int, _half: int) -> None:
        left = [r[self._column] for r in self._chunks[j] if r[self._column] is not None]
        self._sums.insert(j + 1, self._sums[j] + sum(left))
        self._sizes.insert(j + 1, self._sizes[j] + len(left))
        self._cuts.clear()

    def dropped(self, j: int) -> None:
        del self._sums[j], self._sizes[j]
        self._cuts.clear()

    def _add(self, j: int, amount: int, present: int) -> None:
        self._sum += amount
        self._size += present
        if j + 1 < len(self._sums) and present:
            self._sums[j + 1 :] = [total + amount for total in self._sums[j + 1 :]]
            self._sizes[j + 1 :] = [size + present for size in self._sizes[j + 1 :]]

    def _cut(self, j: int) -> tuple[list[int], list[int]]:
        cut = self._cuts.get(j)
        if cut is None:
            numbers = [record[self._column] for record in self._chunks[j]]
            cut = (
                list(accumulate((number or 0 for number in numbers), initial=0)),
                list(accumulate((number is not None for number in numbers), initial=0)),
            )
            if len(self._cuts) >= CUTS_KEPT:
                self._cuts.clear()
            self._cuts[j] = cut
        return cut
