"""A channel's memory of raw events: sliding counters as rate limiters keep them."""

import numpy as np
from numpy.typing import NDArray

from training.simulate.chance import Flags, Floats, Ints


def recent(entity: Ints, at_us: Ints, width_us: int, counted: Flags | None = None) -> Floats:
    """Estimate for each event how many of its entity's came before it, in the last `width_us`.

    Two fixed buckets, the older one weighted by how much of it still lies in the window: the
    sliding-window counter of rate limiters. Rows are in order of time; entity -1 is nobody.
    `counted` keeps some events out of the counts.
    """
    weight = np.ones(len(entity)) if counted is None else counted.astype(np.float64)
    weight = np.where(entity < 0, 0.0, weight)
    order = np.argsort(entity, kind="stable")
    ent, buc, wgt = entity[order], (at_us // width_us)[order], weight[order]
    before = np.cumsum(wgt) - wgt
    new_bucket = _changes(ent) | _changes(buc)
    starts = np.flatnonzero(new_bucket)
    group = np.cumsum(new_bucket) - 1
    sums = np.bincount(group, weights=wgt)
    follows = np.zeros(len(starts), dtype=bool)
    follows[1:] = (ent[starts][1:] == ent[starts][:-1]) & (buc[starts][1:] == buc[starts][:-1] + 1)
    older = np.where(follows, np.concatenate([[0.0], sums[:-1]]), 0.0)[group]
    left = 1.0 - (at_us[order] % width_us) / width_us
    counts = np.empty(len(entity))
    counts[order] = np.where(ent < 0, 0.0, before - before[starts][group] + left * older)
    return counts


def first_of(entity: Ints, value: Ints, at_us: Ints, width_us: int) -> Flags:
    """Flag the events that bring a value new to their entity in this bucket of time.

    Rows are in order of time; value -1 is none.
    """
    order = np.lexsort((value, entity))
    new = _changes(entity[order]) | _changes(value[order]) | _changes((at_us // width_us)[order])
    flags = np.empty(len(entity), dtype=bool)
    flags[order] = new
    return flags & (value >= 0)


def seconds_since_flag(entity: Ints, at_us: Ints, flagged: Flags) -> Floats:
    """Tell how long ago the entity's last flagged event was; infinite when there is none."""
    order = np.argsort(entity, kind="stable")
    ent, at, flag = entity[order], at_us[order], flagged[order]
    places = np.arange(len(ent))
    last = np.maximum.accumulate(np.where(flag, places, -1))
    earlier = np.concatenate([[-1], last[:-1]])[: len(ent)]
    known = (earlier >= 0) & (ent[np.maximum(earlier, 0)] == ent) & (ent >= 0)
    gaps = np.empty(len(ent))
    gaps[order] = np.where(known, (at - at[np.maximum(earlier, 0)]) / 1e6, np.inf)
    return gaps


def earlier_in_group(group: Ints, amount: Ints) -> tuple[Ints, Ints]:
    """Count and sum what came earlier in each row's group; rows are in order of time."""
    order = np.argsort(group, kind="stable")
    new = _changes(group[order])
    starts = np.flatnonzero(new)[np.cumsum(new) - 1]
    places = np.arange(len(group))
    running = np.cumsum(amount[order]) - amount[order]
    count, total = np.empty_like(amount), np.empty_like(amount)
    count[order] = places - starts
    total[order] = running - running[starts]
    return count, total


def number_of(wanted: Ints, keys: Ints) -> Ints:
    """Find the row of each wanted key among keys that are all different; -1 for none."""
    order = np.argsort(keys, kind="stable")
    places = np.searchsorted(keys[order], wanted).clip(0, max(0, len(keys) - 1))
    rows = order[places] if len(keys) else places
    found = (keys[rows] == wanted) if len(keys) else np.zeros(len(wanted), dtype=bool)
    return np.where(found, rows, -1)


def _changes(values: NDArray[np.int64]) -> Flags:
    return np.concatenate([[True], values[1:] != values[:-1]])[: len(values)]
