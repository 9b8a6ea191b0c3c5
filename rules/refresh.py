"""Features of an order that a repair has changed, without asking the state again."""

from collections.abc import Mapping

from features.bins import BIN_KINDS
from features.calendar import CALENDAR_KINDS
from features.catalog import Catalog
from features.expression import walk
from features.facts import FACT_KINDS
from features.feature import DerivedFeature, Feature, FieldFeature, LinkFeature, WindowFeature
from features.kinds import Value
from features.measures import OWN_MEASURES

_Facts = Mapping[str, Value]
_FIXED_NAMES = frozenset({*FACT_KINDS, *CALENDAR_KINDS, *BIN_KINDS})


def refreshed(
    features: _Facts, before: _Facts, after: _Facts, catalog: Catalog
) -> dict[str, Value]:
    """Recompute fields and derived features from the changed facts; windows stay as they were.

    A window measures other orders. Where it also depends on a fact that has changed, its value
    for the repaired order is not known: it is missing.
    """
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    fresh: dict[str, Value | None] = dict(features)
    for feature in catalog.features:
        if isinstance(feature, FieldFeature) and feature.name in _FIXED_NAMES:
            fresh[feature.name] = after.get(feature.name)
        elif isinstance(feature, DerivedFeature):
            fresh[feature.name] = walk(feature.node, {**after, **fresh})
        elif not changed.isdisjoint(_own_facts(feature)):
            fresh[feature.name] = None
    return {name: value for name, value in fresh.items() if value is not None}


def _own_facts(feature: Feature) -> frozenset[str]:
    """Name the facts of the order itself that a measure over other orders depends on."""
    match feature:
        case WindowFeature():
            own = feature.of if feature.measure in OWN_MEASURES else ()
            return frozenset({*feature.entity.key, *own})
        case LinkFeature():
            return feature.reads
        case _:
            return frozenset()
