"""Chance by seed: every part of the world draws from a stream of its own.

A new part therefore never moves the draws of the others.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Rng = np.random.Generator
US = 1_000_000


def stream_of(seed: int, part: str, number: int = 0) -> Rng:
    """Make the generator of one named part of the world, in its slice of that number.

    >>> int(stream_of(7, "rhythm").integers(100)) == int(stream_of(7, "rhythm").integers(100))
    True
    """
    return np.random.default_rng([seed, zlib.crc32(part.encode()), number])


def pick(rng: Rng, weights: Floats | list[float], size: int) -> Ints:
    """Draw indices with the given weights."""
    return place_of(rng.random(size), weights)


def place_of(luck: Floats, weights: Floats | list[float]) -> Ints:
    """Turn numbers in [0, 1) into indices with the given weights."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    at = luck * cumulative[-1]
    return np.asarray(np.searchsorted(cumulative, at, side="right"), dtype=np.int64)


def happens(rng: Rng, rate: float, size: int) -> Flags:
    """Flag each of `size` cases with the given probability."""
    flags: Flags = rng.random(size) < rate
    return flags


def lognormal_us(rng: Rng, median_s: float, sigma: float, size: int) -> Ints:
    """Draw log-normal durations in whole microseconds, at least one."""
    drawn = median_s * US * np.exp(sigma * rng.standard_normal(size))
    return np.maximum(1, drawn).astype(np.int64)
