"""The live computation: the state of every entity in process, read before an order is applied.

A read looks at what counts at `as_of` and changes nothing; apply and sweep alone write, and free
what no window reaches any more. One writer: calls must not overlap.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from features.catalog import Catalog
from features.entity_state import EntityState
from features.expression import compile_row
from features.feature import DerivedFeature, FieldFeature, WindowFeature
from features.kinds import Value
from features.links.live import LiveLinks
from features.live_changes import Changes, merged
from features.live_facts import FactsOfCatalog
from features.live_orders import SeenOrders
from features.live_record import KNOWN, AnswerColumns, OrderColumns, Record
from features.outcome import OutcomeClass
from features.population import LATE_READ_US, Population
from features.windows import FOREVER_US, OUTCOME_WAIT_US

_KEYS_OF_A_SWEEP = 1_000
"""Keys of each population that one sweep looks at: it must not hold up an answer for long."""


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
        """Count an outcome from its arrival; False when it can count for nothing."""
        ...

    def sweep(self, as_of_us: int) -> int:
        """Free what no window can reach any more; returns how many events."""
        ...


class LiveState:
    """Exact in-process state for the features of one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._facts = FactsOfCatalog(catalog)
        self._columns = OrderColumns(catalog.windows)
        self._answer_columns = AnswerColumns(catalog.windows)
        by_entity: dict[tuple[str, ...], list[WindowFeature]] = {}
        for feature in catalog.windows:
            by_entity.setdefault(feature.entity.key, []).append(feature)
        self._entities = [
            EntityState(features, self._columns, self._answer_columns)
            for features in by_entity.values()
        ]
        self._fields = [f.name for f in catalog.features if isinstance(f, FieldFeature)]
        self._derived = [
            (f.name, compile_row(f.node)) for f in catalog.features if isinstance(f, DerivedFeature)
        ]
        self._links = LiveLinks(catalog.links) if catalog.links else None
        self._orders = SeenOrders(max(catalog.widest_us, OUTCOME_WAIT_US) + LATE_READ_US)
        self._settled_us = -FOREVER_US
        self._sequence = 0

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Compute the features of an order; missing ones are absent. Changes nothing.

        Raises InvalidOrder when an attribute holds another kind than the catalog says.
        """
        known = self._facts.complete(facts)
        found = {name: known[name] for name in self._fields if name in known}
        self._read_windows(known, as_of_us, found)
        if self._links is not None:
            self._links.read(known, as_of_us, found)
        if self._derived:
            row = {**known, **found}
            for name, compute in self._derived:
                value = compute(row)
                if value is not None:
                    row[name] = found[name] = value
        return found

    def read_windows(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int
    ) -> dict[str, Value]:
        """Compute the named window features alone, as `read` would; missing ones are absent."""
        row: dict[str, Value] = {}
        if as_of_us <= self._settled_us:
            row = self.read(facts, as_of_us)
        else:
            known = self._facts.complete(facts)
            own = self._columns.own(known, as_of_us)
            earlier = self._orders.latest(str(known.get("order_id", "")))
            for entity in self._entities:
                entity.read_of(own, names, as_of_us, earlier, row)
        return {name: row[name] for name in names if name in row}

    def changes_after(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int, until_us: int
    ) -> Changes:
        """Give when windows behind the named features will change by themselves; changes nothing.

        Instants in `(as_of_us, until_us]`, by what was applied before `as_of_us`. Links are left
        out. Costs a look at a few records, however many there are.
        """
        known = self._facts.complete(facts)
        behind = self.catalog.windows_behind
        windows = {window.name for name in names for window in behind.get(name, ())}
        own = self._columns.own(known, as_of_us)
        earlier = self._orders.latest(str(known.get("order_id", "")))
        span = (as_of_us, until_us)
        return merged(
            part
            for entity in self._entities
            for part in entity.changes(own, windows, span, earlier)
        )

    def apply_order(self, facts: Mapping[str, Value], as_of_us: int) -> None:
        """Count an order from now on; the same order id again replaces its earlier self."""
        known = self._facts.complete(facts)
        occurred_us = int(known["placed_at"])
        record = self._columns.record(known, occurred_us, self._next(), as_of_us)
        order_id = str(known["order_id"])
        earlier, is_open = self._orders.latest(order_id), self._orders.is_open(order_id)
        for entity in self._entities:
            if earlier is not None:
                entity.replace_order(earlier, is_open, as_of_us)
            entity.apply_order(record, is_open, as_of_us)
        self._orders.see(record)
        self._settle(as_of_us)
        if self._links is not None:
            self._links.apply_order(known, occurred_us, as_of_us)

    def apply_outcome(
        self, order_id: str, outcome_class: str, final: bool, received_at_us: int
    ) -> bool:
        """Count an outcome from its arrival: a final one, or the first unknown one of an order.

        False when it counts for nothing: its order is not known or younger than it, it came too
        late, or it says what was said before.
        """
        about = self._orders.latest(order_id)
        if about is None or not 0 <= received_at_us - about[KNOWN] <= OUTCOME_WAIT_US:
            return False
        answer = OutcomeClass(outcome_class)
        if final:
            return self._answer(order_id, about, answer, received_at_us)
        is_unknown = answer is OutcomeClass.UNKNOWN
        return is_unknown and self._doubt(order_id, about, received_at_us)

    def sweep(self, as_of_us: int) -> int:
        """Free what no window can reach any more, of a bounded number of keys; returns how many.

        Each order that is applied frees as much as it adds, so this matters after a pause only.
        Reads at most LATE_READ_US before `as_of_us` stay exact.
        """
        self._orders.forget(as_of_us, _KEYS_OF_A_SWEEP)
        freed = sum(entity.visit(as_of_us, _KEYS_OF_A_SWEEP) for entity in self._entities)
        if self._links is not None:
            freed += self._links.sweep(as_of_us)
        return freed

    def populations(self) -> Iterator[tuple[str, Population]]:
        """Give each population with the name of its entity and of its events, to be weighed."""
        for entity in self._entities:
            yield from entity.populations()

    def orders_kept(self) -> SeenOrders:
        """Give the orders that are remembered, to be weighed."""
        return self._orders

    def _read_windows(
        self, facts: Mapping[str, Value], as_of_us: int, row: dict[str, Value]
    ) -> None:
        own = self._columns.own(facts, as_of_us)
        order_id = str(facts.get("order_id", ""))
        if as_of_us <= self._settled_us:
            for entity in self._entities:
                entity.read_late(own, as_of_us, order_id, row)
            return
        earlier = self._orders.latest(order_id)
        for entity in self._entities:
            entity.read(own, as_of_us, earlier, row)

    def _answer(self, order_id: str, about: Record, answer: OutcomeClass, received_us: int) -> bool:
        """Count a final answer, in the place of one before it that said something else.

        One that is reported late, and arrived before the one that counts, takes its place only
        if it says the same: so the state is the same in whichever order they are applied.
        """
        before = self._orders.answered(order_id)
        if before is not None:
            says_same = before.outcome == answer.value
            if says_same is (received_us >= before.record[KNOWN]):
                return False
        record = self._answer_columns.record(answer, received_us, self._next(), about)
        for entity in self._entities:
            if before is None:
                entity.close_order(about, received_us)
            else:
                entity.replace_answer(before.about, before.record, received_us)
            entity.apply_answer(about, record)
        self._orders.answer(order_id, answer.value, about, record)
        self._settle(received_us)
        return True

    def _doubt(self, order_id: str, about: Record, received_us: int) -> bool:
        """Count the first unknown answer about an order."""
        if not self._orders.doubt(order_id):
            return False
        unknown = OutcomeClass.UNKNOWN
        record = self._answer_columns.record(unknown, received_us, self._next(), about)
        for entity in self._entities:
            entity.apply_unknown(about, record)
        self._settle(received_us)
        return True

    def _settle(self, now_us: int) -> None:
        self._settled_us = max(self._settled_us, now_us)

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence


__all__ = ["LATE_READ_US", "LiveState", "StateStore"]
