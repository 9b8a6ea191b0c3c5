"""Congestion: above its capacity a channel turns a growing share away, and answers ever later."""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from training.simulate.channel.luck import luck
from training.simulate.channel.suspicion import Counter

CONGESTION = "congestion"
"""The cause in a history's truth."""
_LOST_SHARE = 0.125
_TAKEN_SHARE = 0.125
"""Of those hit: never arrived, and taken without an answer; the rest is told "busy" (assumed)."""


class Strain(Enum):
    """What congestion does to a submission."""

    BUSY = "busy"
    TAKEN_UNANSWERED = "taken, no answer"
    LOST = "never arrived"


@dataclass(frozen=True, slots=True)
class Capacity:
    """So many submissions in any `width_us`; at twice as many, `share` of them are hit."""

    submissions: float
    width_us: int
    share: float
    busy_codes: Sequence[str]
    """Raw codes that say "busy", as often as they are given."""

    def __post_init__(self) -> None:
        """Hold that there is something to say."""
        if not self.busy_codes or self.submissions <= 0:
            raise AssertionError("a capacity needs a code to say so, and to be more than 0")


class Crowd:
    """Counts what one channel is sent, taken or not; without a capacity nothing is too much."""

    def __init__(self, capacity: Capacity | None, seed: int) -> None:
        self._capacity = capacity
        self._seed = seed
        self._counter = Counter(capacity.width_us if capacity else 1)
        self._tries: Tally[str] = Tally()
        self.over = 0.0
        """How far above capacity the last submission came: 0 below it, 1 from twice it on."""

    def strain(self, order_id: str, at_us: int) -> Strain | None:
        """Tell what congestion does to one submission, and count it; it does not count itself."""
        if self._capacity is None:
            return None
        sent = self._counter.level("", at_us)
        self._counter.count("", at_us)
        self.over = min(1.0, max(0.0, sent / self._capacity.submissions - 1))
        self._tries[order_id] += 1
        drawn = luck(self._seed, f"crowd {self._tries[order_id]}", order_id)
        share = self._capacity.share * self.over
        return _strain(drawn / share) if drawn < share else None

    def busy_code(self, order_id: str) -> str | None:
        """Draw how "busy" is worded; None without a capacity."""
        if self._capacity is None:
            return None
        codes = self._capacity.busy_codes
        return codes[int(luck(self._seed, "busy", order_id) * len(codes))]


def _strain(drawn: float) -> Strain:
    if drawn < _LOST_SHARE:
        return Strain.LOST
    return Strain.TAKEN_UNANSWERED if drawn < _LOST_SHARE + _TAKEN_SHARE else Strain.BUSY
