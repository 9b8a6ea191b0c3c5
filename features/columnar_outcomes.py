"""Measures over the answers that arrived in the windows of one width."""

from collections.abc import Sequence

import numpy as np

from features.columnar_answers import Answers
from features.columnar_entity import EntityRows, Occurrences
from features.columnar_newest import seconds_since_latest
from features.columnar_totals import mean_of, sum_of
from features.feature import WindowFeature
from features.kernel.events import Bytes, Events, Floats
from features.measures import Measure
from features.rescan import MS_US
from features.windows import outcome_counts

_MS_PER_SECOND = 1_000


def measure_outcomes(
    entity: EntityRows, answers: Answers, features: Sequence[WindowFeature]
) -> dict[str, Floats]:
    """Measure features of OUTCOME_MEASURES, all of one width, by row."""
    answered = entity.answered(answers)
    events = answered.events(features[0].width_us)
    return {
        feature.name: _measured(entity, answered, events, feature, _flags(answers, feature))
        for feature in features
    }


def measure_unknowns(
    entity: EntityRows, unknowns: Answers, features: Sequence[WindowFeature]
) -> dict[str, Floats]:
    """Count the orders whose first answer of class unknown arrived in windows of one width."""
    answered = entity.answered(unknowns)
    ones = np.ones(len(answered.rows), np.uint8)
    events = answered.events(features[0].width_us)
    counts = sum_of(entity, events, ones.astype(np.int64), ones)
    return {feature.name: counts for feature in features}


def _measured(
    entity: EntityRows,
    answered: Occurrences,
    events: Events,
    feature: WindowFeature,
    flags: tuple[Bytes, Bytes],
) -> Floats:
    wanted, counted = (flag[answered.sources] for flag in flags)
    numbers = wanted.astype(np.int64)
    match feature.measure:
        case Measure.OUTCOMES:
            return sum_of(entity, events, numbers, wanted)
        case Measure.RATE:
            return mean_of(entity, events, numbers, counted)
        case Measure.SECONDS_SINCE_OUTCOME:
            return seconds_since_latest(entity, events, answered, wanted)
        case _:
            delays = (answered.occurred - entity.rows.as_of_us[answered.rows]) // MS_US
            return mean_of(entity, events, numbers * delays, wanted) / _MS_PER_SECOND


def _flags(answers: Answers, feature: WindowFeature) -> tuple[Bytes, Bytes]:
    """Flag the answers that are wanted, and those that the wanted ones are a share of."""
    counted = answers.flagged(lambda name: name not in feature.without)
    return answers.flagged(lambda name: outcome_counts(name, feature.outcome)) & counted, counted
