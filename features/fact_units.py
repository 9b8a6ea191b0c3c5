"""The unit of every fact of an order that is a number."""

from collections.abc import Mapping

from features.calendar import CALENDAR_KINDS
from features.facts import FACT_KINDS
from features.kinds import Kind
from features.units import COUNT, HOURS, MINUTES, NONE, SHARE, Unit, unit_of_name

_STATED: Mapping[str, Unit] = {
    "buyer.card.length": COUNT,
    "device.latitude": NONE,
    "device.longitude": NONE,
    "receiver.latitude": NONE,
    "receiver.longitude": NONE,
    "credit.instalments": COUNT,
    "credit.seller_bears_percent": NONE,
    "payout.payee.account.length": COUNT,
    "items.lines": COUNT,
    "items.quantity": COUNT,
    "items.categories": COUNT,
    "items.unit_slip": NONE,
    "items.over_list_lines": COUNT,
    "items.list_equals_paid": SHARE,
    "items.paid_equals_list": SHARE,
    "items.mislabelled": SHARE,
    "attempts.count": COUNT,
    "record.amount_ratio": NONE,
    "record.unit_slip": NONE,
    "record.items.mismatched_lines": COUNT,
    "subject.similarity": SHARE,
    "calendar.hour": NONE,
    "calendar.weekday": NONE,
    "calendar.hour_of_week": NONE,
    "calendar.hours_to_peak": HOURS,
    "calendar.minutes_to_cut_off": MINUTES,
}
"""Those whose name does not end in their unit. An hour of the day is a place, not a length."""


def _unit_of(name: str) -> Unit | None:
    return _STATED.get(name) or unit_of_name(name)


FACT_UNITS: Mapping[str, Unit] = {
    name: unit
    for name, kind in {**FACT_KINDS, **CALENDAR_KINDS}.items()
    if kind is Kind.NUMBER and (unit := _unit_of(name)) is not None
}
"""The unit of every number of FACT_KINDS and CALENDAR_KINDS, by name."""


def unit_of_fact(name: str) -> Unit | None:
    """Give a fact's unit; of an order's own attributes only its name can tell."""
    return FACT_UNITS.get(name) or unit_of_name(name)
