"""Events of the live links: filed under what they are linked by, freed when no read can see them.

Instants are microseconds. Freeing costs a bounded time for each event that is added.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterator

from features.windows import FOREVER_US

_GONE = -FOREVER_US


class Sighting:
    """One version of one order; `places` are the timelines that it is filed in, by column."""

    __slots__ = ("known_us", "occurred_us", "order_id", "places", "replaced_us")

    def __init__(
        self, order_id: str, occurred_us: int, known_us: int, places: tuple["Timeline | None", ...]
    ) -> None:
        self.order_id = order_id
        self.occurred_us = occurred_us
        self.known_us = known_us
        self.replaced_us = FOREVER_US
        self.places = places
        for place in places:
            if place is not None:
                place.file(self)


class Timeline:
    """The events of one key, by when they happened, then by when they were known."""

    __slots__ = ("_events", "_gone")

    def __init__(self) -> None:
        self._events: list[Sighting] = []
        self._gone = 0

    def __len__(self) -> int:
        return len(self._events) - self._gone

    def file(self, event: Sighting) -> None:
        """Add an event in its place."""
        events = self._events
        if not events or events[-1].occurred_us < event.occurred_us:
            events.append(event)
        else:
            insort(events, event, key=_age)

    def drop(self) -> None:
        """Note that one event is gone; once most of them are, their places are freed."""
        self._gone += 1
        if 2 * self._gone > len(self._events):
            self._events = [event for event in self._events if event.replaced_us != _GONE]
            self._gone = 0

    def newest(self, as_of_us: int, start_us: int, own_id: str, limit: int) -> list[Sighting]:
        """Give the newest events that count at an instant, the newest first.

        Events of the order `own_id` never count for it.
        """
        found: list[Sighting] = []
        for event in reversed(self._events):
            if event.occurred_us < start_us:
                break
            if (
                event.occurred_us < as_of_us
                and event.known_us < as_of_us <= event.replaced_us
                and event.order_id != own_id
            ):
                found.append(event)
                if len(found) == limit:
                    break
        return found


class Sightings:
    """The events of one state, in the order in which they can be freed."""

    def __init__(self, widest_us: int) -> None:
        self._widest_us = widest_us
        self._latest: dict[str, Sighting] = {}
        self._ageing: deque[Sighting] = deque()
        self._replaced: deque[Sighting] = deque()

    def __len__(self) -> int:
        """Count the events that are held, and the notes of them."""
        return len(self._latest) + len(self._ageing) + len(self._replaced)

    def end(self, order_id: str, replaced_us: int) -> None:
        """End the earlier self of an order; it still counts for decisions up to then."""
        earlier = self._latest.pop(order_id, None)
        if earlier is not None:
            earlier.replaced_us = replaced_us
            self._replaced.append(earlier)

    def add(self, event: Sighting) -> None:
        """Note the newest version of an order."""
        self._latest[event.order_id] = event
        self._ageing.append(event)

    def free(self, edge_us: int, looks: int) -> Iterator[Sighting]:
        """Give the events that no read from `edge_us` on can see, of a bounded number of them."""
        for _ in range(min(looks, len(self._replaced))):
            if self._replaced[0].replaced_us >= edge_us:
                break
            yield from self._freed(self._replaced.popleft())
        cutoff = edge_us - self._widest_us
        for _ in range(min(looks, len(self._ageing))):
            event = self._ageing[0]
            if event.known_us >= cutoff:
                break
            self._ageing.popleft()
            if event.occurred_us < cutoff:
                yield from self._freed(event)
            else:
                # It is dated after it was known, so it waits for another turn.
                self._ageing.append(event)

    def _freed(self, event: Sighting) -> Iterator[Sighting]:
        if event.replaced_us == _GONE:
            return
        event.replaced_us = _GONE
        if self._latest.get(event.order_id) is event:
            del self._latest[event.order_id]
        for place in event.places:
            if place is not None:
                place.drop()
        yield event


def _age(event: Sighting) -> tuple[int, int]:
    return event.occurred_us, event.known_us
