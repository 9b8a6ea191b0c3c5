"""Traits of an entity as a pure function of the seed and its number: nothing is stored for it."""

import zlib

import numpy as np
from numpy.typing import NDArray

from training.simulate.chance import Floats, Ints

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


def mixed(seed: int, part: str, numbers: Ints) -> NDArray[np.uint64]:
    """Scramble each number, always the same way for the same seed and part.

    splitmix64 (Steele, Lea and Flood, 2014) over the entity's number.
    """
    salt = zlib.crc32(f"{seed}:{part}".encode())
    with np.errstate(over="ignore"):
        bits = numbers.astype(np.uint64) * _GOLDEN + np.uint64(salt) * _MIX_1
        bits = (bits ^ (bits >> np.uint64(30))) * _MIX_1
        bits = (bits ^ (bits >> np.uint64(27))) * _MIX_2
        bits ^= bits >> np.uint64(31)
    return bits


def trait(seed: int, part: str, numbers: Ints) -> Floats:
    """Draw a uniform number in [0, 1) for each entity, always the same for the same one.

    >>> a = trait(1, "city", np.array([4, 9, 4]))
    >>> bool(a[0] == a[2] != a[1])
    True
    """
    return (mixed(seed, part, numbers) >> np.uint64(11)).astype(np.float64) * _TO_UNIT


def choose(seed: int, part: str, numbers: Ints, weights: Floats | list[float]) -> Ints:
    """Choose an index for each entity with the given weights."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = trait(seed, part, numbers) * cumulative[-1]
    return np.asarray(np.searchsorted(cumulative, drawn, side="right"), dtype=np.int64)


def between(seed: int, part: str, numbers: Ints, low: int, high: int) -> Ints:
    """Choose a whole number in [low, high) for each entity."""
    return low + (trait(seed, part, numbers) * (high - low)).astype(np.int64)
