"""Clocks: when an order says it was placed, against when its record says it was created."""

from dataclasses import dataclass

from features.order import Order
from features.times import US_PER_SECOND, to_us

HOUR_US = 3_600 * US_PER_SECOND
EPOCH_SLIPS = (1_000, 1_000_000)
"""Milliseconds read as microseconds, and seconds so: the instant is so many times too small."""


@dataclass(frozen=True, slots=True)
class ClockLimits:
    """How far apart honest clocks may be."""

    skew_us: int = 60 * US_PER_SECOND
    """Two clocks differ by no more: over this a channel's warning would start (rule A6)."""
    lead_us: int = 900 * US_PER_SECOND
    """An order is placed no later than this after its record was created (assumed)."""
    widest_hours: int = 14
    """No zone is further from UTC."""
    earliest_us: int = 946_684_800 * US_PER_SECOND
    """No order is older than the year 2000."""
    latest_us: int = 4_102_444_800 * US_PER_SECOND
    """None is of the year 2100 or later."""


CLOCK_LIMITS = ClockLimits()


def zone_slip_hours(skew_us: int, lead_us: int = CLOCK_LIMITS.lead_us) -> int:
    """Tell by how many whole hours a clock is in another zone; 0 if it is not.

    `skew_us` is placed less witnessed. `lead_us` is how much later it may honestly be.

    >>> zone_slip_hours(8 * HOUR_US + 3_000_000), zone_slip_hours(-HOUR_US), zone_slip_hours(40)
    (8, -1, 0)
    """
    hours, rest_us = divmod(skew_us + CLOCK_LIMITS.skew_us, HOUR_US)
    is_whole = rest_us <= lead_us + 2 * CLOCK_LIMITS.skew_us
    return hours if is_whole and abs(hours) <= CLOCK_LIMITS.widest_hours else 0


def skew_us(order: Order) -> int | None:
    """Say by how much the order was placed after its record was created, in microseconds."""
    if order.record is None or order.record.created_at is None:
        return None
    return to_us(order.placed_at) - to_us(order.record.created_at)


def epoch_slip(placed_us: int) -> int:
    """Tell by what factor seconds, or milliseconds, were read as a finer unit; 1 if they were not.

    Such an instant lies in January 1970. The slip the other way lies beyond the year 2200, and
    no such instant is read. A history without dates counts from 1970 too: a witness decides.

    >>> epoch_slip(1_773_196_200_000), epoch_slip(1_773_196_200_000_000)
    (1000, 1)
    """
    if placed_us < CLOCK_LIMITS.earliest_us:
        for factor in EPOCH_SLIPS:
            if CLOCK_LIMITS.earliest_us <= factor * placed_us < CLOCK_LIMITS.latest_us:
                return factor
    return 1
