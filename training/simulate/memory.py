"""A channel's memory of raw events: sliding counters as rate limiters keep them."""

import numpy as np
from numpy.typing import NDArray

from training.simulate.chance import Flags, Floats, Ints, ranks_in


def recent(entity: Ints, at_us: Ints, width_us: int, counted: Flags | None = None) -> Floats:
    """Estimate for each event how many of its entity's came before it, in the last `width_us`.

    Two fixed buckets, the older one weighted by how much of it still lies in the window: the
    sliding-window counter of rate limiters. Rows are in order of time; entity -1 is nobody.
    `counted` keeps some events out of the counts.
    """
    weight = np.ones(len(entity)) if counted is None else counted.astype(np.float64)
    weight = np.where(entity < 0, 0.0, weight)
    bucket = at_us // width_us
    order = np.lexsort((np.arange(len(entity)), bucket, entity))
    ent, buc, wgt = entity[order], bucket[order], weight[order]
    before = np.cumsum(wgt) - wgt
    new_bucket = _changes(ent) | _changes(buc)
    start = np.maximum.accumulate(np.where(new_bucket, np.arange(len(ent)), 0))
    group = np.cumsum(new_bucket) - 1
    sums = np.bincount(group, weights=wgt)
    starts = np.flatnonzero(new_bucket)
    follows = np.zeros(len(starts), dtype=bool)
    follows[1:] = (ent[starts][1:] == ent[starts][:-1]) & (buc[starts][1:] == buc[starts][:-1] + 1)
    older = np.where(follows, np.concatenate([[0.0], sums[:-1]]), 0.0)[group]
    left = 1.0 - (at_us[order] % width_us) / width_us
    counts = np.empty(len(entity))
    counts[order] = np.where(ent < 0, 0.0, before - before[start] + left * older)
    return counts


def first_of(entity: Ints, value: Ints, at_us: Ints, width_us: int) -> Flags:
    """Flag the events that bring a value new to their entity in this bucket of time."""
    flags: Flags = (ranks_in(entity, at_us // width_us, value) == 0) & (value >= 0)
    return flags


def seconds_since_flag(entity: Ints, at_us: Ints, flagged: Flags) -> Floats:
    """Tell how long ago the entity's last flagged event was; infinite when there is none."""
    order = np.lexsort((np.arange(len(entity)), entity))
    ent, at, flag = entity[order], at_us[order], flagged[order]
    places = np.arange(len(ent))
    last = np.maximum.accumulate(np.where(flag, places, -1))
    earlier = np.concatenate([[-1], last[:-1]])
    known = (earlier >= 0) & (ent[np.maximum(earlier, 0)] == ent) & (ent >= 0)
    gaps = np.empty(len(ent))
    gaps[order] = np.where(known, (at - at[np.maximum(earlier, 0)]) / 1e6, np.inf)
    return gaps


def _changes(values: NDArray[np.int64]) -> Flags:
    return np.concatenate([[True], values[1:] != values[:-1]])
