"""What a window sees, said once; `features.rescan` is the slow, obvious use of it.

An event counts for a decision at `as_of` when it happened in `[as_of - width, as_of)`, was
known before `as_of`, and was not replaced before `as_of`. An order's own earlier self never
counts for it. Of one order, the latest final outcome counts. An order is open until its first
final outcome is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from features.kinds import Value
from features.measures import ANY_OUTCOME, REFUSED
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
    closed_us: int = FOREVER_US


@dataclass(frozen=True, slots=True)
class OutcomeEvent:
    """One answer about one order; it happened, for the windows, when it arrived.

    `facts` and `asked_us` (its `as_of`) are of the version of the order that it was about.
    """

    order_id: str
    received_us: int
    outcome_class: str
    facts: Mapping[str, Value]
    asked_us: int
    replaced_us: int = FOREVER_US


@dataclass(frozen=True, slots=True)
class Past:
    """All events, in the order in which they arrived, marked with what replaced or closed them.

    `outcomes` are final; `unknowns` are the first answer of class unknown about each order.
    """

    orders: Sequence[OrderEvent]
    outcomes: Sequence[OutcomeEvent]
    unknowns: Sequence[OutcomeEvent]


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


def make_past(
    orders: Iterable[OrderEvent], outcomes: Iterable[OutcomeEvent], unknowns: Iterable[OutcomeEvent]
) -> Past:
    """Mark what was replaced, closed or said before; events of one instant keep their order."""
    answers = replaced_outcomes(outcomes)
    closed: dict[str, int] = {}
    for answer in answers:
        closed.setdefault(answer.order_id, answer.received_us)
    versions = [
        replace(event, closed_us=closed.get(event.order_id, FOREVER_US))
        for event in replaced_orders(orders)
    ]
    first = {event.order_id: event for event in sorted(unknowns, key=lambda e: -e.received_us)}
    return Past(versions, answers, sorted(first.values(), key=lambda e: e.received_us))
