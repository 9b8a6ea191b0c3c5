"""The hidden policy of a scenario, order by order, over what this channel itself was sent.

Signals and weights are the scenario's, as in `training.simulate.policy`, which sees a whole world
at once. Each is counted as rate limiters count: two fixed buckets per entity, the older one
weighted by how much of it still lies in the window. Orders that are held back are never seen
here, so advice that is obeyed changes what is remembered.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from features.order import Order
from features.times import to_us
from training.simulate.channel.luck import logistic, luck
from training.simulate.goods import load_kinds
from training.simulate.scenario import Drift, Policy, Signal, SignalName

_YOUTH_DAYS = 10.0
_NIGHT_ENDS = 6
_USUAL_AMOUNT_MINOR = 30_000.0
_DAY_US = 86_400_000_000
_HOUR_US = 3_600_000_000
_ZONE_SHIFT_US = 8 * _HOUR_US


@dataclass(slots=True)
class _Buckets:
    number: int = -1
    here: int = 0
    before: int = 0
    seen: set[str] = field(default_factory=set)


class Counter:
    """Estimates how many events, or new values, an entity had in the last `width_us`."""

    def __init__(self, width_us: int) -> None:
        self._width_us = width_us
        self._of: defaultdict[str, _Buckets] = defaultdict(_Buckets)

    def level(self, entity: str | None, at_us: int) -> float:
        """Read the estimate before this event."""
        if entity is None:
            return 0.0
        found = self._rolled(entity, at_us)
        return found.here + found.before * (1 - at_us % self._width_us / self._width_us)

    def count(self, entity: str | None, at_us: int, value: str | None = None) -> None:
        """Count an event; with a value, only the first of each value in a bucket."""
        if entity is None:
            return
        found = self._rolled(entity, at_us)
        if value is None or value not in found.seen:
            found.here += 1
        if value is not None:
            found.seen.add(value)

    def _rolled(self, entity: str, at_us: int) -> _Buckets:
        found, number = self._of[entity], at_us // self._width_us
        if number != found.number:
            found.before = found.here if number == found.number + 1 else 0
            found.number, found.here = number, 0
            found.seen.clear()
        return found


_Level = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Parties:
    """Who and where: the entities of one order that a channel counts by."""

    buyer: str | None
    device: str | None
    card: str | None
    ip: str | None
    city: str | None
    address: str | None

    @classmethod
    def of(cls, order: Order) -> "Parties":
        """Read them from an order."""
        buyer, device, receiver = order.buyer, order.device, order.receiver
        parts = (
            ()
            if receiver is None
            else (receiver.province, receiver.city, receiver.district, receiver.line)
        )
        return cls(
            buyer=buyer.id if buyer else None,
            device=device.id if device else None,
            card=buyer.card.hash if buyer and buyer.card else None,
            ip=device.ip if device else None,
            city=receiver.city if receiver else None,
            address="|".join(part or "" for part in parts) if any(parts) else None,
        )


@dataclass(frozen=True, slots=True)
class _Counting:
    """What a counting signal counts, and how the count becomes a level."""

    entity: str
    value: str | None
    level: _Level
    is_patient: bool = False


_COUNTING: Mapping[SignalName, _Counting] = {
    "account_pace": _Counting("buyer", None, math.log1p, is_patient=True),
    "device_sharing": _Counting("device", "buyer", lambda count: min(4.0, count)),
    "card_cycling": _Counting("device", "card", math.log1p),
    "spread": _Counting("buyer", "city", lambda count: min(8.0, count), is_patient=True),
    "drop_sharing": _Counting("address", "buyer", lambda count: min(4.0, count)),
    "crowding": _Counting("ip", None, math.log1p),
}


class Suspicion:
    """One channel's policy with its own memory; `period_us` is what shares of drift refer to."""

    def __init__(self, policy: Policy, seed: int, period_us: tuple[int, int]) -> None:
        self._policy = policy
        self._seed = seed
        self._period_us = period_us
        self._counters = {
            name: Counter(int(policy.signals[name].memory_s * 1e6))
            for name in _COUNTING
            if name in policy.signals
        }
        self._flagged_us: dict[str, int] = {}
        self._resale = {kind.name: kind.resale for kind in load_kinds()}

    def refuses(self, order: Order, amount_minor: int, at_us: int) -> bool:
        """Decide on one order and remember it; it does not count itself."""
        policy, parties = self._policy, Parties.of(order)
        noise = policy.noise * logistic(luck(self._seed, "policy", order.order_id))
        level = self.level(order, amount_minor, at_us) + noise
        self._remember(parties, at_us)
        threshold = policy.threshold + sum(
            drift.threshold * self._progress(drift, at_us) for drift in policy.drift
        )
        flagged_us = self._flagged_us.get(parties.buyer or "")
        watched = flagged_us is not None and at_us - flagged_us < policy.watch_s * 1e6
        if parties.buyer is not None and level > threshold:
            self._flagged_us[parties.buyer] = at_us
        return level > threshold - policy.watch_relief * watched

    def level(self, order: Order, amount_minor: int, at_us: int) -> float:
        """Weigh what is remembered of the order's account, device, card and places."""
        parties = Parties.of(order)
        youth = math.exp(-_age_days(order, at_us) / _YOUTH_DAYS)
        patience = self._policy.patience + (1 - self._policy.patience) * youth
        levels: dict[SignalName, float] = {
            "youth": youth,
            "resale": self._resale_of(order),
            "amount": math.log(max(1, amount_minor) / _USUAL_AMOUNT_MINOR),
            "night": float((at_us + _ZONE_SHIFT_US) // _HOUR_US % 24 < _NIGHT_ENDS),
        }
        for name, counter in self._counters.items():
            counting = _COUNTING[name]
            level = counting.level(counter.level(getattr(parties, counting.entity), at_us))
            levels[name] = level * (patience if counting.is_patient else 1.0)
        signals = self._policy.signals
        return sum(
            self._weight(name, signals[name], at_us) * level
            for name, level in levels.items()
            if name in signals
        )

    def _weight(self, name: SignalName, signal: Signal, at_us: int) -> float:
        weight = signal.weight
        for drift in self._policy.drift:
            weight *= 1 + (drift.weights.get(name, 1.0) - 1) * self._progress(drift, at_us)
        return weight

    def _progress(self, drift: Drift, at_us: int) -> float:
        """Tell how much of a drift is in force: 0 before it, 1 from `over_days` after it."""
        start_us, end_us = self._period_us
        share = drift.at
        since = (
            to_us(share)
            if isinstance(share, datetime)
            else (start_us + share * (end_us - start_us))
        )
        if at_us < since:
            return 0.0
        width = drift.over_days * _DAY_US
        return min(1.0, (at_us - since) / width) if width else 1.0

    def _remember(self, parties: Parties, at_us: int) -> None:
        for name, counter in self._counters.items():
            counting = _COUNTING[name]
            value = getattr(parties, counting.value) if counting.value else None
            if counting.value is None or value is not None:
                counter.count(getattr(parties, counting.entity), at_us, value)

    def _resale_of(self, order: Order) -> float:
        category = order.items[0].category if order.items else None
        return self._resale.get(category or "", 0.0)


def _age_days(order: Order, at_us: int) -> float:
    opened = order.buyer.registered_at if order.buyer else None
    return 365.0 if opened is None else max(0, at_us - to_us(opened)) / _DAY_US
