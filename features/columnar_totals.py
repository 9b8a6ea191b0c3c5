"""Counts, sums, means, different values and extremes of the orders of one window width."""

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np

from features.columnar_entity import EntityRows
from features.feature import WindowFeature
from features.kernel.events import Bytes, Events, Floats, Int64s
from features.kernel.largest import sweep_largest
from features.kernel.totals import Measured, Wanted, sweep_totals
from features.measures import Measure

_COUNTED = frozenset({Measure.COUNT, Measure.OPEN})
_SUMMED = frozenset({Measure.SUM, Measure.OPEN_SUM})
TOTALLED = _COUNTED | _SUMMED | {Measure.MEAN, Measure.DISTINCT}
EXTREMES = frozenset({Measure.MAX, Measure.MIN})

_UNWANTED = np.zeros(0)
_NO_NUMBERS = np.zeros(0, np.int64)
_NO_FLAGS = np.zeros(0, np.uint8)
_NO_SCRATCH = np.zeros(0, np.int32)


def measure_totals(
    entity: EntityRows, events: Events, features: Sequence[WindowFeature]
) -> dict[str, Floats]:
    """Measure, by row, the features of TOTALLED measures.

    Each sweep takes one fact that is added up and one whose values are told apart.
    """
    added: list[tuple[str, ...] | None] = [
        *sorted({f.of for f in features if f.of and f.measure is not Measure.DISTINCT})
    ]
    told = sorted({f.of for f in features if f.measure is Measure.DISTINCT})
    measured: dict[str, Floats] = {}
    for place, (number, values) in enumerate(zip_longest(added or [None], told)):
        groups = (
            [f for f in features if f.measure in _COUNTED and place == 0],
            [f for f in features if f.measure in _SUMMED and f.of == number],
            [f for f in features if f.measure is Measure.MEAN and f.of == number],
            [f for f in features if f.measure is Measure.DISTINCT and f.of == values],
        )
        wanted = Wanted(*(entity.empty() if group else _UNWANTED for group in groups))
        sweep_totals(entity.queries, events, _measured(entity, number, values), wanted)
        for group, filled in zip(groups, wanted, strict=True):
            measured |= {feature.name: filled for feature in group}
    return measured


def _measured(
    entity: EntityRows, number: tuple[str, ...] | None, values: tuple[str, ...] | None
) -> Measured:
    numbers, present, codes, frequency = _NO_NUMBERS, _NO_FLAGS, _NO_NUMBERS, _NO_SCRATCH
    if number is not None:
        column = entity.number(*number)
        numbers, present = column.events, column.stated
    if values is not None:
        codes = entity.values(values).events
        frequency = np.zeros(int(codes.max(initial=0)) + 1, np.int32)
    return Measured(numbers, present, codes, frequency)


def measure_extreme(entity: EntityRows, events: Events, feature: WindowFeature) -> Floats:
    """Measure, by row, the largest or smallest number."""
    sign = -1 if feature.measure is Measure.MIN else 1
    column = entity.number(*feature.of)
    filled = entity.empty()
    sweep_largest(entity.queries, events, sign * column.events, column.stated, filled)
    # The sum turns -0.0 into 0.0.
    return sign * filled + 0.0


def sum_of(entity: EntityRows, events: Events, numbers: Int64s, present: Bytes) -> Floats:
    """Add up, by row, a number of each event; an order sees events about its earlier self."""
    filled = entity.empty()
    measured = Measured(numbers, present, _NO_NUMBERS, _NO_SCRATCH)
    sweep_totals(entity.unhidden, events, measured, Wanted(_UNWANTED, filled, _UNWANTED, _UNWANTED))
    return filled


def mean_of(entity: EntityRows, events: Events, numbers: Int64s, present: Bytes) -> Floats:
    """Average, by row, a number of the events that are present."""
    filled = entity.empty()
    measured = Measured(numbers, present, _NO_NUMBERS, _NO_SCRATCH)
    sweep_totals(entity.unhidden, events, measured, Wanted(_UNWANTED, _UNWANTED, filled, _UNWANTED))
    return filled
