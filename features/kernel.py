"""The one columnar kernel: sweeps the events of every entity in time and answers all queries.

Arrays, all sorted by entity code and then by time. An event counts at `as_of` when
`known < as_of <= ends`, where `ends` is the earlier of `occurred + width` and its replacement.
Only integers are added up, so no order of addition can change a result.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Int32s = NDArray[np.int32]
Bytes = NDArray[np.uint8]

NOTHING = np.iinfo(np.int64).min
"""What an extreme over no event is."""


@njit(cache=True, nogil=True)
def _change(
    event: int,
    sign: int,
    numbers: Int64s,
    present: Bytes,
    values: Int64s,
    total: Int64s,
    size: Int64s,
    frequency: Int32s,
    different: Int64s,
) -> None:
    """Let one event in (sign 1) or out (sign -1) of the running totals."""
    for column in range(numbers.shape[0]):
        total[column] += sign * numbers[column, event]
        size[column] += sign * np.int64(present[column, event])
    for column in range(values.shape[0]):
        value = values[column, event]
        if value >= 0:
            before = frequency[column, value]
            frequency[column, value] = before + sign
            if before == 0 or before + sign == 0:
                different[column] += sign


@njit(cache=True, nogil=True)
def sweep_totals(
    query_codes: Int64s,
    query_times: Int64s,
    codes: Int64s,
    known: Int64s,
    ends: Int64s,
    departures: Int64s,
    numbers: Int64s,
    present: Bytes,
    values: Int64s,
    frequency: Int32s,
    counts: Int64s,
    sums: Int64s,
    sizes: Int64s,
    distinct: Int64s,
) -> None:
    """Fill count, sums, sizes (of present numbers) and distinct counts of one window width.

    Events are sorted by code and `known`; `departures` lists them by code and `ends`.
    `numbers` and `present` are (columns, events); `values` (columns, events) holds dense codes,
    -1 for missing; `frequency` (columns, codes) is zero on entry. Outputs are (queries,) and
    (columns, queries).
    """
    alive = np.zeros(len(codes), np.uint8)
    total = np.zeros(numbers.shape[0], np.int64)
    size = np.zeros(numbers.shape[0], np.int64)
    different = np.zeros(values.shape[0], np.int64)
    count = 0
    arrived = 0
    departed = 0
    for query in range(len(query_codes)):
        code = query_codes[query]
        time = query_times[query]
        while departed < len(departures) and _is_before(
            codes[departures[departed]], ends[departures[departed]], code, time
        ):
            event = departures[departed]
            departed += 1
            # An event of an unasked-for entity, or one that ended before it was known, never came.
            if alive[event] == 1:
                alive[event] = 0
                count -= 1
                _change(event, -1, numbers, present, values, total, size, frequency, different)
        while arrived < len(codes) and _is_before(codes[arrived], known[arrived], code, time):
            if codes[arrived] == code and ends[arrived] >= time:
                alive[arrived] = 1
                count += 1
                _change(arrived, 1, numbers, present, values, total, size, frequency, different)
            arrived += 1
        counts[query] = count
        sums[:, query] = total
        sizes[:, query] = size
        distinct[:, query] = different


@njit(cache=True, nogil=True)
def _is_before(event_code: int, event_time: int, code: int, time: int) -> bool:
    return event_code < code or (event_code == code and event_time < time)


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
def sweep_largest(
    query_codes: Int64s,
    query_times: Int64s,
    codes: Int64s,
    known: Int64s,
    ends: Int64s,
    numbers: Int64s,
    present: Bytes,
    largest: Int64s,
) -> None:
    """Fill the largest present number of one window width; NOTHING where there is none.

    A heap holds the events that came; those past their end are dropped when they surface.
    """
    heap = np.empty(len(codes), np.int64)
    size = 0
    arrived = 0
    previous = np.int64(-1)
    for query in range(len(query_codes)):
        code = query_codes[query]
        time = query_times[query]
        if code != previous:
            size = 0
            previous = code
        while arrived < len(codes) and _is_before(codes[arrived], known[arrived], code, time):
            if codes[arrived] == code and ends[arrived] >= time and present[arrived] == 1:
                _push(heap, size, arrived, numbers)
                size += 1
            arrived += 1
        while size > 0 and ends[heap[0]] < time:
            _pop(heap, size, numbers)
            size -= 1
        largest[query] = numbers[heap[0]] if size > 0 else NOTHING
