"""Measures over the newest events of each window: a timeline of what happened, newest last.

`features.rescan` defines each measure. All of it is one file: a compiled function is kept by the
file that it stands in, and would not notice a change of what it calls in another.
"""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numba import njit

from features.kernel.events import Bytes, Events, Floats, Int32s, Int64s, Queries

US_PER_SECOND = 1e6
ENTROPY_SCALE = 2.0**32


class Kind(IntEnum):
    """Which measure a sweep computes."""

    LAST = 0
    FIRST = 1
    MEDIAN = 2
    ENTROPY = 3
    REPEATED = 4
    SAME = 5
    CHANGE = 6
    RADIUS = 7
    DISTANCE = 8
    USUAL = 9


class Stated(NamedTuple):
    """What the events say: instants and, of those that say something, values (columns, events).

    `rows` tells which of two events of one instant arrived last. `mine` (columns, queries) are
    the same values of what asks, and `asked` whether it states them. The first column is the
    number (MEDIAN) or the dense code of the value; of places three coordinates follow.
    """

    occurred: Int64s
    rows: Int64s
    stated: Bytes
    values: Int64s
    mine: Int64s
    asked: Bytes


class Newest(NamedTuple):
    """Which measure, of how many events at most.

    `frequency` is scratch of zeros, one for each code; `entropies` are whole 2**-32 of
    count × log2(count), by count.
    """

    kind: int
    size: int
    frequency: Int32s
    entropies: Int64s


@njit(cache=True, nogil=True)
def measure(
    query: int, time: int, picked: Int64s, scratch: Int64s, stated: Stated, newest: Newest
) -> float:
    """Measure the `picked` events, newest first; NaN where it is missing.

    `scratch` has room for as many numbers as `picked`.
    """
    kind = newest.kind
    if kind >= Kind.SAME and kind != Kind.RADIUS and stated.asked[query] == 0:
        return np.nan
    if kind == Kind.SAME:
        return _same(query, picked, stated)
    if len(picked) == 0:
        return np.nan
    if kind <= Kind.FIRST:
        return float((time - stated.occurred[picked[0]]) / US_PER_SECOND)
    if kind == Kind.MEDIAN:
        return _median(picked, scratch, stated)
    if kind <= Kind.REPEATED:
        return _of_frequencies(picked, stated, newest)
    if kind == Kind.CHANGE:
        return _since_change(query, time, picked, stated)
    if kind == Kind.RADIUS:
        return _radius(picked, stated)
    if kind == Kind.DISTANCE:
        total = np.int64(0)
        for event in picked:
            total += np.int64(_apart(query, event, stated))
        return float(total / len(picked))
    return _apart(query, _usual(picked, stated, newest), stated)


@njit(cache=True, nogil=True)
def _median(picked: Int64s, sorted_: Int64s, stated: Stated) -> float:
    """Sort a few numbers by insertion; of an even number, the lower middle one."""
    for place in range(len(picked)):
        number = stated.values[0, picked[place]]
        at = place
        while at > 0 and sorted_[at - 1] > number:
            sorted_[at] = sorted_[at - 1]
            at -= 1
        sorted_[at] = number
    return float(sorted_[(len(picked) - 1) // 2])


@njit(cache=True, nogil=True)
def _same(query: int, picked: Int64s, stated: Stated) -> float:
    same = 0
    for event in picked:
        if stated.values[0, event] == stated.mine[0, query]:
            same += 1
    return float(same)


@njit(cache=True, nogil=True)
def _since_change(query: int, time: int, picked: Int64s, stated: Stated) -> float:
    since = time
    for event in picked:
        if stated.values[0, event] != stated.mine[0, query]:
            return (time - since) / US_PER_SECOND
        since = stated.occurred[event]
    return np.nan


@njit(cache=True, nogil=True)
def _of_frequencies(picked: Int64s, stated: Stated, newest: Newest) -> float:
    """Give the entropy in bits, or the share of events whose value comes more than once."""
    for event in picked:
        newest.frequency[stated.values[0, event]] += 1
    repeated = 0
    spread = newest.entropies[len(picked)]
    for event in picked:
        frequency = newest.frequency[stated.values[0, event]]
        if frequency > 1:
            repeated += frequency
        spread -= newest.entropies[frequency]
        newest.frequency[stated.values[0, event]] = 0
    if newest.kind == Kind.REPEATED:
        return repeated / len(picked)
    return float(spread / (len(picked) * ENTROPY_SCALE))


@njit(cache=True, nogil=True)
def _radius(picked: Int64s, stated: Stated) -> float:
    """Give the root of the mean squared distance to the centre, from whole numbers alone."""
    size = len(picked)
    squares = np.int64(0)
    centre = np.int64(0)
    for axis in range(1, 4):
        total = np.int64(0)
        for event in picked:
            coordinate = stated.values[axis, event]
            total += coordinate
            squares += coordinate * coordinate
        centre += total * total
    return math.sqrt(float(size * squares - centre)) / size


@njit(cache=True, nogil=True)
def _usual(picked: Int64s, stated: Stated, newest: Newest) -> int:
    """Find the place that comes most often; of several, the one that came last."""
    for event in picked:
        newest.frequency[stated.values[0, event]] += 1
    usual = picked[0]
    for event in picked:
        here = newest.frequency[stated.values[0, event]]
        if here > newest.frequency[stated.values[0, usual]]:
            usual = event
    for event in picked:
        newest.frequency[stated.values[0, event]] = 0
    return int(usual)


@njit(cache=True, nogil=True)
def _apart(query: int, event: int, stated: Stated) -> float:
    square = np.int64(0)
    for axis in range(1, 4):
        apart = stated.values[axis, event] - stated.mine[axis, query]
        square += apart * apart
    return math.sqrt(float(square))


@njit(cache=True, nogil=True)
def _is_newer(one: int, other: int, stated: Stated) -> bool:
    if stated.occurred[one] != stated.occurred[other]:
        return bool(stated.occurred[one] > stated.occurred[other])
    return bool(stated.rows[one] > stated.rows[other])


@njit(cache=True, nogil=True)
def _insert(timeline: Int64s, head: int, tail: int, event: int, stated: Stated) -> None:
    """Put an event in its place; nearly all come in order, so it is near the end."""
    place = tail
    while place > head and _is_newer(timeline[place - 1], event, stated):
        timeline[place] = timeline[place - 1]
        place -= 1
    timeline[place] = event


@njit(cache=True, nogil=True)
def _remove(timeline: Int64s, head: int, tail: int, event: int, stated: Stated) -> None:
    """Take out an event that is there and not at the head; what is newer moves up."""
    low = head
    high = tail
    while high - low > 1:
        middle = (low + high) // 2
        if _is_newer(timeline[middle], event, stated):
            high = middle
        else:
            low = middle
    for place in range(low, tail - 1):
        timeline[place] = timeline[place + 1]


@njit(cache=True, nogil=True)
def _pick(timeline: Int64s, head: int, tail: int, own: int, picked: Int64s) -> int:
    """List the newest events, newest first, without the own one; give how many there are."""
    size = 0
    place = tail - 1
    while place >= head and size < len(picked):
        if timeline[place] != own:
            picked[size] = timeline[place]
            size += 1
        place -= 1
    return size


@njit(cache=True, nogil=True)
def _pick_first(timeline: Int64s, head: int, tail: int, own: int, picked: Int64s) -> int:
    for place in range(head, tail):
        if timeline[place] != own:
            picked[0] = timeline[place]
            return 1
    return 0


@njit(cache=True, nogil=True)
def sweep_newest(
    queries: Queries, events: Events, stated: Stated, newest: Newest, filled: Floats
) -> None:
    """Fill one measure of one window width at the rows of the queries; NaN where it is missing."""
    timeline = np.empty(len(events.ends) + 1, np.int64)
    alive = np.zeros(len(events.ends), np.uint8)
    picked = np.empty(newest.size, np.int64)
    scratch = np.empty(newest.size, np.int64)
    for code in range(len(queries.starts) - 1):
        head = tail = 0
        arrived = departed = events.starts[code]
        last = events.starts[code + 1]
        for query in range(queries.starts[code], queries.starts[code + 1]):
            time = queries.times[query]
            while departed < last and events.ends[events.departures[departed]] < time:
                event = events.departures[departed]
                departed += 1
                if alive[event] == 1:
                    if timeline[head] == event:
                        head += 1
                    else:
                        _remove(timeline, head, tail, event, stated)
                        tail -= 1
            while arrived < last and events.known[arrived] < time:
                if events.ends[arrived] >= time and stated.stated[arrived] == 1:
                    _insert(timeline, head, tail, arrived, stated)
                    alive[arrived] = 1
                    tail += 1
                arrived += 1
            own = queries.own[query] if len(queries.own) > 0 else -1
            if newest.kind == Kind.FIRST:
                size = _pick_first(timeline, head, tail, own, picked)
            else:
                size = _pick(timeline, head, tail, own, picked)
            filled[queries.rows[query]] = measure(
                query, time, picked[:size], scratch, stated, newest
            )
