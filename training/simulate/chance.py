"""Chance by seed: every part of the world draws from a stream of its own.

A new part therefore never moves the draws of the others.
"""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Rng = np.random.Generator
US = 1_000_000


def stream_of(seed: int, part: str) -> Rng:
    """Make the generator of one named part of the world.

    >>> int(stream_of(7, "rhythm").integers(100)) == int(stream_of(7, "rhythm").integers(100))
    True
    """
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def pick(rng: Rng, weights: Floats | list[float], size: int) -> Ints:
    """Draw indices with the given weights."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    at = rng.random(size) * cumulative[-1]
    return np.asarray(np.searchsorted(cumulative, at, side="right"), dtype=np.int64)


def happens(rng: Rng, rate: float, size: int) -> Flags:
    """Flag each of `size` cases with the given probability."""
    flags: Flags = rng.random(size) < rate
    return flags


def lognormal_us(rng: Rng, median_s: float, sigma: float, size: int) -> Ints:
    """Draw log-normal durations in whole microseconds, at least one."""
    drawn = median_s * US * np.exp(sigma * rng.standard_normal(size))
    return np.maximum(1, drawn).astype(np.int64)


def ranks_in(*keys: NDArray[Any]) -> Ints:
    """Number equal rows of `keys` in their order of appearance: 0, 1, 2 and so on.

    >>> ranks_in(np.array([5, 5, 9, 5])).tolist()
    [0, 1, 0, 2]
    """
    size = len(keys[0])
    order = np.lexsort((np.arange(size), *reversed(keys)))
    starts = np.zeros(size, dtype=bool)
    starts[:1] = True
    for key in keys:
        sorted_key = key[order]
        starts[1:] |= sorted_key[1:] != sorted_key[:-1]
    places = np.arange(size)
    ranks = np.empty(size, dtype=np.int64)
    ranks[order] = places - np.maximum.accumulate(np.where(starts, places, 0))
    return ranks
