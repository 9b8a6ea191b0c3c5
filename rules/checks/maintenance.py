"""A check of the hours in which the channel takes nothing."""

from features.kinds import Kind
from features.times import US_PER_SECOND
from rules.checks.check import Check, Prepared, when_known
from rules.maintenance import left_us, read_hours
from rules.pack import Pack


def _left(pack: Pack) -> Prepared | None:
    hours = read_hours(pack.text("maintenance_hours") or "")
    if hours is None:
        return None

    def answer(as_of_us: int | None) -> float | None:
        return None if as_of_us is None else left_us(hours, as_of_us) / US_PER_SECOND

    return when_known(("as_of",), answer)


MAINTENANCE_CHECKS = (
    Check(
        "check.maintenance_left_seconds",
        "how long the channel's daily maintenance still lasts; 0 outside of it",
        Kind.NUMBER,
        _left,
        "SECONDS",
    ),
)
