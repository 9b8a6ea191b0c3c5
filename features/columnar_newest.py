"""Measures over the newest orders of a window, and over its first and last."""

import numpy as np

from features.columnar_entity import Column, EntityRows, Occurrences
from features.feature import WindowFeature
from features.kernel.events import Bytes, Events, Floats, Queries
from features.kernel.newest import Kind, Newest, Stated, sweep_newest
from features.measures import NUMERIC_MEASURES, PLACE_MEASURES, Measure
from features.rescan import scaled_entropy
from features.window_entries import MOST_NEWEST

_KINDS = {
    Measure.SECONDS_SINCE_LAST: Kind.LAST,
    Measure.SECONDS_SINCE_FIRST: Kind.FIRST,
    Measure.MEDIAN: Kind.MEDIAN,
    Measure.ENTROPY: Kind.ENTROPY,
    Measure.REPEATED: Kind.REPEATED,
    Measure.SAME: Kind.SAME,
    Measure.SECONDS_SINCE_CHANGE: Kind.CHANGE,
    Measure.RADIUS: Kind.RADIUS,
    Measure.DISTANCE: Kind.DISTANCE,
    Measure.DISTANCE_TO_USUAL: Kind.USUAL,
}
_ENTROPIES = np.array([0, *map(scaled_entropy, range(1, MOST_NEWEST + 1))], np.int64)
_NO_VALUES = np.zeros((0, 0), np.int64)
_NO_FLAGS = np.zeros(0, np.uint8)


def measure_newest(entity: EntityRows, events: Events, feature: WindowFeature) -> Floats:
    """Measure one feature by row; `events` are the orders of its width."""
    filled = entity.empty()
    kind = _KINDS[feature.measure]
    if not feature.of:
        everything = np.ones(len(events.ends), np.uint8)
        _fill_end(entity.queries, events, entity.orders, everything, kind, filled)
        return filled
    said, columns = _said(entity, feature)
    n_codes = 0 if kind is Kind.MEDIAN else int(said.events.max(initial=0)) + 1
    sweep_newest(
        entity.queries,
        events,
        Stated(
            entity.orders.occurred,
            entity.orders.rows,
            said.stated,
            np.array([column.events for column in columns]),
            np.array([column.mine for column in columns]),
            said.asked,
        ),
        Newest(int(kind), feature.newest, np.zeros(n_codes, np.int32), _ENTROPIES),
        filled,
    )
    return filled


def seconds_since_latest(
    entity: EntityRows, events: Events, occurrences: Occurrences, wanted: Bytes
) -> Floats:
    """Measure, by row, the seconds since the latest of the wanted events."""
    filled = entity.empty()
    _fill_end(entity.unhidden, events, occurrences, wanted, Kind.LAST, filled)
    return filled


def _fill_end(
    queries: Queries,
    events: Events,
    occurrences: Occurrences,
    wanted: Bytes,
    kind: Kind,
    filled: Floats,
) -> None:
    times, sources = occurrences.occurred, occurrences.sources
    stated = Stated(times, sources, wanted, _NO_VALUES, _NO_VALUES, _NO_FLAGS)
    newest = Newest(int(kind), 1, np.zeros(0, np.int32), _ENTROPIES)
    sweep_newest(queries, events, stated, newest, filled)


def _said(entity: EntityRows, feature: WindowFeature) -> tuple[Column, list[Column]]:
    """Give what tells whether all of `of` is stated, and the columns that the kernel reads."""
    if feature.measure in NUMERIC_MEASURES:
        number = entity.number(*feature.of)
        return number, [number]
    codes = entity.values(feature.of)
    if feature.measure not in PLACE_MEASURES:
        return codes, [codes]
    return codes, [codes, *map(entity.number, feature.of)]
