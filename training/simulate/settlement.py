"""When money arrives, when it was promised, and why it was late."""

from dataclasses import dataclass

import numpy as np

from training.simulate.chance import US, Flags, Ints, happens, lognormal_us
from training.simulate.parties import is_corporate, is_next_day
from training.simulate.rhythm import (
    DAY_US,
    HOUR_US,
    ZONE_SHIFT_US,
    local_day,
    local_hour,
    local_weekday,
)
from training.simulate.world import World

LATE_CAUSES = ("none", "clearing", "late_answer", "weekend", "cut_off", "slow_channel", "aml_hold")
_SAME_DAY_US = 2 * HOUR_US
_NEXT_DAY_HOUR = 18
_MORNING_HOUR = 9
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Settlement:
    """One row per order."""

    promised_us: Ints
    settled_us: Ints
    """-1 where money never arrives, or not within the period."""
    late_cause: Ints
    """Index into LATE_CAUSES; 0 when in time."""


def promises(world: World) -> Ints:
    """Tell by when each payout should be there: within two hours, or by the next evening."""
    at = world.stream.placed_us
    next_evening = _local(local_day(at) + 1, _NEXT_DAY_HOUR)
    return np.where(is_next_day(world), next_evening, at + _SAME_DAY_US)


def settle(world: World, accepted_us: Ints) -> Settlement:
    """Let money arrive once its order is accepted: T+1 for goods, as promised for payouts."""
    rng, spec, at = world.piece.rng("settlement"), world.scenario.settlement, world.stream.placed_us
    morning = _local(local_day(at) + 1, _MORNING_HOUR) + rng.integers(0, 6 * HOUR_US, len(at))
    goods = np.maximum(accepted_us + US, morning)
    settled = np.where(world.goods | is_next_day(world), goods, accepted_us + US)
    cause = np.zeros(len(at), dtype=np.int64)
    late = happens(rng, spec.late_share, len(at))
    delay = lognormal_us(rng, spec.late_median_s, 0.8, len(at)) + _SAME_DAY_US
    cut_off = world.stream.payout & ~is_next_day(world) & (local_hour(at) >= spec.cut_off_hour)
    closed = is_corporate(world) & world.stream.payout & (local_weekday(at) >= _SATURDAY)
    monday = _local(local_day(at) + 7 - local_weekday(at), _MORNING_HOUR)
    settled = settled + late * delay
    settled = np.where(cut_off, np.maximum(settled, morning), settled)
    settled = np.where(closed, np.maximum(settled, monday), settled)
    promised = promises(world)
    why: list[tuple[str, Flags]] = [
        ("late_answer", accepted_us > promised),
        ("clearing", late),
        ("slow_channel", world.verdicts.weather.slow),
        ("cut_off", cut_off),
        ("weekend", closed),
        ("aml_hold", world.verdicts.held),
    ]
    for name, hit in why:
        cause[hit] = LATE_CAUSES.index(name)
    there = (accepted_us >= 0) & (settled <= world.piece.span.end_us)
    behind = there & world.stream.payout & (settled > promised)
    return Settlement(promised, np.where(there, settled, -1), np.where(behind, cause, 0))


def _local(day: Ints, hour: int) -> Ints:
    """Give the instant of an hour on a day of the merchant's calendar."""
    return day * DAY_US - ZONE_SHIFT_US + hour * HOUR_US
