"""The slow, obvious rescan: the definition of `reach` and `near`."""

from collections.abc import Iterator, Mapping, Sequence

from features.feature import Entity, LinkFeature, LinkMeasure
from features.kinds import Value
from features.windows import OrderEvent, Past, entity_key

_Key = tuple[Value, ...]


def rescan_link(
    feature: LinkFeature, facts: Mapping[str, Value], as_of_us: int, past: Past
) -> int | None:
    """Compute one link feature by looking at every event: the definition of its value.

    Events are seen as in `features.windows`. Of one instant, the one that arrived last is newest.
    """
    own = entity_key(feature.entity.key, facts)
    if own is None:
        return None
    seen = [
        event
        for event in past.orders
        if as_of_us - feature.width_us <= event.occurred_us < as_of_us
        and event.received_us < as_of_us <= event.replaced_us
        and event.order_id != facts.get("order_id")
        and entity_key(feature.entity.key, event.facts) is not None
    ]
    if feature.measure is LinkMeasure.REACH:
        return _reach(feature, own, facts, seen)
    return _near(feature, own, facts, seen)


def _reach(
    feature: LinkFeature, own: _Key, facts: Mapping[str, Value], seen: Sequence[OrderEvent]
) -> int | None:
    """Count who shares a value with the order, or with the newest orders of its entity."""
    values = set(_linking_values(feature, facts))
    for event in _newest(feature, [e for e in seen if _of(feature.entity, e) == own]):
        values.update(_linking_values(feature, event.facts))
    if not values:
        return None
    reached = {
        _of(feature.entity, event)
        for link, value in values
        for event in _newest(feature, [e for e in seen if _of(link, e) == value])
    }
    return min(len(reached - {own}), feature.budget)


def _near(
    feature: LinkFeature, own: _Key, facts: Mapping[str, Value], seen: Sequence[OrderEvent]
) -> int | None:
    """Count the other values within the entity that share a key with the order's own."""
    value, keys = entity_key(feature.of, facts), key_list(feature.keys, facts)
    if value is None or not keys:
        return None
    others = {
        entity_key(feature.of, event.facts)
        for event in seen
        if _of(feature.entity, event) == own
        and not set(keys).isdisjoint(key_list(feature.keys, event.facts))
    }
    return len(others - {value, None})


def key_list(name: str, facts: Mapping[str, Value]) -> list[str]:
    """Give the keys of a fact that lists them in one text; none where it is not known."""
    return str(facts.get(name, "")).split()


def _linking_values(
    feature: LinkFeature, facts: Mapping[str, Value]
) -> Iterator[tuple[Entity, _Key]]:
    for link in feature.through:
        value = entity_key(link.key, facts)
        if value is not None:
            yield link, value


def _of(entity: Entity, event: OrderEvent) -> _Key | None:
    return entity_key(entity.key, event.facts)


def _newest(feature: LinkFeature, events: Sequence[OrderEvent]) -> Sequence[OrderEvent]:
    return sorted(events, key=lambda event: event.occurred_us)[-feature.newest :]
