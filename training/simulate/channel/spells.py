"""Bad times of a played history: what an order meets that comes at another time or elsewhere.

An order that is sent as the history sent it fares as it did there. One that waited, or that was
sent by another channel, meets the outages, decays and closed tills of that time and channel.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from features.order import Order
from training.simulate.channel.luck import luck
from training.simulate.scenario import Scenario, WindowRate
from training.simulate.slices import Span
from training.simulate.weather import ARREARS, DECAY, KEY, OUTAGE, RESTRICTED, bad_times

OF_A_TIME = frozenset(
    {"outage", "degradation", "congestion", "key_mismatch", "merchant_restricted",
     "merchant_arrears"}
)  # fmt: skip
"""Causes that are the time's, not the order's."""
_PAYOUTS_ONLY = frozenset({"merchant_restricted", "merchant_arrears"})


@dataclass(frozen=True, slots=True)
class Spell:
    """One cause: its windows, and the share of what is sent in them that it hits."""

    windows: tuple[tuple[int, int], ...]
    share: float
    grows: bool
    """From nothing at a window's start to the whole share at its end."""

    def share_at(self, instant_us: int) -> float:
        """Give the share that is hit at an instant; of several windows the worst counts."""
        far = (
            (instant_us - start) / (end - start)
            for start, end in self.windows
            if start <= instant_us < end
        )
        return self.share * max((part if self.grows else 1.0 for part in far), default=0.0)


@dataclass(frozen=True, slots=True)
class Spells:
    """The bad times of one channel, in the sequence in which it meets them."""

    by_cause: Mapping[str, Spell]
    seed: int

    def hit(self, order: Order, instant_us: int) -> str | None:
        """Name what hits an order; its luck is another for each cause, and drawn once."""
        for cause, spell in self.by_cause.items():
            concerns = order.payout is not None or cause not in _PAYOUTS_ONLY
            drawn = luck(self.seed, f"spell {cause}", order.order_id)
            if concerns and drawn < spell.share_at(instant_us):
                return cause
        return None


def spells_of(scenario: Scenario, channel: str, span: Span, seed: int) -> Spells:
    """Find the bad times that a history's world was drawn with."""
    return Spells(dict(_spells(scenario, channel, span)), seed)


def _spells(scenario: Scenario, channel: str, span: Span) -> Iterator[tuple[str, Spell]]:
    windows = scenario.windows
    yield "key_mismatch", _spell(windows.key_mismatch, KEY, span)
    yield "outage", _spell(windows.outage, f"{OUTAGE} {channel}", span)
    yield "degradation", _spell(windows.degradation, f"{DECAY} {channel}", span, grows=True)
    yield "merchant_restricted", _spell(windows.merchant_restricted, RESTRICTED, span)
    yield "merchant_arrears", _spell(windows.arrears, ARREARS, span)


def _spell(rate: WindowRate, part: str, span: Span, *, grows: bool = False) -> Spell:
    drawn = bad_times(rate, part, span)
    return Spell(tuple((int(start), int(end)) for start, end in drawn), rate.share, grows)
