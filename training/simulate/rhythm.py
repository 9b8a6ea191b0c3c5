"""When people order: by hour of the day and day of the week on the merchant's clock."""

import numpy as np

from training.simulate.chance import US, Ints, Rng, pick
from training.simulate.scenario import WindowRate

ZONE_SHIFT_US = 8 * 3_600 * US
"""Shanghai: eight hours east all year."""
HOUR_US = 3_600 * US
DAY_US = 24 * HOUR_US
HOURLY = np.array(
    [9, 5, 3, 2, 2, 3, 7, 14, 24, 34, 40, 40, 37, 36, 37, 36, 35, 34, 36, 44, 54, 57, 44, 22],
    dtype=np.float64,
)
"""Relative orders by local hour (assumed: a quiet night, a lunch break, an evening peak)."""
DAILY = np.array([1.0, 0.97, 0.97, 1.0, 1.08, 1.2, 1.15])
"""Relative orders by local weekday, Monday first (assumed)."""


def draw_instants(rng: Rng, start_us: int, end_us: int, size: int) -> Ints:
    """Draw `size` sorted instants in [start_us, end_us) by the rhythm of the week."""
    hours = np.arange(start_us, end_us, HOUR_US, dtype=np.int64)
    lengths = np.minimum(HOUR_US, end_us - hours)
    weights = HOURLY[local_hour(hours)] * DAILY[local_weekday(hours)] * lengths
    chosen = pick(rng, weights, size)
    instants = hours[chosen] + (rng.random(size) * lengths[chosen]).astype(np.int64)
    return np.sort(instants)


def local_hour(instant_us: Ints) -> Ints:
    """Read the hour of the day, 0 to 23, on the merchant's clock."""
    return (instant_us + ZONE_SHIFT_US) // HOUR_US % 24


def local_day(instant_us: Ints) -> Ints:
    """Number the day on the merchant's calendar, from 1970-01-01."""
    return (instant_us + ZONE_SHIFT_US) // DAY_US


def local_weekday(instant_us: Ints) -> Ints:
    """Read the day of the week, 0 for Monday."""
    return (local_day(instant_us) + 3) % 7


def draw_windows(rng: Rng, rate: WindowRate, start_us: int, end_us: int) -> Ints:
    """Draw bad times: rows of [start, end) in microseconds, sorted by start."""
    count = rng.poisson(rate.per_day * (end_us - start_us) / DAY_US)
    starts = np.sort(rng.integers(start_us, end_us, count))
    minutes = rng.uniform(rate.shortest_min, rate.longest_min, count)
    return np.stack([starts, starts + (minutes * 60 * US).astype(np.int64)], axis=1)


def inside(instants_us: Ints, windows: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Flag the instants that lie in one of the windows."""
    inside_any = np.zeros(len(instants_us), dtype=bool)
    for start, end in windows:
        inside_any |= (instants_us >= start) & (instants_us < end)
    return inside_any
