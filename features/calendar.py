"""Facts that follow from a merchant's calendar: its zone, declared peaks, channels' cut-offs."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from features.errors import CatalogError
from features.kinds import Kind, Value
from features.times import EARLIEST, LATEST, US_PER_SECOND, from_us, to_us

CALENDAR_KINDS: Mapping[str, Kind] = {
    "calendar.hour": Kind.NUMBER,
    "calendar.weekday": Kind.NUMBER,
    "calendar.hour_of_week": Kind.NUMBER,
    "calendar.peak": Kind.TEXT,
    "calendar.is_peak": Kind.BOOLEAN,
    "calendar.hours_to_peak": Kind.NUMBER,
    "calendar.minutes_to_cut_off": Kind.NUMBER,
}
"""Hour 0 to 23, weekday 0 (Monday) to 6, hour of the week 0 (Monday 00) to 167.

`is_peak` and `hours_to_peak` (whole hours, 0 in a peak) are missing where no peak is declared,
`peak` outside of one, `minutes_to_cut_off` (whole minutes, 0 to 1439, to the next one) where the
channel has none.
"""

MINUTE_US = 60 * US_PER_SECOND
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

_YEARLY = re.compile(r"(\d\d)-(\d\d) (\d\d):(\d\d)")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_COMMON_YEAR = 2001


@dataclass(frozen=True, slots=True)
class Peak:
    """A declared peak, `[starts, ends)`: two instants, or two yearly moments `MM-DD HH:MM`."""

    name: str
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a catalog says of time; equal calendars give equal facts.

    `cut_offs` are channels and the minute of the day (in the zone) after which they take no more.
    """

    time_zone: str
    peaks: tuple[Peak, ...] = ()
    cut_offs: tuple[tuple[str, int], ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of all local times."""
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The peaks of some years: part i lies in `[bounds[i - 1], bounds[i])`, in microseconds.

    `names[i]` is the peak then, or None; `starts[i]` when the next one starts, or None.
    """

    bounds: tuple[int, ...]
    names: tuple[str | None, ...]
    starts: tuple[int | None, ...]


def make_calendar(
    time_zone: str,
    peaks: Iterable[Mapping[str, str]] = (),
    cut_offs: Mapping[str, str] | None = None,
) -> Calendar:
    """Read the calendar of a catalog file.

    A peak has `name`, `from` and `until`; a cut-off is a local time `HH:MM`. Raises CatalogError
    that names the entry and the way out.

    >>> make_calendar("Asia/Shanghai", cut_offs={"jd_pay": "16:30"}).cut_offs
    (('jd_pay', 990),)
    """
    declared = tuple(_peak(peak) for peak in peaks)
    minutes = tuple(
        (channel, _minute(channel, text)) for channel, text in sorted((cut_offs or {}).items())
    )
    return Calendar(time_zone, declared, minutes)


def calendar_facts(placed_us: int, channel: str, calendar: Calendar) -> dict[str, Value]:
    """Compute the calendar facts of one order; missing ones are absent."""
    local = from_us(placed_us).astimezone(calendar.zone)
    hour, weekday = local.hour, local.weekday()
    facts: dict[str, Value] = {
        "calendar.hour": hour,
        "calendar.weekday": weekday,
        "calendar.hour_of_week": 24 * weekday + hour,
    }
    if calendar.peaks:
        facts |= _peak_facts(placed_us, timeline(calendar, local.year, local.year))
    if calendar.cut_offs:
        cut_off = dict(calendar.cut_offs).get(channel)
        if cut_off is not None:
            passed = hour * HOUR_US + local.minute * MINUTE_US
            passed += local.second * US_PER_SECOND + local.microsecond
            left = (cut_off * MINUTE_US - passed) % DAY_US
            facts["calendar.minutes_to_cut_off"] = left // MINUTE_US
    return facts


def _peak_facts(placed_us: int, line: Timeline) -> dict[str, Value]:
    part = bisect_right(line.bounds, placed_us)
    name, start = line.names[part], line.starts[part]
    if name is not None:
        return {"calendar.peak": name, "calendar.is_peak": True, "calendar.hours_to_peak": 0}
    if start is None:
        return {"calendar.is_peak": False}
    return {"calendar.is_peak": False, "calendar.hours_to_peak": (start - placed_us) // HOUR_US}


@cache
def timeline(calendar: Calendar, first: int, last: int) -> Timeline:
    """Lay out the peaks for orders of the local years `first` to `last`.

    A peak declared earlier hides one declared later where both hold.
    """
    years = range(first - 1, last + 2)
    spans = [
        (*span, peak.name) for peak in calendar.peaks for span in _spans(peak, years, calendar.zone)
    ]
    bounds = sorted({bound for start, end, _ in spans for bound in (start, end)})
    begins = sorted({start for start, _, _ in spans})
    names: list[str | None] = [None]
    starts: list[int | None] = [begins[0] if begins else None]
    for bound in bounds:
        names.append(next((name for start, end, name in spans if start <= bound < end), None))
        later = bisect_right(begins, bound)
        starts.append(begins[later] if later < len(begins) else None)
    return Timeline(tuple(bounds), tuple(names), tuple(starts))


def _spans(peak: Peak, years: range, zone: ZoneInfo) -> list[tuple[int, int]]:
    if not _YEARLY.fullmatch(peak.starts):
        return [(_instant_us(peak.starts), _instant_us(peak.ends))]
    over_new_year = peak.ends <= peak.starts
    return [
        (_in_year(peak.starts, year, zone), _in_year(peak.ends, year + over_new_year, zone))
        for year in years
    ]


def _in_year(moment: str, year: int, zone: tzinfo) -> int:
    """Place a yearly moment; one that a change of clocks skips counts by the offset before."""
    found = _YEARLY.fullmatch(moment)
    assert found is not None
    month, day, hour, minute = map(int, found.groups())
    return to_us(datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC))


def _instant_us(text: str) -> int:
    return to_us(datetime.fromisoformat(text))


def _peak(raw: Mapping[str, str]) -> Peak:
    name = str(raw.get("name", ""))
    where = f"peaks: {name or 'one without a name'}"
    if not name or set(raw) != {"name", "from", "until"}:
        raise CatalogError(f"{where}: a peak has name, from and until, and nothing else")
    starts, ends = str(raw["from"]), str(raw["until"])
    if _YEARLY.fullmatch(starts) is None or _YEARLY.fullmatch(ends) is None:
        first, last = _instant(where, starts), _instant(where, ends)
        if last <= first:
            raise CatalogError(f"{where}: until ({ends}) must be later than from ({starts})")
        return Peak(name, first.isoformat(), last.isoformat())
    for moment in (starts, ends):
        _check_yearly(where, moment)
    if starts == ends:
        raise CatalogError(f"{where}: from and until are the same moment ({starts})")
    return Peak(name, starts, ends)


def _check_yearly(where: str, moment: str) -> None:
    try:
        _in_year(moment, _COMMON_YEAR, UTC)
    except ValueError:
        raise CatalogError(
            f"{where}: {moment!r} is not in every year; write MM-DD HH:MM such as 11-11 00:00"
        ) from None


def _instant(where: str, text: str) -> datetime:
    form = "write two instants with their offset (2026-11-10T20:00:00+08:00) or two MM-DD HH:MM"
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise CatalogError(f"{where}: {text!r} is no moment; {form}") from None
    if instant.tzinfo is None or not EARLIEST <= instant < LATEST:
        raise CatalogError(f"{where}: {text!r} has no offset, or is out of all reason; {form}")
    return instant.astimezone(UTC)


def _minute(channel: str, text: str) -> int:
    found = _CLOCK.fullmatch(str(text))
    if found is None:
        raise CatalogError(
            f'cut_offs: {channel}: {text!r} is no time of day; write it quoted, such as "16:30"'
        )
    return 60 * int(found[1]) + int(found[2])
