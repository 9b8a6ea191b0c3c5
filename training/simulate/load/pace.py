"""How fast a load really went: against its own timetable, so that slow answers cannot hide."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import Struct

LATE_S = 0.010
"""An order that began more than so much after its time is behind schedule."""


@dataclass(slots=True)
class Leg:
    """One order's real times, in seconds since the load began; written by the player alone."""

    due_s: float
    began_s: float = 0.0
    scored_s: float = 0.0
    submitted_s: float | None = None
    """The channel's answer was there; None for what was not sent."""
    done_s: float = 0.0


class Quantiles(Struct, frozen=True, kw_only=True):
    """Milliseconds."""

    p50_ms: float
    p99_ms: float
    most_ms: float


class Pace(Struct, frozen=True, kw_only=True):
    """One load in real time. Rates are orders a second."""

    orders: int
    asked_rate: float
    begun_rate: float
    """Orders begun, over the time from the first to the last of them."""
    done_rate: float
    """Orders scored, sent, answered and reported, over the time until the last of them was."""
    behind: int
    """Orders that began more than `LATE_S` after their time."""
    most_behind_ms: float
    most_in_flight: int
    score_since_due: Quantiles
    """From an order's time in the timetable to its advice: the wait to be sent counts too."""
    score: Quantiles
    """From the request to the advice."""
    channel: Quantiles
    """From the advice to the channel's answer; sending in order is waited for in it."""


def pace_of(legs: Sequence[Leg], asked_rate: float) -> Pace:
    """Sum up a load that was played to its end."""
    began = sorted(leg.began_s for leg in legs)
    behind = [leg.began_s - leg.due_s for leg in legs]
    ends = max((leg.done_s for leg in legs), default=0.0)
    return Pace(
        orders=len(legs),
        asked_rate=asked_rate,
        begun_rate=_rate(len(legs) - 1, began[-1] - began[0]) if legs else 0.0,
        done_rate=_rate(len(legs), ends),
        behind=sum(late > LATE_S for late in behind),
        most_behind_ms=1_000 * max(0.0, *behind, 0.0),
        most_in_flight=_most_in_flight(legs),
        score_since_due=_quantiles([leg.scored_s - leg.due_s for leg in legs]),
        score=_quantiles([leg.scored_s - leg.began_s for leg in legs]),
        channel=_quantiles(
            [leg.submitted_s - leg.scored_s for leg in legs if leg.submitted_s is not None]
        ),
    )


def _rate(number: int, seconds: float) -> float:
    return number / seconds if seconds > 0 else 0.0


def _most_in_flight(legs: Sequence[Leg]) -> int:
    steps = sorted([(leg.began_s, 1) for leg in legs] + [(leg.done_s, -1) for leg in legs])
    return int(np.cumsum([step for _, step in steps]).max()) if steps else 0


def _quantiles(seconds: Sequence[float]) -> Quantiles:
    if not seconds:
        return Quantiles(p50_ms=0.0, p99_ms=0.0, most_ms=0.0)
    p50, p99 = np.quantile(seconds, [0.5, 0.99]) * 1_000
    return Quantiles(p50_ms=float(p50), p99_ms=float(p99), most_ms=max(seconds) * 1_000)
