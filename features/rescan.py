"""The slow, obvious rescan: the definition of each measure, which every fast path must equal."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median_low

from features.feature import WindowFeature
from features.kinds import Value
from features.measures import (
    NUMERIC_MEASURES,
    OPEN_MEASURES,
    OUTCOME_MEASURES,
    OWN_MEASURES,
    RECENT_MEASURES,
    UNKNOWN_MEASURES,
    Measure,
)
from features.times import US_PER_SECOND
from features.windows import OrderEvent, OutcomeEvent, Past, entity_key, outcome_counts

Number = int | float
_Place = tuple[int, int, int]

MS_US = 1_000
ENTROPY_SCALE = 2**32


def rescan(
    feature: WindowFeature, facts: Mapping[str, Value], as_of_us: int, past: Past
) -> Number | None:
    """Compute one window feature by looking at every event: the definition of its value."""
    key = entity_key(feature.entity.key, facts)
    if key is None:
        return None
    start = as_of_us - feature.width_us
    if feature.measure in OUTCOME_MEASURES | UNKNOWN_MEASURES:
        is_unknown = feature.measure in UNKNOWN_MEASURES
        answers = [
            event
            for event in (past.unknowns if is_unknown else past.outcomes)
            if start <= event.received_us < as_of_us <= event.replaced_us
            and event.outcome_class not in feature.without
            and entity_key(feature.entity.key, event.facts) == key
        ]
        return _outcome_value(feature, answers, as_of_us)
    seen = [
        event
        for event in past.orders
        if start <= event.occurred_us < as_of_us
        and event.received_us < as_of_us <= event.replaced_us
        and (feature.measure not in OPEN_MEASURES or as_of_us <= event.closed_us)
        and event.order_id != facts.get("order_id")
        and entity_key(feature.entity.key, event.facts) == key
    ]
    if feature.measure in RECENT_MEASURES:
        return _recent_value(feature, seen, entity_key(feature.of, facts), as_of_us)
    return _order_value(feature, seen, as_of_us)


def _outcome_value(
    feature: WindowFeature, answers: Sequence[OutcomeEvent], as_of_us: int
) -> Number | None:
    wanted = [a.received_us for a in answers if outcome_counts(a.outcome_class, feature.outcome)]
    match feature.measure:
        case Measure.UNKNOWNS:
            return len(answers)
        case Measure.OUTCOMES:
            return len(wanted)
        case Measure.SECONDS_SINCE_OUTCOME:
            return (as_of_us - max(wanted)) / US_PER_SECOND if wanted else None
        case Measure.MEAN_LATENCY:
            delays = [
                (answer.received_us - answer.asked_us) // MS_US
                for answer in answers
                if outcome_counts(answer.outcome_class, feature.outcome)
            ]
            return sum(delays) / len(delays) / 1_000 if delays else None
        case _:
            return len(wanted) / len(answers) if answers else None


def _order_value(
    feature: WindowFeature, seen: Sequence[OrderEvent], as_of_us: int
) -> Number | None:
    times = [event.occurred_us for event in seen]
    match feature.measure:
        case Measure.COUNT | Measure.OPEN:
            return len(seen)
        case Measure.SECONDS_SINCE_LAST:
            return (as_of_us - max(times)) / US_PER_SECOND if times else None
        case Measure.SECONDS_SINCE_FIRST:
            return (as_of_us - min(times)) / US_PER_SECOND if times else None
        case Measure.DISTINCT:
            return len({entity_key(feature.of, event.facts) for event in seen} - {None})
    return _number(feature.measure, _numbers(feature, seen))


def _numbers(feature: WindowFeature, seen: Sequence[OrderEvent]) -> list[int]:
    return [int(event.facts[feature.of[0]]) for event in seen if feature.of[0] in event.facts]


def _number(measure: Measure, numbers: Sequence[int]) -> Number | None:
    if measure in (Measure.SUM, Measure.OPEN_SUM):
        return sum(numbers)
    if not numbers:
        return None
    if measure is Measure.MEAN:
        return float(sum(numbers)) / float(len(numbers))
    return max(numbers) if measure is Measure.MAX else min(numbers)


def _recent_value(
    feature: WindowFeature,
    seen: Sequence[OrderEvent],
    own: tuple[Value, ...] | None,
    as_of_us: int,
) -> Number | None:
    """Measure the newest events; of one instant, the one that arrived last is the newest."""
    if own is None and feature.measure in OWN_MEASURES:
        return None
    stating = [event for event in seen if entity_key(feature.of, event.facts) is not None]
    newest = sorted(stating, key=lambda event: event.occurred_us)[-feature.newest :]
    values = [entity_key(feature.of, event.facts) for event in newest]
    if feature.measure is Measure.SAME:
        return values.count(own)
    if not newest:
        return None
    if feature.measure is Measure.SECONDS_SINCE_CHANGE:
        return _seconds_since_change(newest, values, own, as_of_us)
    if feature.measure in NUMERIC_MEASURES:
        return median_low(_numbers(feature, newest))
    if feature.measure in (Measure.ENTROPY, Measure.REPEATED):
        return _of_frequencies(feature.measure, list(Counter(values).values()))
    places = [_place(value) for value in values if value is not None]
    return _of_places(feature.measure, places, None if own is None else _place(own))


def _seconds_since_change(
    newest: Sequence[OrderEvent],
    values: Sequence[tuple[Value, ...] | None],
    own: tuple[Value, ...] | None,
    as_of_us: int,
) -> float | None:
    """Say how long the order's own value has stood: 0 if it is new, missing if it never changed."""
    since = as_of_us
    for event, value in zip(reversed(newest), reversed(values), strict=True):
        if value != own:
            return (as_of_us - since) / US_PER_SECOND
        since = event.occurred_us
    return None


def _of_frequencies(measure: Measure, frequencies: Sequence[int]) -> float:
    size = sum(frequencies)
    if measure is Measure.REPEATED:
        return sum(count for count in frequencies if count > 1) / size
    return (scaled_entropy(size) - sum(map(scaled_entropy, frequencies))) / (size * ENTROPY_SCALE)


def scaled_entropy(count: int) -> int:
    """Give count × log2(count) in whole 2**-32, so that entropies are sums of whole numbers."""
    return round(count * math.log2(count) * ENTROPY_SCALE)


def _place(value: Sequence[Value]) -> _Place:
    x, y, z = map(int, value)
    return x, y, z


def _of_places(measure: Measure, places: Sequence[_Place], own: _Place | None) -> float:
    """Measure straight lines through the ground, in metres."""
    size = len(places)
    if measure is Measure.RADIUS or own is None:
        squares = sum(x * x + y * y + z * z for x, y, z in places)
        centre = sum(sum(axis) ** 2 for axis in zip(*places, strict=True))
        return math.sqrt(size * squares - centre) / size
    if measure is Measure.DISTANCE:
        return sum(int(_apart(place, own)) for place in places) / size
    frequencies = Counter(places)
    usual = max(enumerate(places), key=lambda item: (frequencies[item[1]], item[0]))[1]
    return _apart(usual, own)


def _apart(one: _Place, other: _Place) -> float:
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)))
