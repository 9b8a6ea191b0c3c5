"""The live state of one entity: its orders, open orders, final answers and unknown answers."""

from collections.abc import Callable, Collection, Iterator, Sequence

from features.feature import WindowFeature
from features.kinds import Value
from features.live_changes import Changes
from features.live_plan import readings_of
from features.live_record import KNOWN, AnswerColumns, Columns, Key, OrderColumns, Record
from features.measures import OPEN_MEASURES, OUTCOME_MEASURES, UNKNOWN_MEASURES, Measure
from features.population import Population
from features.series_parts import value_of


class EntityState:
    """Keeps and reads the windows of one entity; `features` are the entity's own."""

    def __init__(
        self, features: Sequence[WindowFeature], orders: OrderColumns, answers: AnswerColumns
    ) -> None:
        self._name = features[0].entity.name
        self._key = orders.values(features[0].entity.key)
        counting = [f for f in features if f.measure not in _OF_OTHERS]
        self._orders = _population(counting, orders.measured)
        self._open = _population(_of(features, OPEN_MEASURES), orders.measured)
        self._answers = _population(_of(features, OUTCOME_MEASURES), answers.measured)
        self._unknowns = _population(_of(features, UNKNOWN_MEASURES), answers.measured)
        self._about_orders = [p for p in (self._orders, self._open) if p is not None]
        self._about_answers = [p for p in (self._answers, self._unknowns) if p is not None]

    def read(
        self, own: Record, as_of_us: int, earlier: Record | None, row: dict[str, Value]
    ) -> None:
        """Add this entity's features to `row`, later than all that was applied.

        `own` is the record of the order that asks, `earlier` that of its earlier self.
        """
        key = self._key_of(own)
        if key is None:
            return
        for population in self._about_orders:
            population.read(key, as_of_us, earlier, own, row)
        for population in self._about_answers:
            population.read(key, as_of_us, None, own, row)

    def read_late(self, own: Record, as_of_us: int, order_id: str, row: dict[str, Value]) -> None:
        """Add this entity's features as they were at an instant before the newest event."""
        key = self._key_of(own)
        if key is None:
            return
        for population in self._about_orders:
            population.read_late(key, as_of_us, order_id, own, row)
        for population in self._about_answers:
            population.read_late(key, as_of_us, None, own, row)

    def read_of(
        self,
        own: Record,
        names: Collection[str],
        as_of_us: int,
        earlier: Record | None,
        row: dict[str, Value],
    ) -> None:
        """Add the named features to `row`, and others that are read with them."""
        key = self._key_of(own)
        if key is None:
            return
        for population in self._about_orders:
            if population.has(names):
                population.read(key, as_of_us, earlier, own, row)
        for population in self._about_answers:
            if population.has(names):
                population.read(key, as_of_us, None, own, row)

    def changes(
        self, own: Record, names: Collection[str], span: tuple[int, int], earlier: Record | None
    ) -> Iterator[Changes]:
        """Give when the windows of these features change in `(after, until]`."""
        key = self._key_of(own)
        if key is None:
            return
        for population in self._about_orders:
            yield from population.changes(key, names, span, earlier)
        for population in self._about_answers:
            yield from population.changes(key, names, span, None)

    def apply_order(self, record: Record, is_open: bool, now_us: int) -> None:
        """Count one order; it is open until a final answer about it arrives."""
        key = self._key_of(record)
        if key is None:
            return
        if self._orders is not None:
            self._orders.add(key, record, now_us)
        if self._open is not None and is_open:
            self._open.add(key, record, now_us)

    def replace_order(self, record: Record, is_open: bool, now_us: int) -> None:
        """End the earlier self of an order."""
        key = self._key_of(record)
        if key is None:
            return
        if self._orders is not None:
            self._orders.end(key, record, now_us)
        if self._open is not None and is_open:
            self._open.end(key, record, now_us)

    def close_order(self, record: Record, now_us: int) -> None:
        """Stop counting an order as open."""
        key = self._key_of(record)
        if key is not None and self._open is not None:
            self._open.end(key, record, now_us)

    def apply_answer(self, about: Record, record: Record) -> None:
        """Count one final answer about an order; it happened when it arrived."""
        key = self._key_of(about)
        if key is not None and self._answers is not None:
            self._answers.add(key, record, record[KNOWN])

    def replace_answer(self, about: Record, record: Record, now_us: int) -> None:
        """End the earlier final answer about an order."""
        key = self._key_of(about)
        if key is not None and self._answers is not None:
            self._answers.end(key, record, now_us)

    def apply_unknown(self, about: Record, record: Record) -> None:
        """Count the first answer of class unknown about an order."""
        key = self._key_of(about)
        if key is not None and self._unknowns is not None:
            self._unknowns.add(key, record, record[KNOWN])

    def populations(self) -> Iterator[tuple[str, Population]]:
        """Give each population with a name that says whose and what it is."""
        named = {
            "orders": self._orders,
            "open": self._open,
            "answers": self._answers,
            "unknowns": self._unknowns,
        }
        for name, population in named.items():
            if population is not None:
                yield f"{self._name} {name}", population

    def visit(self, now_us: int, keys: int) -> int:
        """Free what no window reaches any more of up to so many keys of each population."""
        populations = [*self._about_orders, *self._about_answers]
        return sum(population.visit(now_us, keys) for population in populations)

    def _key_of(self, record: Record) -> Key | None:
        first = self._key[0]
        key: Key | None = record[first] if len(self._key) == 1 else value_of(record, self._key)
        return key


_OF_OTHERS = OPEN_MEASURES | OUTCOME_MEASURES | UNKNOWN_MEASURES


def _of(features: Sequence[WindowFeature], measures: frozenset[Measure]) -> list[WindowFeature]:
    return [feature for feature in features if feature.measure in measures]


def _population(
    features: Sequence[WindowFeature], measured: Callable[[WindowFeature], Columns]
) -> Population | None:
    return Population(readings_of(features, measured)) if features else None
