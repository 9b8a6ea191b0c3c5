"""The calendar facts of a whole history: the same as `features.calendar` gives one by one."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import polars as pl

from features.calendar import DAY_US, HOUR_US, MINUTE_US, Calendar, Timeline, timeline
from features.times import from_us

_WEEKDAY_OF_1970 = 3
"""The first of January 1970 was a Thursday."""


def calendar_column(orders: pl.DataFrame, name: str, calendar: Calendar) -> pl.Series:
    """Compute one calendar fact for each row of `orders`; missing is null."""
    return _COLUMNS[name](orders, calendar).alias(name)


def _local_us(orders: pl.DataFrame, calendar: Calendar) -> pl.Series:
    """Give local wall-clock time as microseconds since 1970.

    By Python's own zones, day by day: another library knows other years and other editions of
    the zones. A day on which the clocks change is asked order by order.
    """
    placed_us = orders["placed_at"].dt.epoch("us")
    days = (placed_us // DAY_US).alias("day")
    shifts = {day: _shift(day, calendar) for day in days.unique()}
    steady = pl.DataFrame(
        {"day": list(shifts), "shift": list(shifts.values())},
        schema={"day": pl.Int64, "shift": pl.Int64},
    )
    known = days.to_frame().join(steady, on="day", how="left", maintain_order="left")["shift"]
    asked = (
        [
            _offset_us(us, calendar) if shift is None else shift
            for us, shift in zip(placed_us, known, strict=True)
        ]
        if known.has_nulls()
        else known
    )
    return placed_us + pl.Series(asked, dtype=pl.Int64)


def _shift(day: int, calendar: Calendar) -> int | None:
    """Give the offset of a whole UTC day, or None where it changes."""
    first = _offset_us(day * DAY_US, calendar)
    return first if first == _offset_us((day + 1) * DAY_US, calendar) else None


def _offset_us(us: int, calendar: Calendar) -> int:
    offset = from_us(us).astimezone(calendar.zone).utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)


def _hour(orders: pl.DataFrame, calendar: Calendar) -> pl.Series:
    return _local_us(orders, calendar) // HOUR_US % 24


def _weekday(orders: pl.DataFrame, calendar: Calendar) -> pl.Series:
    return (_local_us(orders, calendar) // DAY_US + _WEEKDAY_OF_1970) % 7


def _hour_of_week(orders: pl.DataFrame, calendar: Calendar) -> pl.Series:
    return (_local_us(orders, calendar) // HOUR_US + 24 * _WEEKDAY_OF_1970) % (7 * 24)


def _parts(orders: pl.DataFrame, calendar: Calendar) -> tuple[Timeline, pl.Series]:
    """Lay out the peaks of all years of a history, and say in which part each order lies."""
    years = _local_us(orders, calendar).cast(pl.Datetime("us")).dt.year()
    first, last = years.min(), years.max()
    assert isinstance(first, int)
    assert isinstance(last, int)
    line = timeline(calendar, first, last)
    bounds = pl.Series(line.bounds, dtype=pl.Int64)
    return line, bounds.search_sorted(orders["placed_at"].dt.epoch("us"), side="right")


def _is_known(orders: pl.DataFrame, calendar: Calendar) -> bool:
    return bool(calendar.peaks) and orders.height > 0


def _peak(orders: pl.DataFrame, calendar: Calendar) -> pl.Series:
    if not _is_known(orders, calendar):
        return pl.repeat(None, orders.height, dtype=pl.String, eager=True)
    line, parts = _parts(orders, calendar)
    return pl.Series(line.names, dtype=pl.String).gather(parts)


def _is_peak(orders: pl.DataFrame, calendar: Calendar) -> pl.Series:
    if not _is_known(orders, calendar):
        return pl.repeat(None, orders.height, dtype=pl.Boolean, eager=True)
    return _peak(orders, calendar).is_not_null()


def _hours_to_peak(orders: pl.DataFrame, calendar: Calendar) -> pl.Series:
    if not _is_known(orders, calendar):
        return pl.repeat(None, orders.height, dtype=pl.Int64, eager=True)
    line, parts = _parts(orders, calendar)
    left = pl.Series(line.starts, dtype=pl.Int64).gather(parts) - orders["placed_at"].dt.epoch("us")
    inside = pl.Series(line.names, dtype=pl.String).gather(parts).is_not_null()
    return (left // HOUR_US).zip_with(~inside, pl.repeat(0, orders.height, eager=True))


def _minutes_to_cut_off(orders: pl.DataFrame, calendar: Calendar) -> pl.Series:
    passed = _local_us(orders, calendar) % DAY_US
    channels, minutes = zip(*calendar.cut_offs, strict=True) if calendar.cut_offs else ((), ())
    cut_off = orders["channel"].replace_strict(
        pl.Series(channels, dtype=pl.String),
        pl.Series(minutes, dtype=pl.Int64),
        default=None,
        return_dtype=pl.Int64,
    )
    return (cut_off * MINUTE_US - passed) % DAY_US // MINUTE_US


_COLUMNS: Mapping[str, Callable[[pl.DataFrame, Calendar], pl.Series]] = {
    "calendar.hour": _hour,
    "calendar.weekday": _weekday,
    "calendar.hour_of_week": _hour_of_week,
    "calendar.peak": _peak,
    "calendar.is_peak": _is_peak,
    "calendar.hours_to_peak": _hours_to_peak,
    "calendar.minutes_to_cut_off": _minutes_to_cut_off,
}
