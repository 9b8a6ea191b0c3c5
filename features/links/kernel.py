"""The columnar kernels of the links: each row walks the newest events of the keys it is linked by.

A `Filed` index lists events by key: those of key `k` stand in `rows[starts[k]:starts[k + 1]]`,
by when they happened; `times` says when. An event counts at `as_of` when it happened in the
window, `known < as_of <= replaced`, and it is of another order.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int64s = NDArray[np.int64]

UNKNOWN = -1
"""A key that is not known, and a count that is missing."""


class Filed(NamedTuple):
    """Events by key."""

    starts: Int64s
    rows: Int64s
    times: Int64s


class Orders(NamedTuple):
    """When each row was known (and is asked about) and replaced, and its own earlier self."""

    known: Int64s
    replaced: Int64s
    own: Int64s


@njit(cache=True, nogil=True)
def place_entries(
    codes: Int64s,
    rows: Int64s,
    times: Int64s,
    free: Int64s,
    filed_rows: Int64s,
    filed_times: Int64s,
) -> None:
    """Write each entry to the next free place of its code; `free` holds those and is moved on."""
    for entry in range(len(codes)):
        code = codes[entry]
        if code != UNKNOWN:
            filed_rows[free[code]] = rows[entry]
            filed_times[free[code]] = times[entry]
            free[code] += 1


@njit(cache=True, nogil=True, inline="always")
def _last_before(filed: Filed, key: int, as_of: int) -> int:
    """Give the place of the newest event of a key that happened before an instant."""
    low = filed.starts[key]
    high = filed.starts[key + 1]
    while low < high:
        middle = (low + high) // 2
        if filed.times[middle] < as_of:
            low = middle + 1
        else:
            high = middle
    return int(low) - 1


@njit(cache=True, nogil=True, inline="always")
def _counts(events: Orders, row: int, query: int) -> bool:
    as_of = events.known[query]
    in_time = events.known[row] < as_of <= events.replaced[row]
    return bool(in_time and row != events.own[query])


@njit(cache=True, nogil=True, inline="always")
def _note(
    query: int, code: int, time: int, seen_by: Int64s, since: Int64s, found: Int64s, size: int
) -> int:
    """Note that a row finds a code, and when it was last there; returns how many are found."""
    if seen_by[code] != query:
        seen_by[code] = query
        since[code] = time
        found[size] = code
        return size + 1
    since[code] = max(since[code], time)
    return size


@njit(cache=True, nogil=True)
def _link_values(
    query: int,
    floor: int,
    newest: int,
    owner: int,
    events: Orders,
    by_owner: Filed,
    links: Int64s,
    seen_by: Int64s,
    since: Int64s,
    values: Int64s,
) -> int:
    """List the values that an order is linked with, and since when; returns how many."""
    size = 0
    as_of = events.known[query]
    for column in range(links.shape[1]):
        value = links[query, column]
        if value != UNKNOWN:
            size = _note(query, value, as_of, seen_by, since, values, size)
    place = _last_before(by_owner, owner, as_of)
    taken = 0
    while place >= by_owner.starts[owner] and taken < newest and by_owner.times[place] >= floor:
        row = by_owner.rows[place]
        if _counts(events, row, query):
            taken += 1
            for column in range(links.shape[1]):
                value = links[row, column]
                if value != UNKNOWN:
                    time = by_owner.times[place]
                    size = _note(query, value, time, seen_by, since, values, size)
        place -= 1
    return size


@njit(cache=True, nogil=True)
def _reached_by(
    query: int,
    value: int,
    linked: int,
    floor: int,
    newest: int,
    events: Orders,
    by_value: Filed,
    owners: Int64s,
    seen_by: Int64s,
    since: Int64s,
    reached: Int64s,
    size: int,
) -> int:
    """Add who was seen with one value, and since when; returns how many are reached by now."""
    place = _last_before(by_value, value, events.known[query])
    taken = 0
    while place >= by_value.starts[value] and taken < newest and by_value.times[place] >= floor:
        row = by_value.rows[place]
        if _counts(events, row, query):
            taken += 1
            other = owners[row]
            path = min(linked, by_value.times[place])
            size = _note(query, other, path, seen_by, since, reached, size)
        place -= 1
    return size


@njit(cache=True, nogil=True)
def count_reached(
    newest: int,
    widths: Int64s,
    events: Orders,
    owners: Int64s,
    links: Int64s,
    by_owner: Filed,
    by_value: Filed,
    counts: Int64s,
) -> None:
    """Fill counts (rows, widths) with how many other owners each row reaches.

    `owners` (rows,) and `links` (rows, columns) hold dense codes; the codes of different columns
    differ. `widths` are in ascending order.
    """
    owner_seen = np.full(len(by_owner.starts) - 1, UNKNOWN, np.int64)
    owner_since = np.empty(len(by_owner.starts) - 1, np.int64)
    value_seen = np.full(len(by_value.starts) - 1, UNKNOWN, np.int64)
    value_since = np.empty(len(by_value.starts) - 1, np.int64)
    values = np.empty((newest + 1) * links.shape[1], np.int64)
    reached = np.empty(1 + len(values) * newest, np.int64)
    for query in range(len(owners)):
        owner = owners[query]
        if owner == UNKNOWN:
            counts[query, :] = UNKNOWN
            continue
        as_of = events.known[query]
        floor = as_of - widths[-1]
        linked = _link_values(
            query, floor, newest, owner, events, by_owner, links, value_seen, value_since, values
        )
        # The order's own entity is marked as seen, so that it is never among the reached.
        owner_seen[owner] = query
        owner_since[owner] = as_of
        size = 0
        youngest = floor - 1
        for number in range(linked):
            value = values[number]
            youngest = max(youngest, value_since[value])
            size = _reached_by(
                query,
                value,
                value_since[value],
                floor,
                newest,
                events,
                by_value,
                owners,
                owner_seen,
                owner_since,
                reached,
                size,
            )
        for column in range(len(widths)):
            first = as_of - widths[column]
            count = 0 if youngest >= first else UNKNOWN
            for number in range(size):
                if owner_since[reached[number]] >= first:
                    count += 1
            counts[query, column] = count


@njit(cache=True, nogil=True)
def _newest_sight(query: int, account: int, floor: int, events: Orders, by_account: Filed) -> int:
    """Give when an account was last seen in the window of a row; before `floor` if it was not."""
    place = _last_before(by_account, account, events.known[query])
    while place >= by_account.starts[account] and by_account.times[place] >= floor:
        if _counts(events, by_account.rows[place], query):
            return int(by_account.times[place])
        place -= 1
    return floor - 1


@njit(cache=True, nogil=True)
def count_near(
    widths: Int64s,
    events: Orders,
    accounts: Int64s,
    values: Int64s,
    keys: Filed,
    sharing: Filed,
    by_account: Filed,
    counts: Int64s,
) -> None:
    """Fill counts (rows, widths) with how many other values share a key with the row's own.

    `accounts` (rows,) holds dense codes of owner, value and list of keys; `values` (accounts,)
    those of owner and value. `keys` lists the keys of each account, `sharing` the accounts of
    each key.
    """
    account_seen = np.full(len(values), UNKNOWN, np.int64)
    value_seen = np.full(values.max() + 1 if len(values) else 0, UNKNOWN, np.int64)
    value_since = np.empty(len(value_seen), np.int64)
    near = np.empty(len(value_seen), np.int64)
    for query in range(len(accounts)):
        account = accounts[query]
        if account == UNKNOWN:
            counts[query, :] = UNKNOWN
            continue
        as_of = events.known[query]
        floor = as_of - widths[-1]
        size = 0
        for place in range(keys.starts[account], keys.starts[account + 1]):
            key = keys.rows[place]
            for member in range(sharing.starts[key], sharing.starts[key + 1]):
                other = sharing.rows[member]
                value = values[other]
                if value != values[account] and account_seen[other] != query:
                    account_seen[other] = query
                    latest = _newest_sight(query, other, floor, events, by_account)
                    if latest >= floor:
                        size = _note(query, value, latest, value_seen, value_since, near, size)
        for column in range(len(widths)):
            count = 0
            for number in range(size):
                if value_since[near[number]] >= as_of - widths[column]:
                    count += 1
            counts[query, column] = count
