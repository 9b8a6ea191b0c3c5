"""The slow, obvious rescan of when a window changes, which the live state must equal."""

from collections.abc import Iterator, Mapping, Sequence

from features.feature import WindowFeature
from features.kinds import Value
from features.measures import OPEN_MEASURES, OUTCOME_MEASURES, UNKNOWN_MEASURES
from features.windows import OrderEvent, OutcomeEvent, Past, entity_key


def rescan_changes(
    features: Sequence[WindowFeature],
    facts: Mapping[str, Value],
    as_of_us: int,
    until_us: int,
    past: Past,
) -> tuple[int, ...]:
    """Give every instant in `(as_of_us, until_us]` at which some window holds other events.

    What has arrived by `as_of_us` is all that there is.
    """
    found = set()
    for feature in features:
        for happened_us in _happened(feature, facts, as_of_us, past):
            for at_us in (happened_us + 1, happened_us + feature.width_us + 1):
                before = at_us - 1 - feature.width_us <= happened_us < at_us - 1
                after = at_us - feature.width_us <= happened_us < at_us
                if before != after and as_of_us < at_us <= until_us:
                    found.add(at_us)
    return tuple(sorted(found))


def _happened(
    feature: WindowFeature, facts: Mapping[str, Value], as_of_us: int, past: Past
) -> Iterator[int]:
    """Give when each event happened that counts for the order at some width."""
    key = entity_key(feature.entity.key, facts)
    if key is None:
        return
    if feature.measure in OUTCOME_MEASURES | UNKNOWN_MEASURES:
        answers = past.unknowns if feature.measure in UNKNOWN_MEASURES else past.outcomes
        for answer in answers:
            if as_of_us <= answer.replaced_us and _is_of(feature, answer, key):
                yield answer.received_us
        return
    for event in past.orders:
        is_open = feature.measure not in OPEN_MEASURES or as_of_us <= event.closed_us
        is_other = event.order_id != facts.get("order_id")
        if as_of_us <= event.replaced_us and is_open and is_other and _is_of(feature, event, key):
            yield event.occurred_us


def _is_of(
    feature: WindowFeature, event: OrderEvent | OutcomeEvent, key: tuple[Value, ...]
) -> bool:
    return entity_key(feature.entity.key, event.facts) == key
