"""How many different values a series states from a place on."""

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Any

from features.live_record import OCCURRED, Columns, Record
from features.series_parts import Chunks, Place, value_of


class Sightings:
    """Where each value was seen last, so that different values are counted from a place on.

    Of each value, the records that state it stand in order; only the last one carries a flag.
    """

    __slots__ = ("_by_value", "_chunks", "_counts", "_flags", "_locate", "_of")

    def __init__(
        self, of: Columns, chunks: Chunks, locate: Callable[[Record], Place | None]
    ) -> None:
        self._of = of
        self._chunks = chunks
        self._locate = locate
        self._by_value: dict[Any, Record | list[Record]] = {}
        self._flags: list[bytearray] = []
        self._counts: list[int] = []

    def since(self, j: int, k: int) -> int:
        """Count the different values from a place on."""
        return self._flags[j].count(1, k) + sum(self._counts[j + 1 :])

    def is_alone(self, record: Record, start_us: int) -> bool:
        """Tell whether no other record from `start_us` on states the value that this one states.

        The record itself happened at `start_us` or later.
        """
        value = value_of(record, self._of)
        if value is None:
            return False
        seen = self._by_value[value]
        if not isinstance(seen, list) or len(seen) == 1:
            return True
        return bool(seen[-2][OCCURRED] < start_us)

    def opened(self) -> None:
        self._flags.append(bytearray())
        self._counts.append(0)

    def added(self, j: int, k: int, record: Record) -> None:
        self._flags[j].insert(k, 0)
        value = value_of(record, self._of)
        if value is None:
            return
        seen = self._by_value.get(value)
        if seen is None:
            self._by_value[value] = record
            self._flag(j, k)
            return
        if not isinstance(seen, list):
            seen = self._by_value[value] = [seen]
        last = seen[-1]
        insort(seen, record)
        if record > last:
            self._unflag(last)
            self._flag(j, k)

    def removed(self, j: int, k: int, record: Record) -> None:
        flag = self._flags[j].pop(k)
        self._counts[j] -= flag
        value = value_of(record, self._of)
        if value is None:
            return
        seen = self._by_value[value]
        if not isinstance(seen, list) or len(seen) == 1:
            del self._by_value[value]
            return
        del seen[bisect_left(seen, record)]
        if flag:
            self._flag_again(value, seen[-1])

    def split(self, j: int, half: int) -> None:
        flags = self._flags[j]
        halves = [flags[:half], flags[half:]]
        self._flags[j : j + 1] = halves
        self._counts[j : j + 1] = [half.count(1) for half in halves]

    def dropped(self, j: int) -> None:
        del self._flags[j], self._counts[j]

    def forget_first(self) -> None:
        """Forget the values that only the first chunk, about to be dropped, has seen."""
        last = self._chunks[0][-1]
        for record, flag in zip(self._chunks[0], self._flags[0], strict=True):
            value = value_of(record, self._of)
            if value is None:
                continue
            if flag:
                del self._by_value[value]
            else:
                self._trim(value, last)

    def _trim(self, value: Any, last: Record) -> None:
        """Cut off what was forgotten once it is half of what is kept: then each cut is paid for."""
        seen = self._by_value.get(value)
        if isinstance(seen, list):
            gone = bisect_left(seen, last)
            if 2 * gone >= len(seen):
                del seen[:gone]

    def _flag(self, j: int, k: int) -> None:
        self._flags[j][k] = 1
        self._counts[j] += 1

    def _unflag(self, record: Record) -> None:
        place = self._locate(record)
        if place is not None:
            j, k = place
            self._flags[j][k] = 0
            self._counts[j] -= 1

    def _flag_again(self, value: Any, record: Record) -> None:
        place = self._locate(record)
        if place is None:  # forgotten with its chunk, and only kept until the next cut
            del self._by_value[value]
        else:
            self._flag(*place)
