"""Shares with their intervals, and how often each action was advised."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rules.decision import Action

_Z = 1.959964
"""Standard normal quantile of a two-sided 95 % interval."""
_CERTAIN = frozenset({Action.STOP, Action.FIX})


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of`; where there is nothing to count, no share and no interval."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of Wilson (1927), within 0 to 1.

        >>> low, high = Share(8, 10).interval
        >>> round(low, 3), round(high, 3)
        (0.49, 0.943)
        """
        if not self.of:
            return None
        share, weight = self.count / self.of, _Z * _Z / self.of
        middle = (share + weight / 2) / (1 + weight)
        reach = math.sqrt(weight * share * (1 - share) + weight * weight / 4) / (1 + weight)
        return max(0.0, middle - reach), min(1.0, middle + reach)

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        share = {"count": self.count, "of": self.of, "share": self.value}
        return {**share, "interval": self.interval}

    def __str__(self) -> str:
        if self.value is None or self.interval is None:
            return "of none"
        low, high = self.interval
        return f"{self.value:.2%} ({low:.2%} to {high:.2%})"


@dataclass(slots=True)
class Actions:
    """How often each action was advised on some orders."""

    counts: Counter[Action] = field(default_factory=Counter)
    put_off: int = 0
    """Of WAIT and REROUTE: where a rule blocks the order as it is, as over a day's limit."""

    def add(self, action: Action, *, is_put_off: bool = False) -> None:
        """Count one order."""
        self.counts[action] += 1
        self.put_off += is_put_off

    @property
    def orders(self) -> int:
        """All of them."""
        return self.counts.total()

    @property
    def certain(self) -> Share:
        """What is stopped, for now or for good, or sent to repair."""
        return Share(sum(self.counts[one] for one in _CERTAIN) + self.put_off, self.orders)

    @property
    def held(self) -> Share:
        """What is not submitted as it is."""
        return Share(self.orders - self.counts[Action.SUBMIT], self.orders)

    def share(self, action: Action) -> Share:
        """Give the share of one action."""
        return Share(self.counts[action], self.orders)

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "orders": self.orders,
            "actions": {action.value: self.counts[action] for action in Action},
            "put_off": self.put_off,
            "stopped_or_repaired": self.certain.as_json(),
            "held": self.held.as_json(),
        }

    def __str__(self) -> str:
        found = [(one.value, self.counts[one]) for one in reversed(Action) if self.counts[one]]
        return ", ".join(f"{name} {times:,}" for name, times in found) or "none"
