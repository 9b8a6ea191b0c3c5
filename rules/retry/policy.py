"""The numbers of the retry advice, and the instants that follow from them.

What a channel says itself goes first. The rest are our own first guesses (grade H): how fast to
ask and to try again, and how long a request can still be under way. No back-off is drawn by lot:
the same history gives the same instant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from features.times import US_PER_SECOND, from_us, to_us

_MINUTE_US = 60 * US_PER_SECOND
_HOUR_US = 60 * _MINUTE_US
_DAY_US = 24 * _HOUR_US


@dataclass(frozen=True, slots=True)
class BackOff:
    """Steps that grow by a factor up to a longest one."""

    first_us: int
    factor: int
    longest_us: int

    def after(self, steps: int) -> int:
        """Give the wait after so many steps, in microseconds.

        >>> [BackOff(10, 3, 60).after(n) for n in (0, 1, 2, 900)]
        [10, 30, 60, 60]
        """
        wait_us = self.first_us
        for _ in range(steps):
            wait_us = min(wait_us * self.factor, self.longest_us)
            if wait_us == self.longest_us:
                break
        return wait_us


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Every number of the advice that no channel states; grade H, calibrate on your own."""

    queries: BackOff = BackOff(10 * US_PER_SECOND, 3, 6 * _HOUR_US)
    crowded: BackOff = BackOff(_MINUTE_US, 4, 6 * _HOUR_US)
    later: BackOff = BackOff(_HOUR_US, 2, _DAY_US)
    not_found_after_us: int = 10 * _MINUTE_US
    """How long after the last call a query that finds nothing begins to mean something."""
    not_found_times: int = 2
    """How many such answers make the request lost; the number stays the same even then."""
    under_way_us: int = _DAY_US
    """How long a call or its answer can be under way: until the next day's settlement is there."""
    most_calls: int = 10
    """Calls of one order under all its numbers, after which a person decides."""


POLICY = RetryPolicy()

ISSUER_MOST, ISSUER_WITHIN_US = 15, 30 * _DAY_US
"""Visa: at most 15 reattempts in 30 days (S17; an acquirer's document, grade D)."""
ISSUER_SOURCE = "S17"
CODE_WAITS_US: Mapping[str, int] = {
    "24": _HOUR_US,
    "25": _DAY_US,
    "26": 2 * _DAY_US,
    "27": 4 * _DAY_US,
    "28": 6 * _DAY_US,
    "29": 8 * _DAY_US,
    "30": 10 * _DAY_US,
}
"""Mastercard's merchant advice codes: retry after so long (S18, grade A)."""


def next_day_us(at_us: int, zone: str) -> int:
    """Give the next midnight in a zone, where a day's limit starts anew.

    >>> from_us(next_day_us(0, "Asia/Shanghai")).isoformat()
    '1970-01-01T16:00:00+00:00'
    """
    here = from_us(at_us).astimezone(ZoneInfo(zone))
    return to_us(_midnight(here) + timedelta(days=1))


def next_month_us(at_us: int, zone: str) -> int:
    """Give the next first of a month in a zone.

    >>> from_us(next_month_us(0, "Asia/Shanghai")).isoformat()
    '1970-01-31T16:00:00+00:00'
    """
    first = _midnight(from_us(at_us).astimezone(ZoneInfo(zone))).replace(day=1)
    month = first.month % 12 + 1
    return to_us(first.replace(year=first.year + first.month // 12, month=month))


def _midnight(here: datetime) -> datetime:
    return here.replace(hour=0, minute=0, second=0, microsecond=0)
