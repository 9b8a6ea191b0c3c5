"""Traits of an entity as a pure function of the seed and its number: nothing is stored for it."""

import zlib

import numpy as np
from numpy.typing import NDArray

from training.simulate.chance import US, Floats, Ints, place_of

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


def normal(seed: int, part: str, numbers: Ints) -> Floats:
    """Draw a standard normal number for each entity (Box and Muller, 1958)."""
    far = np.sqrt(-2.0 * np.log1p(-trait(seed, f"{part} far", numbers)))
    drawn: Floats = far * np.cos(2.0 * np.pi * trait(seed, f"{part} turn", numbers))
    return drawn


def lasting_us(seed: int, part: str, numbers: Ints, median_s: float, sigma: float) -> Ints:
    """Draw a log-normal duration for each entity in whole microseconds, at least one."""
    drawn = median_s * US * np.exp(sigma * normal(seed, part, numbers))
    return np.maximum(1, drawn).astype(np.int64)


def choose(seed: int, part: str, numbers: Ints, weights: Floats | list[float]) -> Ints:
    """Choose an index for each entity with the given weights."""
    return place_of(trait(seed, part, numbers), weights)


def between(seed: int, part: str, numbers: Ints, low: int, high: int) -> Ints:
    """Choose a whole number in [low, high) for each entity."""
    return low + (trait(seed, part, numbers) * (high - low)).astype(np.int64)
