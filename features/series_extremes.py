"""The largest or smallest number of one column of a series, chunk by chunk."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter

from features.live_record import Record
from features.series_parts import CUTS_KEPT, Chunks, Place


class Extremes:
    """The largest number of a column (sign 1), or its smallest (sign -1).

    `_peaks` are the chunks whose top is above all later tops, with it: the first of them from a
    place on holds the answer. They are kept while records come in order, and found anew after any
    other change.
    """

    __slots__ = ("_chunks", "_column", "_cuts", "_peaks", "_sign", "_tops")

    def __init__(self, column: int, sign: int, chunks: Chunks) -> None:
        self._column = column
        self._sign = sign
        self._chunks = chunks
        self._tops: list[int | None] = []
        self._peaks: list[tuple[int, int]] | None = []
        self._cuts: dict[int, list[int | None]] = {}

    def since(self, j: int, k: int) -> int | None:
        """Give the extreme number from a place on."""
        if self._peaks is None:
            self._peaks = self._found_peaks()
        later = bisect_left(self._peaks, j + 1, key=itemgetter(0))
        return self._largest([self._cut(j)[k], *(top for _, top in self._peaks[later:][:1])])

    def since_without(self, j: int, k: int, without: Record, at: Place) -> int | None:
        """Give the extreme number from a place on, but for a record that stands `at` a place."""
        tops = self._tops[j:]
        tops[0] = self._top(self._chunks[j][k:], without)
        tops[at[0] - j] = self._top(self._chunks[at[0]][k if at[0] == j else 0 :], without)
        return self._largest(tops)

    def opened(self) -> None:
        self._tops.append(None)

    def added(self, j: int, _k: int, record: Record) -> None:
        number = record[self._column]
        self._cuts.pop(j, None)
        if number is None:
            return
        top = self._tops[j]
        signed = self._sign * number
        if top is None or signed > top:
            self._tops[j] = signed
            self._raise_peak(j, signed)

    def removed(self, j: int, _k: int, record: Record) -> None:
        number = record[self._column]
        self._cuts.pop(j, None)
        if number is not None and self._sign * number == self._tops[j]:
            self._tops[j] = self._top(self._chunks[j], None)
            self._peaks = None

    def split(self, j: int, _half: int) -> None:
        halves = (self._chunks[j], self._chunks[j + 1])
        self._tops[j : j + 1] = [self._top(half, None) for half in halves]
        self._peaks = None
        self._cuts.clear()

    def dropped(self, j: int) -> None:
        del self._tops[j]
        self._peaks = None
        self._cuts.clear()

    def _largest(self, tops: Sequence[int | None]) -> int | None:
        top = max((top for top in tops if top is not None), default=None)
        return None if top is None else self._sign * top

    def _raise_peak(self, j: int, top: int) -> None:
        peaks = self._peaks
        if peaks is None or j + 1 < len(self._tops):
            self._peaks = None
            return
        while peaks and peaks[-1][1] <= top:
            peaks.pop()
        peaks.append((j, top))

    def _found_peaks(self) -> list[tuple[int, int]]:
        peaks: list[tuple[int, int]] = []
        for j in range(len(self._tops) - 1, -1, -1):
            top = self._tops[j]
            if top is not None and (not peaks or top > peaks[-1][1]):
                peaks.append((j, top))
        peaks.reverse()
        return peaks

    def _cut(self, j: int) -> list[int | None]:
        """Give the tops of a chunk from each of its places on."""
        cut = self._cuts.get(j)
        if cut is None:
            cut, top = [], None
            for record in reversed(self._chunks[j]):
                number = record[self._column]
                if number is not None and (top is None or self._sign * number > top):
                    top = self._sign * number
                cut.append(top)
            cut.reverse()
            if len(self._cuts) >= CUTS_KEPT:
                self._cuts.clear()
            self._cuts[j] = cut
        return cut

    def _top(self, records: Sequence[Record], without: Record | None) -> int | None:
        column = self._column
        numbers = [r[column] for r in records if r[column] is not None and r is not without]
        if not numbers:
            return None
        top: int = max(numbers) if self._sign > 0 else -min(numbers)
        return top
