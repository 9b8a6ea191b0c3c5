"""Instants out of text, numbers, dates and times, with or without an offset; always UTC after."""

from typing import Literal

import polars as pl

from training.sources.mapping import Clock
from training.sources.mapping_fields import REJECT, TIME_UNITS_US
from training.sources.mapping_tree import Place
from training.sources.readings import Flaw, Reading

UTC = pl.Datetime("us", "UTC")
_LOCAL = pl.Datetime("us")
_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999."""
_ISO = (
    r"^(\d{4})[-/](\d{2})[-/](\d{2})"
    r"(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d(?:\.\d{1,9})?)?"
    r"(?: ?(?:([zZ])|([+-]\d{2}):?([0-5]\d)?))?)?$"
)
_NO_ZONE = "an instant with its offset, such as 2026-11-11T20:00:00+08:00, or a time_zone"
_SUCH_AS = "an ISO 8601 instant such as 2026-11-11T20:00:00+08:00 (else name its format or unit)"


def read_instants(raw: pl.Series, clock: Clock, place: Place) -> Reading:
    """Read instants. Raises MappingError when the column's own type leaves them undefined."""
    if clock.unit is not None:
        return _ranged(raw, _since(raw, clock, place))
    if raw.dtype == pl.String:
        return _from_format(raw, clock) if clock.format else _from_iso(raw, clock)
    if isinstance(raw.dtype, pl.Datetime | pl.Date):
        return _from_temporal(raw, clock, place)
    if raw.dtype == pl.Null:
        return Reading(raw.cast(UTC))
    raise place.refuse(
        f"{raw.name} holds {raw.dtype}, no times: say unit: (one of {', '.join(TIME_UNITS_US)}) "
        "and, unless it is 1970, since: when they start"
    )


def _since(raw: pl.Series, clock: Clock, place: Place) -> pl.Series:
    if not (raw.dtype == pl.String or raw.dtype.is_numeric() or raw.dtype == pl.Null):
        raise place.refuse(f"{raw.name} is {raw.dtype}; a unit is for numbers")
    unit_us = TIME_UNITS_US[str(clock.unit)]
    whole = raw.cast(pl.Int64, strict=False) if not raw.dtype.is_float() else raw.cast(pl.Float64)
    exact = whole * unit_us
    if raw.dtype == pl.String:
        fractional = (raw.cast(pl.Float64, strict=False) * unit_us).round()
        exact = exact.fill_null(fractional.cast(pl.Int64, strict=False))
    elif raw.dtype.is_float():
        exact = exact.round().cast(pl.Int64, strict=False)
    fits = exact.is_between(_FIRST_US - clock.since_us, _LAST_US - clock.since_us)
    return pl.select(pl.when(fits).then(exact + clock.since_us)).to_series().cast(UTC)


def _from_temporal(raw: pl.Series, clock: Clock, place: Place) -> Reading:
    zone = getattr(raw.dtype, "time_zone", None)
    if zone is not None:
        return _ranged(raw, raw.dt.convert_time_zone("UTC").cast(UTC))
    if clock.zone is None:
        raise place.refuse(
            f"{raw.name} holds times without a zone: name it, such as time_zone: Asia/Shanghai "
            "(here, or once at the top of the mapping)"
        )
    return _zoned(raw, raw.cast(_LOCAL), clock)


def _from_format(raw: pl.Series, clock: Clock) -> Reading:
    form = str(clock.format)
    if "%z" in form or "%:z" in form or "%#z" in form:
        return _ranged(raw, raw.str.strptime(UTC, form, strict=False))
    return _zoned(raw, raw.str.strptime(_LOCAL, form, strict=False), clock, f"a time as {form}")


def _from_iso(raw: pl.Series, clock: Clock) -> Reading:
    parts = pl.select(raw.str.extract_groups(_ISO)).to_series().struct.unnest()
    year, month, day, hour, second, zulu, hours, minutes = (pl.col(name) for name in parts.columns)
    date = pl.concat_str([year, month, day], separator="-")
    text = pl.concat_str([date, pl.lit(" "), hour.fill_null("00:00"), second.fill_null(":00")])
    sign = pl.when(hours.str.starts_with("-")).then(-1).otherwise(1)
    offset = hours.cast(pl.Int64, strict=False) * 60 + sign * minutes.fill_null("0").cast(pl.Int64)
    read = parts.select(
        local=text.str.strptime(_LOCAL, "%Y-%m-%d %H:%M:%S%.f", strict=False),
        offset=pl.when(zulu.is_not_null()).then(pl.lit(0, pl.Int64)).otherwise(offset),
    )
    aware_us = read["local"].cast(pl.Int64) - read["offset"] * TIME_UNITS_US["minutes"]
    aware, _ = _bounded(aware_us.cast(UTC))
    naive = pl.select(pl.when(read["offset"].is_null()).then(read["local"])).to_series()
    if not naive.is_not_null().any():
        return _ranged(raw, aware)
    zoned = _zoned(raw, naive, clock)
    return _merged(raw, aware, zoned, naive)


def _merged(raw: pl.Series, aware: pl.Series, zoned: Reading, naive: pl.Series) -> Reading:
    """Put the instants with an offset and those of the named zone together."""
    values = aware.fill_null(zoned.values)
    flaws = tuple(
        Flaw("", flaw.reason, flaw.expected, flaw.rows & naive.is_not_null())
        for flaw in zoned.flaws
    )
    unreadable = raw.is_not_null() & values.is_null() & naive.is_null()
    return Reading(values, (*flaws, Flaw("", "unreadable", _SUCH_AS, unreadable)))


def _zoned(raw: pl.Series, local: pl.Series, clock: Clock, such_as: str = _SUCH_AS) -> Reading:
    """Place local times in their zone; what daylight saving skips or repeats is a flaw.

    A repeated local time is read as its earlier or later instant where the rule says so.
    """
    unreadable = Flaw("", "unreadable", such_as, raw.is_not_null() & local.is_null())
    if clock.zone is None:
        nothing = pl.repeat(None, len(raw), dtype=UTC, eager=True)
        return Reading(nothing, (unreadable, Flaw("", "no offset", _NO_ZONE, local.is_not_null())))
    rule: Literal["null", "earliest", "latest"] = "null"
    if clock.ambiguous != REJECT:
        rule = "earliest" if clock.ambiguous == "earliest" else "latest"
    placed = local.dt.replace_time_zone(clock.zone, ambiguous=rule, non_existent="null")
    values = placed.dt.convert_time_zone("UTC")
    lost = Flaw(
        "",
        "no single instant",
        f"a local time that {clock.zone} has once (or say ambiguous: earliest)",
        local.is_not_null() & values.is_null(),
    )
    kept, strange = _bounded(values)
    return Reading(kept, (unreadable, lost, strange))


def _ranged(raw: pl.Series, values: pl.Series) -> Reading:
    unreadable = raw.is_not_null() & values.is_null()
    kept, strange = _bounded(values)
    return Reading(kept, (Flaw("", "unreadable", _SUCH_AS, unreadable), strange))


def _bounded(values: pl.Series) -> tuple[pl.Series, Flaw]:
    """Keep the years that every other part can hold; the rest is missing and a flaw."""
    inside = values.cast(pl.Int64).is_between(_FIRST_US, _LAST_US)
    kept = pl.select(pl.when(inside).then(values)).to_series()
    strange = (~inside).fill_null(value=False)
    return kept, Flaw("", "out of range", "an instant of the years 1 to 9999", strange)
