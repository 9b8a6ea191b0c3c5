"""The unit of every feature that is a number."""

from collections.abc import Iterable
from typing import assert_never

from features.expression.units import unit_of as unit_of_tree
from features.fact_units import unit_of_fact
from features.feature import DerivedFeature, Feature, FieldFeature, LinkFeature, WindowFeature
from features.kinds import Kind
from features.measures import COUNTING, NUMERIC_MEASURES, PLACE_MEASURES, SECONDS_MEASURES, Measure
from features.units import BITS, COUNT, LITERAL, METRES, NONE, SECONDS, SHARE, Unit


def unit_of_feature(feature: Feature) -> Unit | None:
    """Give a feature's unit; None for what is no number, or follows from what has none stated."""
    match feature:
        case _ if feature.kind is not Kind.NUMBER:
            return None
        case FieldFeature():
            return unit_of_fact(feature.name)
        case WindowFeature():
            return _unit_of_measure(feature.measure, feature.of)
        case LinkFeature():
            return COUNT
        case DerivedFeature():
            unit = unit_of_tree(feature.node)
            return NONE if unit == LITERAL else unit
        case _:
            assert_never(feature)


def units_of(features: Iterable[Feature]) -> dict[str, Unit]:
    """Give the units of features by name, where they are known."""
    known = ((feature.name, unit_of_feature(feature)) for feature in features)
    return {name: unit for name, unit in known if unit is not None}


def _unit_of_measure(measure: Measure, of: tuple[str, ...]) -> Unit | None:
    if measure in NUMERIC_MEASURES:
        return unit_of_fact(of[0])
    if measure in SECONDS_MEASURES:
        return SECONDS
    if measure in PLACE_MEASURES:
        return METRES
    if measure in COUNTING:
        return COUNT
    return BITS if measure is Measure.ENTROPY else SHARE
