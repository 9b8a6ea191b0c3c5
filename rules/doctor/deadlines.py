"""Checks of what has its time: certificates, keys and the clock."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from rules.doctor.config import Config, Credential
from rules.doctor.report import Fault, NotChecked, Passed, Verdict
from rules.pack import Pack
from rules.pack_dates import CHINA

_SOON = timedelta(days=30)
CLOCK_WARN_SECONDS = 60
CLOCK_BLOCK_SECONDS = 300
"""Our own first guesses; no channel publishes its tolerance."""
_HOUR = 3600
_NEAR_AN_HOUR = 120
"""Seconds within which a difference counts as whole hours."""


def check_credentials(config: Config, at: datetime) -> Iterator[Verdict]:
    """Check from when to when certificates and keys are good, by days in China."""
    day = at.astimezone(CHINA).date()
    if not config.credentials:
        yield NotChecked(field="credentials", why="the settings name no certificate and no key")
    for one in config.credentials:
        name, edge = _credential_fault(one, day)
        if name:
            yield Fault(name=name, field=one.name, found=str(edge), expected=str(day))
        elif one.not_after is None:
            yield NotChecked(field=one.name, why="the settings do not say when it ends")
        else:
            yield Passed(one.name)


def _credential_fault(one: Credential, day: date) -> tuple[str, date | None]:
    if one.not_before is not None and day < one.not_before:
        return "CREDENTIAL_NOT_YET_VALID", one.not_before
    if one.not_after is not None and day > one.not_after:
        return "CREDENTIAL_EXPIRED", one.not_after
    if one.not_after is not None and one.not_after - day < _SOON:
        return "CREDENTIAL_ENDS_SOON", one.not_after
    return "", None


def check_clock(config: Config, pack: Pack) -> Iterator[Verdict]:
    """Check our clock against a trusted time that was noted at the same instant."""
    if config.clock is None:
        yield NotChecked(field="clock", why="note `clock.ours` and `clock.reference` together")
        return
    off = (config.clock.ours - config.clock.reference).total_seconds()
    stated = pack.number("clock_tolerance_seconds")
    block = CLOCK_BLOCK_SECONDS if stated is None else stated
    name, expected = None, 0.0
    if abs(off) > _HOUR / 2 and abs(off - round(off / _HOUR) * _HOUR) <= _NEAR_AN_HOUR:
        name = "CLOCK_OFF_BY_ZONE"
    elif abs(off) > block:
        name, expected = "CLOCK_FAR_OFF", block
    elif abs(off) > min(CLOCK_WARN_SECONDS, block):
        name, expected = "CLOCK_OFF", CLOCK_WARN_SECONDS
    if name is None:
        yield Passed("clock")
    else:
        yield Fault(name=name, field="clock", found=f"{off:+.0f} s", expected=f"{expected:.0f} s")
