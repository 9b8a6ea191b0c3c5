"""Instants: aware datetimes outside, integer microseconds since 1970 UTC inside; the one clock."""

import re
import time
from datetime import UTC, datetime, timedelta

US_PER_SECOND = 1_000_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Instants that are read lie in [EARLIEST, LATEST): beyond is a slip of unit, never an order."""

_EPOCH = EARLIEST
_MICROSECOND = timedelta(microseconds=1)
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"(\d{1,9})(s|m|h|d)")


def now_us() -> int:
    """Read the clock: microseconds since 1970 UTC. The only place that does."""
    return time.time_ns() // 1_000


def to_us(instant: datetime) -> int:
    """Turn an aware instant into microseconds since 1970 UTC, exactly.

    >>> to_us(datetime(1970, 1, 1, 8, 0, 1, tzinfo=UTC))
    28801000000
    """
    return (instant - _EPOCH) // _MICROSECOND


def from_us(instant_us: int) -> datetime:
    """Turn microseconds since 1970 UTC into an aware UTC instant."""
    return _EPOCH + timedelta(microseconds=instant_us)


def parse_duration_us(text: str) -> int:
    """Read a window width such as `90s`, `10m`, `24h`, `30d`, in microseconds.

    >>> parse_duration_us("10m")
    600000000
    >>> parse_duration_us("1 week")
    Traceback (most recent call last):
    ValueError: '1 week' is no duration; write a number and s, m, h or d, such as 10m or 30d
    """
    match = _DURATION.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ValueError(
            f"{text!r} is no duration; write a number and s, m, h or d, such as 10m or 30d"
        )
    return int(match[1]) * _UNIT_SECONDS[match[2]] * US_PER_SECOND
