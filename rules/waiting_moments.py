"""Instants, other than those of windows, at which a rule may cease to fire."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from features.times import from_us, to_us
from rules.court import Court
from rules.entries import RuleEntry
from rules.maintenance import left_us, read_hours


def moments(court: Court, hits: Iterable[RuleEntry], zone: ZoneInfo) -> Iterator[int]:
    """Give the instants after that of the court, in microseconds, in no order.

    They are: another value of the pack, the end of a stop, the end of a maintenance, and the
    midnight at which a daily limit begins again.
    """
    as_of_us = court.as_of_us
    pack = court.pack.whole or court.pack
    yield from (us for us in pack.starts if us > as_of_us)
    hold = court.terms.holds.channels.get(pack.channel)
    if hold is not None and hold.until is not None:
        yield to_us(hold.until)
    hours = read_hours(court.pack.text("maintenance_hours") or "")
    if hours is not None:
        yield as_of_us + left_us(hours, as_of_us)
    if any(hit.waits == "day" for hit in hits):
        yield _next_midnight_us(as_of_us, zone)


def _next_midnight_us(as_of_us: int, zone: ZoneInfo) -> int:
    tomorrow = from_us(as_of_us).astimezone(zone).date() + timedelta(days=1)
    return to_us(datetime.combine(tomorrow, time(), zone).astimezone(UTC))
