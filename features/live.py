"""The live computation: the state of every entity in process, read before an order is applied.

A read looks at what counts at `as_of` and changes nothing; apply and sweep alone write.
One writer: calls must not overlap.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from features.catalog import Catalog
from features.entity_state import EntityState
from features.errors import Fault, InvalidOrder
from features.expression import compile_row
from features.feature import DerivedFeature, FieldFeature
from features.kinds import Kind, Value
from features.outcome import OutcomeClass
from features.times import US_PER_SECOND, from_us
from features.windows import OUTCOME_WAIT_US

LATE_READ_US = 86_400 * US_PER_SECOND
"""How far behind the newest event a read stays exact after a sweep."""


class StateStore(Protocol):
    """State behind the features; `facts` are those of `features.facts.order_facts`."""

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Compute the features of an order; missing ones are absent. Changes nothing."""
        ...

    def apply_order(self, facts: Mapping[str, Value], as_of_us: int) -> None:
        """Count an order from now on; the same order id again replaces its earlier self."""
        ...

    def apply_outcome(
        self, order_id: str, outcome_class: str, final: bool, received_at_us: int
    ) -> bool:
        """Count a final outcome from its arrival; False when it can count for nothing."""
        ...

    def sweep(self, as_of_us: int) -> int:
        """Free what no window can reach any more; returns how many events."""
        ...


@dataclass(slots=True)
class _Seen:
    """What is kept of an order that was seen: enough to replace it and to place its outcome."""

    facts: dict[str, Value]
    occurred_us: int
    as_of_us: int
    outcome_class: str | None = None
    outcome_facts: dict[str, Value] | None = None
    outcome_us: int = 0


class LiveState:
    """Exact in-process state for the features of one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        by_entity = {feature.entity.name: feature.entity for feature in catalog.windows}
        self._entities = [
            EntityState(entity, [f for f in catalog.windows if f.entity == entity])
            for entity in by_entity.values()
        ]
        self._fields = [f.name for f in catalog.features if isinstance(f, FieldFeature)]
        self._derived = [
            (f.name, compile_row(f.node)) for f in catalog.features if isinstance(f, DerivedFeature)
        ]
        self._kept_names = sorted(
            {n for f in catalog.windows for n in (*f.entity.key, *f.of)} | {"order_id"}
        )
        self._orders: dict[str, _Seen] = {}

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Compute the features of an order; missing ones are absent. Changes nothing.

        Raises InvalidOrder when an attribute holds another kind than the catalog says.
        """
        facts = self._known_facts(facts)
        row: dict[str, Value] = dict(facts)
        order_id = str(facts.get("order_id", ""))
        own = order_id if order_id in self._orders else None
        for entity in self._entities:
            entity.read(facts, as_of_us, own, row)
        for name, compute in self._derived:
            value = compute(row)
            if value is not None:
                row[name] = value
        return {name: row[name] for name in self.catalog.names if name in row}

    def apply_order(self, facts: Mapping[str, Value], as_of_us: int) -> None:
        """Count an order from now on; the same order id again replaces its earlier self."""
        facts = self._known_facts(facts)
        order_id = str(facts["order_id"])
        earlier = self._orders.get(order_id)
        occurred_us = int(facts["placed_at"])
        kept = {name: facts[name] for name in self._kept_names if name in facts}
        seen = _Seen(kept, occurred_us, as_of_us)
        for entity in self._entities:
            if earlier is not None:
                entity.replace_order(earlier.facts, order_id, earlier.occurred_us, as_of_us)
            entity.apply_order(kept, order_id, occurred_us, as_of_us)
        if earlier is not None:
            seen.outcome_class = earlier.outcome_class
            seen.outcome_facts, seen.outcome_us = earlier.outcome_facts, earlier.outcome_us
        self._orders[order_id] = seen

    def apply_outcome(
        self, order_id: str, outcome_class: str, final: bool, received_at_us: int
    ) -> bool:
        """Count a final outcome from its arrival; False when it can count for nothing.

        That is: it is not final, its order is unknown or younger than it, it came too late, or
        it repeats the last one.
        """
        seen = self._orders.get(order_id)
        if seen is None or not final or seen.outcome_class == outcome_class:
            return False
        if not 0 <= received_at_us - seen.as_of_us <= OUTCOME_WAIT_US:
            return False
        answer = OutcomeClass(outcome_class)
        for entity in self._entities:
            if seen.outcome_facts is not None:
                entity.replace_outcome(
                    seen.outcome_facts, order_id, seen.outcome_us, received_at_us
                )
            entity.apply_outcome(seen.facts, order_id, answer, received_at_us)
        seen.outcome_class, seen.outcome_us = outcome_class, received_at_us
        seen.outcome_facts = seen.facts
        return True

    def sweep(self, as_of_us: int) -> int:
        """Free what no window can reach any more; returns how many events.

        Reads at most LATE_READ_US before `as_of_us` stay exact.
        """
        edge = as_of_us - LATE_READ_US
        freed = sum(entity.sweep(edge) for entity in self._entities)
        widest = max((f.width_us for f in self.catalog.windows), default=0)
        cutoff = edge - max(widest, OUTCOME_WAIT_US)
        for order_id in [i for i, seen in self._orders.items() if seen.as_of_us < cutoff]:
            del self._orders[order_id]
        return freed

    def _known_facts(self, facts: Mapping[str, Value]) -> dict[str, Value]:
        """Add the calendar, and bring attributes to the kinds that the catalog states."""
        known = dict(facts)
        local = from_us(int(facts["placed_at"])).astimezone(self.catalog.zone)
        known["calendar.hour"] = local.hour
        known["calendar.weekday"] = local.weekday()
        faults = []
        for name, kind in self.catalog.attribute_kinds.items():
            if name in known:
                value = as_kind(known[name], kind)
                if value is None:
                    faults.append(Fault(name, repr(known[name]), f"a {kind}, as the catalog says"))
                else:
                    known[name] = value
        if faults:
            raise InvalidOrder(faults)
        return known


def as_kind(value: Value, kind: Kind) -> Value | None:
    """Bring an attribute to a kind: a whole number may stand for text; None if it does not fit."""
    is_boolean = isinstance(value, bool)
    match kind:
        case Kind.TEXT:
            is_whole = isinstance(value, int) and not is_boolean
            return str(value) if is_whole or isinstance(value, str) else None
        case Kind.BOOLEAN:
            return value if is_boolean else None
        case _:
            return value if isinstance(value, int | float) and not is_boolean else None
