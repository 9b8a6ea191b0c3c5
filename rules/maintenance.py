"""The hours of each day in which a channel takes nothing, as its pack states them."""

import re

from features.calendar import DAY_US, HOUR_US, MINUTE_US

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_CHINA_US = 8 * HOUR_US
"""China's time is UTC+8 all year, like the days of a pack's dates."""


def read_hours(text: str) -> tuple[int, int] | None:
    """Read two times of day in China, in microseconds since midnight; None where it is no such.

    They may lie on both sides of midnight.

    >>> read_hours("23:30-00:30") == (23 * HOUR_US + 30 * MINUTE_US, 30 * MINUTE_US)
    True
    """
    found = _HOURS.fullmatch(text)
    if found is None:
        return None
    first, last = (int(found[at]) * HOUR_US + int(found[at + 1]) * MINUTE_US for at in (1, 3))
    return None if first == last else (first, last)


def left_us(hours: tuple[int, int], at_us: int) -> int:
    """Say how long the hours still last at an instant; 0 outside of them."""
    first, last = hours
    passed, whole = (at_us + _CHINA_US - first) % DAY_US, (last - first) % DAY_US
    return max(0, whole - passed)
