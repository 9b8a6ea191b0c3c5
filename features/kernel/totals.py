"""Counts, sums, means and numbers of different values in windows of one width."""

from typing import NamedTuple

import numpy as np
from numba import njit

from features.kernel.events import Bytes, Events, Floats, Int32s, Int64s, Queries


class Measured(NamedTuple):
    """What the events hold; empty arrays where nothing is added up, or no values are told apart.

    A number that is not present is 0. `values` are dense codes or MISSING, and `frequency` is
    scratch, one for each code, zero on entry.
    """

    numbers: Int64s
    present: Bytes
    values: Int64s
    frequency: Int32s


class Wanted(NamedTuple):
    """What is filled at the rows of the queries; an empty array is not wanted."""

    counts: Floats
    sums: Floats
    means: Floats
    distinct: Floats


@njit(cache=True, nogil=True)
def _record(row: int, count: int, total: int, size: int, different: int, wanted: Wanted) -> None:
    if len(wanted.counts) > 0:
        wanted.counts[row] = float(count)
    if len(wanted.sums) > 0:
        wanted.sums[row] = float(total)
    if len(wanted.means) > 0:
        wanted.means[row] = float(total) / float(size) if size > 0 else np.nan
    if len(wanted.distinct) > 0:
        wanted.distinct[row] = float(different)


@njit(cache=True, nogil=True)
def _record_without(
    own: int,
    row: int,
    count: int,
    total: int,
    size: int,
    different: int,
    measured: Measured,
    wanted: Wanted,
) -> None:
    """Record the totals as they are without one event."""
    if len(measured.numbers) > 0:
        total -= int(measured.numbers[own])
        size -= int(measured.present[own])
    if len(measured.values) > 0:
        value = measured.values[own]
        different -= value >= 0 and measured.frequency[value] == 1
    _record(row, count - 1, total, size, different, wanted)


@njit(cache=True, nogil=True)
def sweep_totals(queries: Queries, events: Events, measured: Measured, wanted: Wanted) -> None:
    """Fill the totals of one window width, of one column of numbers and one of values."""
    numbers, present, values, frequency = measured
    adds, tells = len(numbers) > 0, len(values) > 0
    alive = np.zeros(len(events.ends), np.uint8)
    for code in range(len(queries.starts) - 1):
        count = total = size = different = 0
        first = arrived = departed = events.starts[code]
        last = events.starts[code + 1]
        for query in range(queries.starts[code], queries.starts[code + 1]):
            time = queries.times[query]
            while departed < last:
                event = events.departures[departed]
                if events.ends[event] >= time:
                    break
                departed += 1
                # An event that ended before it was known never came.
                if alive[event] == 1:
                    alive[event] = 0
                    count -= 1
                    if adds:
                        total -= numbers[event]
                        size -= present[event]
                    if tells and values[event] >= 0:
                        frequency[values[event]] -= 1
                        different -= frequency[values[event]] == 0
            while arrived < last and events.known[arrived] < time:
                if events.ends[arrived] >= time:
                    alive[arrived] = 1
                    count += 1
                    if adds:
                        total += numbers[arrived]
                        size += present[arrived]
                    if tells and values[arrived] >= 0:
                        different += frequency[values[arrived]] == 0
                        frequency[values[arrived]] += 1
                arrived += 1
            own = queries.own[query] if len(queries.own) > 0 else -1
            if own >= first and own < last and alive[own] == 1:
                _record_without(
                    own, queries.rows[query], count, total, size, different, measured, wanted
                )
            else:
                _record(queries.rows[query], count, total, size, different, wanted)
        if tells:
            _forget(alive[first:last], values[first:last], frequency)


@njit(cache=True, nogil=True)
def _forget(alive: Bytes, values: Int64s, frequency: Int32s) -> None:
    """Leave nothing of one key for the next."""
    for event in range(len(alive)):
        if alive[event] == 1 and values[event] >= 0:
            frequency[values[event]] = 0
