"""Resolves a catalog file into features; every error names the file, the entry and the way out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from features import expression
from features.bins import BIN_KINDS
from features.calendar import CALENDAR_KINDS
from features.catalog_file import CatalogFile
from features.errors import CatalogError, ExpressionError, suggest
from features.fact_groups import PRIVATE_FACTS
from features.fact_units import unit_of_fact
from features.facts import FACT_KINDS
from features.feature import (
    DerivedFeature,
    Entity,
    Feature,
    FieldFeature,
    LinkFeature,
    WindowFeature,
)
from features.feature_units import unit_of_feature
from features.kinds import Kind
from features.leaves import ATTRIBUTES
from features.links.entries import link_features
from features.units import Unit
from features.window_entries import window_features

_KINDS: Mapping[str, Kind] = {**FACT_KINDS, **CALENDAR_KINDS, **BIN_KINDS}


@dataclass(frozen=True, slots=True)
class Resolved:
    """The features of a file, in order, and the kinds of the attributes that they read."""

    features: tuple[Feature, ...]
    attribute_kinds: Mapping[str, Kind]


def resolve(source: CatalogFile, place: str, attribute_kinds: Mapping[str, Kind]) -> Resolved:
    """Resolve every name of a catalog file; `place` is what errors call it.

    Raises CatalogError that names the entry and the way out.
    """
    return _Resolver(source, place, attribute_kinds).resolve()


def facts_of(feature: Feature) -> frozenset[str]:
    """Name what a feature reads: facts, or features before it."""
    match feature:
        case FieldFeature():
            return frozenset({feature.name})
        case WindowFeature():
            return frozenset({*feature.entity.key, *feature.of})
        case LinkFeature():
            return feature.reads
        case DerivedFeature():
            return feature.names


class _Resolver:
    def __init__(
        self, source: CatalogFile, place: str, attribute_kinds: Mapping[str, Kind]
    ) -> None:
        self._source = source
        self._place = place
        self._attributes = attribute_kinds
        self._features: dict[str, Feature] = {}

    def resolve(self) -> Resolved:
        self._check_zone()
        entities = {name: self._entity(name, key) for name, key in self._source.entities.items()}
        for name in self._source.fields:
            self._add(FieldFeature(name, self._field_kind(name)), "fields")
        for entry in self._source.windows:
            for feature in window_features(entry, entities, self._fact_kind, self._place):
                self._add(feature, f"windows ({entry.entity} {entry.measure})")
        for link in self._source.links:
            for linked in link_features(link, entities, self._fact_kind, self._place):
                self._add(linked, f"links ({link.entity} {link.measure})")
        for name, text in self._source.derived.items():
            self._add(self._derived(name, str(text)), "derived")
        if not self._features:
            raise self._error("features", "the catalog has none; add fields, windows or derived")
        features = tuple(self._features.values())
        used = {n for f in features for n in facts_of(f) if n.startswith(ATTRIBUTES)}
        kinds = {name: self._fact_kind(name, "attributes") for name in sorted(used)}
        return Resolved(features, kinds)

    def _error(self, entry: str, text: str) -> CatalogError:
        return CatalogError(f"{self._place}: {entry}: {text}")

    def _check_zone(self) -> None:
        try:
            ZoneInfo(self._source.time_zone)
        except (KeyError, ValueError, OSError):
            raise self._error(
                "time_zone",
                f"{self._source.time_zone!r} is no zone; write one such as Asia/Shanghai",
            ) from None

    def _add(self, feature: Feature, entry: str) -> None:
        if feature.name in self._features:
            raise self._error(entry, f"two features are named {feature.name!r}; give one a `name:`")
        self._features[feature.name] = feature

    def _fact_kind(self, name: str, entry: str) -> Kind:
        if name.startswith(ATTRIBUTES) and len(name) > len(ATTRIBUTES):
            return self._attributes.get(name, Kind.TEXT)
        kind = _KINDS.get(name)
        if kind is None:
            known = [*_KINDS, *self._attributes]
            raise self._error(entry, f"no fact is named {name!r}.{suggest(name, known)}")
        return kind

    def _field_kind(self, name: str) -> Kind:
        kind = self._fact_kind(name, "fields")
        if name in PRIVATE_FACTS:
            raise self._private("fields", name)
        if kind is Kind.INSTANT:
            raise self._error(
                "fields",
                f"{name} is an instant, and no feature by itself; derive a difference of two",
            )
        return kind

    def _entity(self, name: str, key: tuple[str, ...]) -> Entity:
        if not key:
            raise self._error(f"entities.{name}", "needs at least one fact as its key")
        for part in key:
            self._fact_kind(part, f"entities.{name}")
        return Entity(name, key)

    def _derived(self, name: str, text: str) -> DerivedFeature:
        try:
            node = expression.parse(text, self)
        except ExpressionError as error:
            raise self._error(f"derived.{name}", str(error)) from None
        feature = DerivedFeature(name, expression.kind_of(node), text, node)
        if feature.kind is Kind.TEXT and feature.names & PRIVATE_FACTS:
            raise self._private(f"derived.{name}", min(feature.names & PRIVATE_FACTS))
        return feature

    def _private(self, entry: str, name: str) -> CatalogError:
        return self._error(
            entry, f"{name} is private and no feature by itself; count it (`of`) or compare it"
        )

    def kind_of(self, name: str) -> Kind | None:
        """Give the kind of what an expression may read here, or None."""
        if name in self._features:
            return self._features[name].kind
        if name.startswith(ATTRIBUTES):
            return self._attributes.get(name, Kind.TEXT)
        return _KINDS.get(name)

    def unit_of(self, name: str) -> Unit | None:
        """Give the unit of a number that an expression may read here, or None."""
        if name in self._features:
            return unit_of_feature(self._features[name])
        return unit_of_fact(name)

    def list_names(self) -> Collection[str]:
        """List nothing: a feature asks no list."""
        return ()

    def names(self) -> Collection[str]:
        """List what an expression may read here."""
        return [*self._features, *_KINDS, *self._attributes]
