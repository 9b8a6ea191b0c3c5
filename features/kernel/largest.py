"""The largest number of each window of one width, by a heap."""

import numpy as np
from numba import njit

from features.kernel.events import Bytes, Events, Floats, Int64s, Queries


@njit(cache=True, nogil=True)
def _push(heap: Int64s, size: int, event: int, numbers: Int64s) -> None:
    place = size
    while place > 0 and numbers[heap[(place - 1) // 2]] < numbers[event]:
        heap[place] = heap[(place - 1) // 2]
        place = (place - 1) // 2
    heap[place] = event


@njit(cache=True, nogil=True)
def _pop(heap: Int64s, size: int, numbers: Int64s) -> None:
    """Remove the largest of `size` events; the heap then holds one fewer."""
    event = heap[size - 1]
    place = 0
    while 2 * place + 1 < size - 1:
        child = 2 * place + 1
        if child + 1 < size - 1 and numbers[heap[child + 1]] > numbers[heap[child]]:
            child += 1
        if numbers[heap[child]] <= numbers[event]:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = event


@njit(cache=True, nogil=True)
def _without_ended(heap: Int64s, size: int, ends: Int64s, time: int, numbers: Int64s) -> int:
    """Drop what ended before `time` from the top of the heap; give the size that is left."""
    while size > 0 and ends[heap[0]] < time:
        _pop(heap, size, numbers)
        size -= 1
    return size


@njit(cache=True, nogil=True)
def sweep_largest(
    queries: Queries, events: Events, numbers: Int64s, present: Bytes, filled: Floats
) -> None:
    """Fill the largest present number of one window width at the rows of the queries, or NaN."""
    heap = np.empty(len(events.ends) + 1, np.int64)
    for code in range(len(queries.starts) - 1):
        size = 0
        arrived = events.starts[code]
        last = events.starts[code + 1]
        for query in range(queries.starts[code], queries.starts[code + 1]):
            time = queries.times[query]
            row = queries.rows[query]
            while arrived < last and events.known[arrived] < time:
                if events.ends[arrived] >= time and present[arrived] == 1:
                    _push(heap, size, arrived, numbers)
                    size += 1
                arrived += 1
            size = _without_ended(heap, size, events.ends, time, numbers)
            own = queries.own[query] if len(queries.own) > 0 else -1
            if own >= 0 and size > 0 and heap[0] == own:
                _pop(heap, size, numbers)
                size = _without_ended(heap, size - 1, events.ends, time, numbers)
                filled[row] = float(numbers[heap[0]]) if size > 0 else np.nan
                _push(heap, size, own, numbers)
                size += 1
            else:
                filled[row] = float(numbers[heap[0]]) if size > 0 else np.nan
