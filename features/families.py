"""Which family a feature belongs to: what its page in the catalog docs and an ablation go by.

A catalog's `families:` decides first. A field is of the order; a window goes by its measure and
its entity; an expression goes with the first feature that it reads, or else with the order.
"""

from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase

from features.catalog import Catalog
from features.errors import CatalogError, suggest
from features.feature import DerivedFeature, Feature, FieldFeature, LinkFeature
from features.measures import OUTCOME_MEASURES, PLACE_MEASURES, UNKNOWN_MEASURES, Measure


class Family(StrEnum):
    """The families that the shipped catalog is made of."""

    ORDER = "order"
    VELOCITY = "velocity"
    DISPERSION = "dispersion"
    MISMATCH = "mismatch"
    PAYEE = "payee"
    OUTCOMES = "outcomes"
    CALENDAR = "calendar"


_PREFIXES = {"calendar.": Family.CALENDAR, "payout.": Family.PAYEE, "record.": Family.MISMATCH}
_SPREAD = PLACE_MEASURES | {Measure.DISTINCT, Measure.ENTROPY, Measure.SECONDS_SINCE_CHANGE}


def families_of(catalog: Catalog) -> dict[str, Family]:
    """Say of each feature, in the order of the catalog, which family it belongs to.

    Raises CatalogError for a family that is none, or a pattern that no feature answers to.
    """
    stated = _stated(catalog)
    families: dict[str, Family] = {}
    for feature in catalog.features:
        families[feature.name] = stated.get(feature.name) or _usual(feature, families)
    return families


def _stated(catalog: Catalog) -> dict[str, Family]:
    stated: dict[str, Family] = {}
    for name, patterns in catalog.source.families.items():
        if name not in list(Family):
            raise CatalogError(
                f"catalog {catalog.name!r}: families.{name}: no family has this name."
                f"{suggest(name, list(Family))} Families: {', '.join(Family)}"
            )
        for pattern in patterns:
            matching = [feature for feature in catalog.names if fnmatchcase(feature, pattern)]
            if not matching:
                raise CatalogError(
                    f"catalog {catalog.name!r}: families.{name}: no feature is named {pattern!r}."
                    f"{suggest(pattern, catalog.names)}"
                )
            stated.update(dict.fromkeys(matching, Family(name)))
    return stated


def _usual(feature: Feature, families: Mapping[str, Family]) -> Family:
    if isinstance(feature, FieldFeature):
        return _of_fact(feature.name)
    if isinstance(feature, DerivedFeature):
        read = [families.get(name) or _of_fact(name) for name in sorted(feature.names)]
        return next((family for family in read if family is not Family.ORDER), Family.ORDER)
    if isinstance(feature, LinkFeature):
        return _of_link(feature)
    if feature.measure in OUTCOME_MEASURES | UNKNOWN_MEASURES:
        return Family.OUTCOMES
    if any(name.startswith("payout.") for name in feature.entity.key):
        return Family.PAYEE
    return Family.DISPERSION if feature.measure in _SPREAD else Family.VELOCITY


def _of_link(feature: LinkFeature) -> Family:
    of_payee = any(name.startswith("payout.") for name in feature.reads)
    return Family.PAYEE if of_payee else Family.DISPERSION


def _of_fact(name: str) -> Family:
    return next((f for prefix, f in _PREFIXES.items() if name.startswith(prefix)), Family.ORDER)
