"""The live state of one entity: a series of orders and one of outcomes for each of its keys."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from features.feature import (
    NUMERIC_MEASURES,
    OUTCOME_MEASURES,
    SINCE_MEASURES,
    Entity,
    Measure,
    WindowFeature,
)
from features.kinds import Value
from features.outcome import OutcomeClass
from features.series import Event, Key, Series
from features.times import US_PER_SECOND
from features.windows import entity_key, outcome_counts


class EntityState:
    """Keeps and reads the windows of one entity."""

    def __init__(self, entity: Entity, features: Sequence[WindowFeature]) -> None:
        self._key = entity.key
        self._orders = _SeriesByKey([f for f in features if f.measure not in OUTCOME_MEASURES])
        self._answers = _SeriesByKey([f for f in features if f.measure in OUTCOME_MEASURES])

    def read(
        self, facts: Mapping[str, Value], as_of_us: int, own_id: str | None, row: dict[str, Value]
    ) -> None:
        """Add this entity's features to `row`; `own_id` names an earlier self to leave out."""
        key = entity_key(self._key, facts)
        if key is not None:
            self._orders.read(key, as_of_us, own_id, row)
            self._answers.read(key, as_of_us, None, row)

    def apply_order(
        self, facts: Mapping[str, Value], order_id: str, occurred_us: int, known_us: int
    ) -> None:
        """Count one order."""
        key = entity_key(self._key, facts)
        if key is not None:
            self._orders.add(key, facts, order_id, occurred_us, known_us, None)

    def apply_outcome(
        self, facts: Mapping[str, Value], order_id: str, answer: OutcomeClass, received_us: int
    ) -> None:
        """Count one final outcome of the order that had these facts."""
        key = entity_key(self._key, facts)
        if key is not None:
            self._answers.add(key, facts, order_id, received_us, received_us, answer)

    def replace_order(
        self, facts: Mapping[str, Value], order_id: str, occurred_us: int, replaced_us: int
    ) -> None:
        """End the earlier self of an order."""
        self._orders.replace(entity_key(self._key, facts), order_id, occurred_us, replaced_us)

    def replace_outcome(
        self, facts: Mapping[str, Value], order_id: str, received_us: int, replaced_us: int
    ) -> None:
        """End the earlier outcome of an order."""
        self._answers.replace(entity_key(self._key, facts), order_id, received_us, replaced_us)

    def sweep(self, edge_us: int) -> int:
        """Free events that no window reaches from `edge_us` on."""
        return self._orders.sweep(edge_us) + self._answers.sweep(edge_us)


class _SeriesByKey:
    """Series by key, and what to read from each for a list of features."""

    def __init__(self, features: Sequence[WindowFeature]) -> None:
        self._features = features
        self._widths = sorted({feature.width_us for feature in features})
        self._numbers = sorted(
            {_column_name(f) for f in features if f.measure in NUMERIC_MEASURES | OUTCOME_MEASURES}
        )
        self._values = sorted({f.of for f in features if f.measure is Measure.DISTINCT})
        self._peaks = sorted(
            {
                (self._numbers.index(_column_name(f)), _sign(f))
                for f in features
                if f.measure in _EXTREMES
            }
        )
        self._plan = [(f.name, f.measure, f.width_us, self._column(f)) for f in features]
        self._unknown = {
            f.name: 0
            for f in features
            if f.measure in (Measure.COUNT, Measure.SUM, Measure.DISTINCT, Measure.OUTCOMES)
        }
        self._series: dict[Key, Series] = {}

    def add(
        self,
        key: Key,
        facts: Mapping[str, Value],
        order_id: str,
        occurred_us: int,
        known_us: int,
        answer: OutcomeClass | None,
    ) -> None:
        if not self._features:
            return
        numbers = tuple(_number(facts, name, answer, occurred_us) for name in self._numbers)
        values = tuple(entity_key(names, facts) for names in self._values)
        series = self._series.get(key)
        if series is None:
            series = Series(len(self._numbers), len(self._values), self._peaks)
            self._series[key] = series
        series.add(Event(order_id, occurred_us, known_us, numbers, values))

    def replace(self, key: Key | None, order_id: str, occurred_us: int, replaced_us: int) -> None:
        series = self._series.get(key) if key is not None else None
        if series is not None:
            series.replace(order_id, occurred_us, replaced_us)

    def sweep(self, edge_us: int) -> int:
        cutoff = edge_us - max(self._widths, default=0)
        freed = 0
        for key, series in list(self._series.items()):
            freed += series.forget(cutoff)
            if not len(series):
                del self._series[key]
        return freed

    def read(self, key: Key, as_of_us: int, own_id: str | None, row: dict[str, Value]) -> None:
        series = self._series.get(key)
        if series is None:
            row.update(self._unknown)
        elif own_id is None and series.is_settled(as_of_us):
            self._read_settled(series, as_of_us, row)
        else:
            self._read_each(series, as_of_us, own_id, row)

    def _read_settled(self, series: Series, as_of_us: int, row: dict[str, Value]) -> None:
        end = len(series.times)
        firsts = {width: bisect_left(series.times, as_of_us - width) for width in self._widths}
        for name, measure, width, column in self._plan:
            value = _settled(series, measure, column, firsts[width], end, as_of_us - width)
            if measure in SINCE_MEASURES and value is not None:
                value = (as_of_us - value) / US_PER_SECOND
            if value is not None:
                row[name] = value

    def _read_each(
        self, series: Series, as_of_us: int, own_id: str | None, row: dict[str, Value]
    ) -> None:
        events = [event for event in series.events_at(as_of_us) if event.order_id != own_id]
        for name, measure, width, column in self._plan:
            start = as_of_us - width
            seen = [event for event in events if event.occurred_us >= start]
            value = _measured(seen, measure, column)
            if measure in SINCE_MEASURES and value is not None:
                value = (as_of_us - value) / US_PER_SECOND
            if value is not None:
                row[name] = value

    def _column(self, feature: WindowFeature) -> int:
        if feature.measure in NUMERIC_MEASURES | OUTCOME_MEASURES:
            return self._numbers.index(_column_name(feature))
        return self._values.index(feature.of) if feature.measure is Measure.DISTINCT else 0


_EXTREMES = frozenset({Measure.MAX, Measure.MIN, Measure.SECONDS_SINCE_OUTCOME})
_SINCE = "since "


def _column_name(feature: WindowFeature) -> str:
    """Name the number that is kept of each event: a fact, an outcome's flag, or its instant."""
    if feature.measure in NUMERIC_MEASURES:
        return feature.of[0]
    is_since = feature.measure is Measure.SECONDS_SINCE_OUTCOME
    return f"{_SINCE}{feature.outcome}" if is_since else feature.outcome


def _sign(feature: WindowFeature) -> int:
    return -1 if feature.measure is Measure.MIN else 1


def _number(
    facts: Mapping[str, Value], name: str, answer: OutcomeClass | None, occurred_us: int
) -> int | None:
    if answer is None:
        value = facts.get(name)
        return None if value is None else int(value)
    counts = outcome_counts(answer, name.removeprefix(_SINCE))
    if name.startswith(_SINCE):
        return occurred_us if counts else None
    return int(counts)


def _settled(
    series: Series, measure: Measure, column: int, first: int, end: int, start_us: int
) -> int | float | None:
    match measure:
        case Measure.COUNT:
            return end - first
        case Measure.DISTINCT:
            return series.latest[column].since(start_us)
        case Measure.SECONDS_SINCE_LAST:
            return series.times[-1] if first < end else None
        case Measure.MAX | Measure.SECONDS_SINCE_OUTCOME:
            return series.peaks[column, 1].since(start_us)
        case Measure.MIN:
            lowest = series.peaks[column, -1].since(start_us)
            return None if lowest is None else -lowest
        case Measure.SUM | Measure.MEAN | Measure.OUTCOMES | Measure.RATE:
            totals = series.totals[column]
            total = totals.sums[end] - totals.sums[first]
            size = totals.sizes[end] - totals.sizes[first]
            return _ratio(measure, total, size)


def _ratio(measure: Measure, total: int, size: int) -> int | float | None:
    if measure in (Measure.SUM, Measure.OUTCOMES):
        return total
    return float(total) / float(size) if size else None


def _measured(events: Sequence[Event], measure: Measure, column: int) -> int | float | None:
    match measure:
        case Measure.COUNT:
            return len(events)
        case Measure.DISTINCT:
            return len({e.values[column] for e in events if e.values[column] is not None})
        case Measure.SECONDS_SINCE_LAST:
            return max((event.occurred_us for event in events), default=None)
    numbers = [n for n in (event.numbers[column] for event in events) if n is not None]
    match measure:
        case Measure.MAX | Measure.SECONDS_SINCE_OUTCOME:
            return max(numbers, default=None)
        case Measure.MIN:
            return min(numbers, default=None)
        case _:
            return _ratio(measure, sum(numbers), len(numbers))
