"""Puts rows that come in order of time in order of entity and time, in linear time."""

import numpy as np
from numba import njit

from features.kernel.events import Int64s


@njit(cache=True, nogil=True)
def by_code(codes: Int64s, sequence: Int64s, n_codes: int) -> tuple[Int64s, Int64s]:
    """List the members of `sequence` by their code, each code in the order of the sequence.

    Also gives where each code starts (n_codes + 1). Members without a code are left out.
    """
    starts = np.zeros(n_codes + 1, np.int64)
    for member in sequence:
        if codes[member] >= 0:
            starts[codes[member] + 1] += 1
    for code in range(n_codes):
        starts[code + 1] += starts[code]
    places = starts[:-1].copy()
    grouped = np.empty(starts[n_codes], np.int64)
    for member in sequence:
        code = codes[member]
        if code >= 0:
            grouped[places[code]] = member
            places[code] += 1
    return grouped, starts


@njit(cache=True, nogil=True)
def departures_of(starts: Int64s, ends: Int64s) -> Int64s:
    """List events, which come by code, by code and `ends`; sorts only where they are not yet."""
    departures = np.arange(len(ends))
    for code in range(len(starts) - 1):
        first = starts[code]
        last = starts[code + 1]
        for event in range(first + 1, last):
            if ends[event] < ends[event - 1]:
                departures[first:last] = first + np.argsort(ends[first:last])
                break
    return departures
