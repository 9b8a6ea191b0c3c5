"""What a window sees, said once, and the slow, obvious rescan that every fast path must equal.

An event counts for a decision at `as_of` when it happened in `[as_of - width, as_of)`, was
known before `as_of`, and was not replaced before `as_of`. An order's own earlier self never
counts for it. Of one order, the latest final outcome counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from features.feature import (
    ANY_OUTCOME,
    OUTCOME_MEASURES,
    REFUSED,
    Measure,
    WindowFeature,
)
from features.kinds import Value
from features.outcome import REFUSALS
from features.times import US_PER_SECOND

FOREVER_US = 2**62
"""Later than any instant: the end of an event that nothing replaced."""

OUTCOME_WAIT_US = 200 * 86_400 * US_PER_SECOND
"""How long after its order an outcome may arrive and still count for the order's entities."""


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One version of an order, as the windows see it; instants in microseconds."""

    order_id: str
    occurred_us: int
    received_us: int
    facts: Mapping[str, Value]
    replaced_us: int = FOREVER_US


@dataclass(frozen=True, slots=True)
class OutcomeEvent:
    """One final answer about one order; it happened, for the windows, when it arrived."""

    order_id: str
    received_us: int
    outcome_class: str
    facts: Mapping[str, Value]
    replaced_us: int = FOREVER_US


def entity_key(names: Sequence[str], facts: Mapping[str, Value]) -> tuple[Value, ...] | None:
    """Give the key of an entity, or None when any part of it is missing."""
    key = tuple(facts[name] for name in names if name in facts)
    return key if len(key) == len(names) else None


def outcome_counts(outcome_class: str, wanted: str) -> bool:
    """Tell whether a final outcome of this class is one of the `wanted` ones."""
    if wanted == REFUSED:
        return outcome_class in REFUSALS
    return wanted in (ANY_OUTCOME, outcome_class)


def replaced_orders(events: Iterable[OrderEvent]) -> list[OrderEvent]:
    """Mark every version of an order as replaced from when the next version was received."""
    latest: dict[str, int] = {}
    kept: list[OrderEvent] = []
    for event in sorted(events, key=lambda e: e.received_us):
        earlier = latest.get(event.order_id)
        if earlier is not None:
            kept[earlier] = replace(kept[earlier], replaced_us=event.received_us)
        latest[event.order_id] = len(kept)
        kept.append(event)
    return kept


def replaced_outcomes(events: Iterable[OutcomeEvent]) -> list[OutcomeEvent]:
    """Drop repeated answers, and mark an answer as replaced from when another one arrived."""
    latest: dict[str, int] = {}
    kept: list[OutcomeEvent] = []
    for event in sorted(events, key=lambda e: e.received_us):
        earlier = latest.get(event.order_id)
        if earlier is not None:
            if kept[earlier].outcome_class == event.outcome_class:
                continue
            kept[earlier] = replace(kept[earlier], replaced_us=event.received_us)
        latest[event.order_id] = len(kept)
        kept.append(event)
    return kept


def rescan(
    feature: WindowFeature,
    facts: Mapping[str, Value],
    as_of_us: int,
    orders: Iterable[OrderEvent],
    outcomes: Iterable[OutcomeEvent],
) -> Value | None:
    """Compute one window feature by looking at every event: the definition of its value.

    `orders` and `outcomes` are marked by `replaced_orders` and `replaced_outcomes`.
    """
    key = entity_key(feature.entity.key, facts)
    if key is None:
        return None
    start = as_of_us - feature.width_us
    if feature.measure in OUTCOME_MEASURES:
        answers = [
            event
            for event in outcomes
            if start <= event.received_us < as_of_us <= event.replaced_us
            and entity_key(feature.entity.key, event.facts) == key
        ]
        return _outcome_value(feature, answers, as_of_us)
    seen = [
        event
        for event in orders
        if start <= event.occurred_us < as_of_us
        and event.received_us < as_of_us <= event.replaced_us
        and event.order_id != facts.get("order_id")
        and entity_key(feature.entity.key, event.facts) == key
    ]
    return _order_value(feature, seen, as_of_us)


def _outcome_value(
    feature: WindowFeature, answers: Sequence[OutcomeEvent], as_of_us: int
) -> Value | None:
    wanted = [a.received_us for a in answers if outcome_counts(a.outcome_class, feature.outcome)]
    if feature.measure is Measure.OUTCOMES:
        return len(wanted)
    if feature.measure is Measure.SECONDS_SINCE_OUTCOME:
        return (as_of_us - max(wanted)) / US_PER_SECOND if wanted else None
    return len(wanted) / len(answers) if answers else None


def _order_value(feature: WindowFeature, seen: Sequence[OrderEvent], as_of_us: int) -> Value | None:
    if feature.measure is Measure.COUNT:
        return len(seen)
    if feature.measure is Measure.SECONDS_SINCE_LAST:
        latest = max((event.occurred_us for event in seen), default=None)
        return None if latest is None else (as_of_us - latest) / US_PER_SECOND
    if feature.measure is Measure.DISTINCT:
        values = (entity_key(feature.of, event.facts) for event in seen)
        return len({value for value in values if value is not None})
    numbers = [int(event.facts[feature.of[0]]) for event in seen if feature.of[0] in event.facts]
    return _number(feature.measure, numbers)


def _number(measure: Measure, numbers: Sequence[int]) -> Value | None:
    if measure is Measure.SUM:
        return sum(numbers)
    if not numbers:
        return None
    if measure is Measure.MEAN:
        return float(sum(numbers)) / float(len(numbers))
    return max(numbers) if measure is Measure.MAX else min(numbers)
