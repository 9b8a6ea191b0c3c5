"""Features of an order that a repair has changed, without asking the state again."""

from collections.abc import Mapping

from features.catalog import Catalog
from features.expression import walk
from features.facts import FACT_KINDS
from features.feature import DerivedFeature, FieldFeature
from features.kinds import Value


def refreshed(
    features: Mapping[str, Value], facts: Mapping[str, Value], catalog: Catalog
) -> dict[str, Value]:
    """Recompute fields and derived features from the changed facts; windows stay as they were.

    A window measures other orders, and a repair changes no entity key.
    """
    fresh: dict[str, Value | None] = dict(features)
    for feature in catalog.features:
        if isinstance(feature, FieldFeature) and feature.name in FACT_KINDS:
            fresh[feature.name] = facts.get(feature.name)
        elif isinstance(feature, DerivedFeature):
            fresh[feature.name] = walk(feature.node, {**facts, **fresh})
    return {name: value for name, value in fresh.items() if value is not None}
