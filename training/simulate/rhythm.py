"""When people order: by hour of the day, day of the week and season, on the merchant's clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np

from features.times import to_us
from training.simulate.chance import US, Flags, Floats, Ints, Rng, pick
from training.simulate.scenario import GroupName, Scenario, Season, WindowRate

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
_PAYDAYS = (5, 10, 15, 25)
_PAYOUT_HOURLY = np.array([1] * 8 + [6, 20, 30, 24, 10, 18, 26, 24, 20, 12, 6, 4, 3, 3, 2, 1])
"""Payouts leave in office hours, and more of them on days on which wages are paid (assumed)."""
_PAYDAY_FACTOR = 2.5


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a period and how much falls into each; one row per started hour."""

    start_us: Ints
    length_us: Ints
    weight: Floats
    """All orders together."""
    factors: dict[GroupName, Floats]
    """What a season does to one group's share."""

    def draw(self, rng: Rng, size: int, *, office: bool = False) -> Ints:
        """Draw `size` sorted instants by these weights."""
        weights = self.length_us * _office(self.start_us) if office else self.weight
        chosen = pick(rng, weights, size)
        spread = (rng.random(size) * self.length_us[chosen]).astype(np.int64)
        return np.sort(self.start_us[chosen] + spread)

    def cut(self, first: int, after: int) -> "Hours":
        """Take some of the hours."""
        return Hours(
            self.start_us[first:after],
            self.length_us[first:after],
            self.weight[first:after],
            {name: factor[first:after] for name, factor in self.factors.items()},
        )


def rhythm_of(scenario: Scenario, start_us: int, end_us: int) -> Hours:
    """Lay the hours of the week and the seasons over a period."""
    hours = np.arange(start_us, end_us, HOUR_US, dtype=np.int64)
    lengths = np.minimum(HOUR_US, end_us - hours)
    weight = HOURLY[local_hour(hours)] * DAILY[local_weekday(hours)] * lengths
    factors: dict[GroupName, Floats] = {}
    for season in scenario.seasons:
        inside_it = inside(hours + lengths // 2, _occasions(season, start_us, end_us))
        weight *= np.where(inside_it, season.orders, 1.0)
        for name, factor in season.groups.items():
            so_far = factors.get(name, np.ones(len(hours)))
            factors[name] = so_far * np.where(inside_it, factor, 1.0)
    return Hours(hours, lengths, weight, factors)


def _occasions(season: Season, start_us: int, end_us: int) -> Ints:
    """Find the spans of a season: of one year if it names one, else of every year in question."""
    first, last = (datetime.fromtimestamp(at / US, _ZONE).year for at in (start_us, end_us))
    years = [""] if len(season.starts) > _YEARLY else [f"{y}-" for y in range(first - 1, last + 1)]
    found = [_instant(f"{year}{season.starts}") for year in years]
    starts = np.array([at for at in found if at is not None], dtype=np.int64)
    return np.stack([starts, starts + int(season.hours * HOUR_US)], axis=1)


_YEARLY = len("MM-DD HH:MM")
_ZONE = timezone(timedelta(microseconds=ZONE_SHIFT_US))


def _instant(text: str) -> int | None:
    """Read an instant on the merchant's clock; None for 29 February of a year that has none."""
    try:
        return to_us(datetime.fromisoformat(text).replace(tzinfo=_ZONE))
    except ValueError:
        return None


def _office(hours: Ints) -> Floats:
    days = (hours + ZONE_SHIFT_US) // DAY_US
    day_of_month = (days.astype("M8[D]") - days.astype("M8[D]").astype("M8[M]")).astype(int) + 1
    payday = np.where(np.isin(day_of_month, _PAYDAYS), _PAYDAY_FACTOR, 1.0)
    weekend = np.where(local_weekday(hours) >= 5, 0.4, 1.0)
    weights: Floats = _PAYOUT_HOURLY[local_hour(hours)] * payday * weekend
    return weights


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
    longest = max(rate.shortest_min, rate.longest_min)
    minutes = rng.uniform(rate.shortest_min, longest, count)
    return np.stack([starts, starts + (minutes * 60 * US).astype(np.int64)], axis=1)


def inside(instants_us: Ints, windows: Ints) -> Flags:
    """Flag the instants that lie in one of the windows."""
    inside_any: Flags = np.zeros(len(instants_us), dtype=bool)
    for start, end in windows:
        inside_any |= (instants_us >= start) & (instants_us < end)
    return inside_any


def how_far(instants_us: Ints, windows: Ints) -> Floats:
    """Tell how far into a window each instant lies, 0 to 1; 0 outside."""
    far = np.zeros(len(instants_us))
    for start, end in windows:
        share = (instants_us - start) / (end - start)
        far = np.maximum(far, np.where((share >= 0) & (share < 1), share, 0.0))
    return far
