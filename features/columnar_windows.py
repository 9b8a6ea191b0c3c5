"""Window features of one entity, by the kernels: a pure function of rows and answers.

The features of a key need only the rows of that key and the answers about them, so a history can
be split by entity key and measured part by part, in one process or in many.
"""

from collections.abc import Sequence
from enum import IntEnum
from itertools import groupby

from features.columnar_answers import Answers
from features.columnar_entity import EntityRows
from features.columnar_newest import measure_newest
from features.columnar_outcomes import measure_outcomes, measure_unknowns
from features.columnar_rows import Rows
from features.columnar_threads import in_threads
from features.columnar_totals import EXTREMES, TOTALLED, measure_extreme, measure_totals
from features.feature import WindowFeature
from features.kernel.events import Floats
from features.measures import OPEN_MEASURES, OUTCOME_MEASURES, UNKNOWN_MEASURES


class _Source(IntEnum):
    ORDERS = 0
    OPEN_ORDERS = 1
    ANSWERS = 2
    UNKNOWNS = 3


def window_columns(
    features: Sequence[WindowFeature], rows: Rows, answers: Answers, unknowns: Answers
) -> dict[str, Floats]:
    """Compute features of one entity for each row; NaN is missing.

    `rows` come in order of arrival and hold every row of the keys in them; `answers` and
    `unknowns` are about these rows and come in order of arrival.
    """
    entity = EntityRows(features[0].entity, rows, features)

    def swept(group: Sequence[WindowFeature]) -> dict[str, Floats]:
        match _source_of(group[0]):
            case _Source.ANSWERS:
                return measure_outcomes(entity, answers, group)
            case _Source.UNKNOWNS:
                return measure_unknowns(entity, unknowns, group)
            case _Source.OPEN_ORDERS:
                return _of_orders(entity, group, only_open=True)
            case _Source.ORDERS:
                return _of_orders(entity, group, only_open=False)

    groups = groupby(sorted(features, key=_sweep_of), key=_sweep_of)
    table: dict[str, Floats] = {}
    for columns in in_threads(swept, [list(members) for _, members in groups]):
        table |= columns
    return table


def _of_orders(
    entity: EntityRows, features: Sequence[WindowFeature], *, only_open: bool
) -> dict[str, Floats]:
    """Measure orders in windows of one width."""
    closed = entity.rows.closed_us if only_open else None
    events = entity.orders.events(features[0].width_us, closed)
    totalled = [feature for feature in features if feature.measure in TOTALLED]
    measured = measure_totals(entity, events, totalled) if totalled else {}
    for feature in features:
        if feature.measure in EXTREMES:
            measured[feature.name] = measure_extreme(entity, events, feature)
        elif feature.measure not in TOTALLED:
            measured[feature.name] = measure_newest(entity, events, feature)
    return measured


def _source_of(feature: WindowFeature) -> _Source:
    if feature.measure in OPEN_MEASURES:
        return _Source.OPEN_ORDERS
    if feature.measure in OUTCOME_MEASURES:
        return _Source.ANSWERS
    return _Source.UNKNOWNS if feature.measure in UNKNOWN_MEASURES else _Source.ORDERS


def _sweep_of(feature: WindowFeature) -> tuple[_Source, int]:
    return _source_of(feature), feature.width_us
