"""The events of one entity key, kept so that a window is read by bisection, exactly.

Times are microseconds. Events stand sorted by when they happened; running totals make a sum a
difference of two. A read at an instant later than all that was applied takes the fast path;
any other read looks at each event, so that it is exact too.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from features.kinds import Value
from features.windows import FOREVER_US

Key = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One event: when it happened, was known, was replaced; its numbers and its values."""

    order_id: str
    occurred_us: int
    known_us: int
    numbers: tuple[int | None, ...]
    values: tuple[Key | None, ...]
    replaced_us: int = FOREVER_US

    def counts_at(self, as_of_us: int) -> bool:
        """Tell whether a decision at this instant may see the event at all."""
        return max(self.occurred_us, self.known_us) < as_of_us <= self.replaced_us


class Totals:
    """Running totals of one number: sums and how many were present; one entry more than events."""

    __slots__ = ("sizes", "sums")

    def __init__(self) -> None:
        self.sums = array("q", [0])
        self.sizes = array("q", [0])

    def insert(self, place: int, number: int | None) -> None:
        """Add a number before the event at `place`, shifting what follows."""
        amount, present = (0, 0) if number is None else (number, 1)
        self.sums.insert(place + 1, self.sums[place])
        self.sizes.insert(place + 1, self.sizes[place])
        self._shift(place + 1, amount, present)

    def remove(self, place: int) -> None:
        """Take out the number at `place`."""
        number = self.number(place)
        self._shift(place + 1, -(number or 0), -(number is not None))
        del self.sums[place], self.sizes[place]

    def number(self, place: int) -> int | None:
        """Give back the number at `place`, or None if it was missing."""
        if self.sizes[place + 1] == self.sizes[place]:
            return None
        return self.sums[place + 1] - self.sums[place]

    def _shift(self, start: int, amount: int, present: int) -> None:
        for place in range(start, len(self.sums)):
            self.sums[place] += amount
            self.sizes[place] += present


class Latest:
    """When each different value was last seen, so that a suffix's distinct count is a bisection."""

    __slots__ = ("by_value", "times")

    def __init__(self) -> None:
        self.by_value: dict[Key, int] = {}
        self.times = array("q")

    def see(self, value: Key | None, time: int) -> None:
        """Note that a value was seen at a time, in any order."""
        if value is None:
            return
        before = self.by_value.get(value)
        if before is not None:
            if before >= time:
                return
            del self.times[bisect_left(self.times, before)]
        self.by_value[value] = time
        self.times.insert(bisect_right(self.times, time), time)

    def since(self, start: int) -> int:
        """Count the different values seen at or after `start`."""
        return len(self.times) - bisect_left(self.times, start)


class Peaks:
    """The numbers that are larger than all later ones: a suffix's largest is a bisection."""

    __slots__ = ("numbers", "times")

    def __init__(self) -> None:
        self.times = array("q")
        self.numbers = array("q")

    def append(self, time: int, number: int | None) -> None:
        """Add the newest number."""
        if number is None:
            return
        while self.numbers and self.numbers[-1] <= number:
            self.numbers.pop()
            self.times.pop()
        self.times.append(time)
        self.numbers.append(number)

    def since(self, start: int) -> int | None:
        """Give the largest number at or after `start`."""
        place = bisect_left(self.times, start)
        return self.numbers[place] if place < len(self.times) else None


class Series:
    """All events of one entity key that a window can still reach."""

    __slots__ = (
        "ids",
        "known",
        "latest",
        "peaks",
        "pending",
        "replaced",
        "settled_us",
        "times",
        "totals",
        "values",
    )

    def __init__(self, n_numbers: int, n_values: int, peaks: Sequence[tuple[int, int]]) -> None:
        """`peaks` lists (number column, sign): 1 to follow its largest, -1 its smallest."""
        self.times = array("q")
        self.known = array("q")
        self.ids: list[str] = []
        self.totals = [Totals() for _ in range(n_numbers)]
        self.values: list[list[Key | None]] = [[] for _ in range(n_values)]
        self.latest = [Latest() for _ in range(n_values)]
        self.peaks = {peak: Peaks() for peak in peaks}
        self.replaced: list[Event] = []
        self.pending: list[Event] = []
        self.settled_us = -FOREVER_US

    def add(self, event: Event) -> None:
        """Add an event; one that is dated after it was known waits until its time has come."""
        self._promote(event.known_us)
        self.settled_us = max(self.settled_us, event.known_us)
        if event.occurred_us > event.known_us:
            self.pending.append(event)
        else:
            self._insert(event)

    def replace(self, order_id: str, occurred_us: int, replaced_us: int) -> None:
        """End the event of an order; it still counts for decisions up to `replaced_us`."""
        self._promote(replaced_us)
        first, end = bisect_left(self.times, occurred_us), bisect_right(self.times, occurred_us)
        for place in (place for place in range(first, end) if self.ids[place] == order_id):
            self.replaced.append(replace(self.event(place), replaced_us=replaced_us))
            self._remove(place)
            self._rebuild()
            break
        for event in [event for event in self.pending if event.order_id == order_id]:
            self.pending.remove(event)
            self.replaced.append(replace(event, replaced_us=replaced_us))
        self.settled_us = max(self.settled_us, replaced_us)

    def is_settled(self, as_of_us: int) -> bool:
        """Tell whether all events, and only these, count at this instant: the fast path holds."""
        return as_of_us > self.settled_us and not any(
            event.occurred_us < as_of_us for event in self.pending
        )

    def event(self, place: int) -> Event:
        """Put the event at `place` together again."""
        return Event(
            self.ids[place],
            self.times[place],
            self.known[place],
            tuple(totals.number(place) for totals in self.totals),
            tuple(column[place] for column in self.values),
        )

    def events_at(self, as_of_us: int) -> Iterator[Event]:
        """Give every event that counts at this instant, of any age."""
        settled = (self.event(place) for place in range(len(self.times)))
        for events in (settled, self.replaced, self.pending):
            yield from (event for event in events if event.counts_at(as_of_us))

    def forget(self, cutoff_us: int) -> int:
        """Free all events before the cut-off; returns how many."""
        self.replaced = [event for event in self.replaced if event.occurred_us >= cutoff_us]
        old = bisect_left(self.times, cutoff_us)
        if old:
            del self.times[:old], self.known[:old], self.ids[:old]
            for totals in self.totals:
                del totals.sums[:old], totals.sizes[:old]
            for column in self.values:
                del column[:old]
            self._rebuild()
        return old

    def __len__(self) -> int:
        return len(self.times) + len(self.replaced) + len(self.pending)

    def _promote(self, now_us: int) -> None:
        if self.pending:
            due = [event for event in self.pending if event.occurred_us <= now_us]
            self.pending = [event for event in self.pending if event.occurred_us > now_us]
            for event in due:
                self.settled_us = max(self.settled_us, event.occurred_us)
                self._insert(event)

    def _insert(self, event: Event) -> None:
        place = bisect_right(self.times, event.occurred_us)
        newest = place == len(self.times)
        self.times.insert(place, event.occurred_us)
        self.known.insert(place, event.known_us)
        self.ids.insert(place, event.order_id)
        for totals, number in zip(self.totals, event.numbers, strict=True):
            totals.insert(place, number)
        for column, latest, value in zip(self.values, self.latest, event.values, strict=True):
            column.insert(place, value)
            latest.see(value, event.occurred_us)
        if newest:
            for (column_number, sign), peaks in self.peaks.items():
                number = event.numbers[column_number]
                peaks.append(event.occurred_us, None if number is None else sign * number)
        elif self.peaks:
            self._rebuild()

    def _remove(self, place: int) -> None:
        for totals in self.totals:
            totals.remove(place)
        for column in self.values:
            del column[place]
        del self.times[place], self.known[place], self.ids[place]

    def _rebuild(self) -> None:
        """Make the last-seen times and the peaks anew from the events that are left."""
        self.latest = [Latest() for _ in self.values]
        self.peaks = {peak: Peaks() for peak in self.peaks}
        for place, time in enumerate(self.times):
            for latest, column in zip(self.latest, self.values, strict=True):
                latest.see(column[place], time)
            for (column_number, sign), peaks in self.peaks.items():
                number = self.totals[column_number].number(place)
                peaks.append(time, None if number is None else sign * number)
