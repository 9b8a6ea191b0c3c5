"""The feature catalog: features as data, and the fingerprint of that data.

docs/features.md explains the grammar of a catalog file.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from features import expression
from features.catalog_file import CatalogFile, WindowEntry, read_catalog_text
from features.errors import CatalogError, ExpressionError, suggest
from features.facts import FACT_KINDS
from features.feature import (
    ANY_OUTCOME,
    NUMERIC_MEASURES,
    OUTCOME_MEASURES,
    REFUSED,
    DerivedFeature,
    Entity,
    Feature,
    FieldFeature,
    Measure,
    WindowFeature,
)
from features.kinds import Kind
from features.leaves import ATTRIBUTES
from features.outcome import OutcomeClass
from features.times import parse_duration_us

CALENDAR_KINDS: Mapping[str, Kind] = {
    "calendar.hour": Kind.NUMBER,
    "calendar.weekday": Kind.NUMBER,
}
"""Facts that need the catalog's time zone: hour 0 to 23, weekday 0 (Monday) to 6."""

_OUTCOMES = (ANY_OUTCOME, REFUSED, *OutcomeClass)


@dataclass(frozen=True)
class Catalog:
    """A resolved catalog: its features in order; equal catalogs have equal schema hashes."""

    name: str
    time_zone: str
    features: tuple[Feature, ...]
    attribute_kinds: Mapping[str, Kind]
    source: CatalogFile

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Feature names, in order."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """The kind of each feature by name."""
        return {feature.name: feature.kind for feature in self.features}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the calendar facts."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def windows(self) -> tuple[WindowFeature, ...]:
        """The window features, in order."""
        return tuple(f for f in self.features if isinstance(f, WindowFeature))

    @cached_property
    def raw_names(self) -> tuple[str, ...]:
        """Features that need no state: fields, and expressions over facts alone."""
        stateful = {feature.name for feature in self.windows}
        for feature in self.features:
            if isinstance(feature, DerivedFeature) and feature.names & stateful:
                stateful.add(feature.name)
        return tuple(name for name in self.names if name not in stateful)

    @cached_property
    def fact_names(self) -> frozenset[str]:
        """Every fact that some feature or entity key reads."""
        computed = {f.name for f in self.features if not isinstance(f, FieldFeature)}
        return frozenset(name for f in self.features for name in _facts_of(f)) - computed

    @cached_property
    def source_text(self) -> str:
        """The resolved catalog as YAML-compatible JSON text, as it is kept with a model."""
        return msgspec.json.format(msgspec.json.encode(self.source), indent=2).decode()

    @cached_property
    def schema_hash(self) -> str:
        """The fingerprint of everything that decides a feature's value: 16 hex digits."""
        parts = [self.time_zone, *(repr(feature) for feature in map(_stable, self.features))]
        return sha256("\n".join(parts).encode()).hexdigest()[:16]

    def kind_of(self, name: str) -> Kind:
        """Give the kind of a feature; raises CatalogError with the nearest name."""
        if name not in self.kinds:
            raise CatalogError(f"No feature is named {name!r}.{suggest(name, self.names)}")
        return self.kinds[name]


def load_catalog(
    path: Path | None = None, attribute_kinds: Mapping[str, Kind] | None = None
) -> Catalog:
    """Read a catalog file, or the shipped one.

    `attribute_kinds` says what a history's own `attributes.*` hold where the file does not.
    Raises CatalogError that names the file, the entry and the way out.
    """
    place = path or Path(__file__).with_name("catalog.yaml")
    try:
        text = place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{place}: cannot be read as UTF-8 text ({error})") from None
    return parse_catalog(text, str(place), attribute_kinds)


def parse_catalog(
    text: str, place: str = "catalog", attribute_kinds: Mapping[str, Kind] | None = None
) -> Catalog:
    """Build a catalog from YAML text; `place` is what errors call it."""
    source = read_catalog_text(text, place)
    stated = {name: _stated_kind(name, kind, place) for name, kind in source.attributes.items()}
    kinds = {**_by_path(attribute_kinds or {}), **_by_path(stated)}
    return _Builder(source, place, kinds).build()


def refuse_names(catalog: Catalog, known_only_after: Collection[str]) -> None:
    """Refuse a catalog that reads what is known only after submission.

    Raises CatalogError that lists every such name.
    """
    late = {_attribute(name) for name in known_only_after}
    named = sorted(catalog.fact_names & late)
    if named:
        raise CatalogError(
            f"catalog {catalog.name!r} reads {', '.join(named)}: known only after submission, "
            "so no feature may use it; take it out of the catalog"
        )


def _stated_kind(name: str, kind: str, place: str) -> Kind:
    try:
        return Kind(kind)
    except ValueError:
        raise CatalogError(
            f"{place}: attributes.{name}: {kind!r} is no kind; write one of {', '.join(Kind)}"
        ) from None


def _by_path(kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    return {_attribute(name): kind for name, kind in kinds.items()}


def _attribute(name: str) -> str:
    return f"{ATTRIBUTES}{name.removeprefix(ATTRIBUTES)}"


def _stable(feature: Feature) -> tuple[object, ...]:
    match feature:
        case FieldFeature():
            return ("field", feature.name, str(feature.kind))
        case WindowFeature():
            key = (feature.entity.key, str(feature.measure), feature.width_us)
            return ("window", feature.name, key, feature.of, feature.outcome)
        case DerivedFeature():
            return ("derived", feature.name, str(feature.kind), feature.text)


def _facts_of(feature: Feature) -> frozenset[str]:
    match feature:
        case FieldFeature():
            return frozenset({feature.name})
        case WindowFeature():
            return frozenset({*feature.entity.key, *feature.of})
        case DerivedFeature():
            return feature.names


class _Builder:
    """Resolves the entries of one file; every error names the file and the entry."""

    def __init__(
        self, source: CatalogFile, place: str, attribute_kinds: Mapping[str, Kind]
    ) -> None:
        self._source = source
        self._place = place
        self._attributes = attribute_kinds
        self._features: dict[str, Feature] = {}

    def build(self) -> Catalog:
        self._check_zone()
        entities = {name: self._entity(name, key) for name, key in self._source.entities.items()}
        for name in self._source.fields:
            self._add(FieldFeature(name, self._field_kind(name)), "fields")
        for entry in self._source.windows:
            self._add_windows(entry, entities)
        for name, text in self._source.derived.items():
            self._add(self._derived(name, str(text)), "derived")
        if not self._features:
            raise self._error("features", "the catalog has none; add fields, windows or derived")
        used = {
            n for f in self._features.values() for n in _facts_of(f) if n.startswith(ATTRIBUTES)
        }
        kinds = {name: self._fact_kind(name, "attributes") for name in sorted(used)}
        return Catalog(
            name=self._source.catalog,
            time_zone=self._source.time_zone,
            features=tuple(self._features.values()),
            attribute_kinds=kinds,
            source=msgspec.structs.replace(
                self._source, attributes={name: str(kind) for name, kind in kinds.items()}
            ),
        )

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
        if name not in FACT_KINDS:
            known = [*FACT_KINDS, *CALENDAR_KINDS, *self._attributes]
            raise self._error(entry, f"no fact is named {name!r}.{suggest(name, known)}")
        return FACT_KINDS[name]

    def _field_kind(self, name: str) -> Kind:
        kind = CALENDAR_KINDS.get(name) or self._fact_kind(name, "fields")
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

    def _add_windows(self, entry: WindowEntry, entities: Mapping[str, Entity]) -> None:
        where = f"windows ({entry.entity} {entry.measure})"
        if entry.entity not in entities:
            hint = suggest(entry.entity, entities)
            raise self._error(where, f"no entity is named {entry.entity!r}.{hint}")
        try:
            measure = Measure(entry.measure)
        except ValueError:
            raise self._error(where, f"measure is one of {', '.join(Measure)}") from None
        self._check_measured(measure, entry, where)
        for width in entry.over:
            try:
                width_us = parse_duration_us(width)
            except ValueError as error:
                raise self._error(where, str(error)) from None
            name = entry.name.replace("{window}", width) if entry.name else _name(entry, width)
            outcome = entry.outcome or ANY_OUTCOME
            self._add(
                WindowFeature(name, entities[entry.entity], measure, width_us, entry.of, outcome),
                where,
            )

    def _check_measured(self, measure: Measure, entry: WindowEntry, where: str) -> None:
        kinds = [self._fact_kind(name, where) for name in entry.of]
        if measure in NUMERIC_MEASURES and kinds != [Kind.NUMBER]:
            raise self._error(where, "`of` must name one whole-number fact, such as amount_minor")
        if measure is Measure.DISTINCT and not kinds:
            raise self._error(where, "`of` must name what is counted, such as receiver.city")
        takes_no_of = measure not in NUMERIC_MEASURES | {Measure.DISTINCT}
        if takes_no_of and kinds:
            raise self._error(where, f"{measure} takes no `of`")
        if measure in OUTCOME_MEASURES and entry.outcome not in _OUTCOMES:
            raise self._error(where, f"`outcome` is one of {', '.join(_OUTCOMES)}")
        if measure not in OUTCOME_MEASURES and entry.outcome is not None:
            raise self._error(where, f"{measure} takes no `outcome`")

    def _derived(self, name: str, text: str) -> DerivedFeature:
        try:
            node = expression.parse(text, _Scope(self))
        except ExpressionError as error:
            raise self._error(f"derived.{name}", str(error)) from None
        return DerivedFeature(name, expression.kind_of(node), text, node)

    def known_kind(self, name: str) -> Kind | None:
        if name in self._features:
            return self._features[name].kind
        if name.startswith(ATTRIBUTES):
            return self._attributes.get(name, Kind.TEXT)
        return FACT_KINDS.get(name) or CALENDAR_KINDS.get(name)

    def known_names(self) -> Collection[str]:
        return [*self._features, *FACT_KINDS, *CALENDAR_KINDS, *self._attributes]


class _Scope:
    def __init__(self, builder: _Builder) -> None:
        self._builder = builder

    def kind_of(self, name: str) -> Kind | None:
        return self._builder.known_kind(name)

    def names(self) -> Collection[str]:
        return self._builder.known_names()


def _name(entry: WindowEntry, width: str) -> str:
    noun = {
        Measure.COUNT: "orders",
        Measure.DISTINCT: f"distinct_{_leaf(entry.of)}",
        Measure.RATE: f"{entry.outcome}_rate",
        Measure.OUTCOMES: f"{entry.outcome}_outcomes",
        Measure.SECONDS_SINCE_LAST: "seconds_since_last",
        Measure.SECONDS_SINCE_OUTCOME: f"seconds_since_{entry.outcome}",
    }.get(Measure(entry.measure), f"{_leaf(entry.of)}_{entry.measure}")
    return f"{entry.entity}_{noun}_{width}"


def _leaf(names: tuple[str, ...]) -> str:
    return "_".join(name.rpartition(".")[2] for name in names)


__all__ = ["CALENDAR_KINDS", "Catalog", "load_catalog", "parse_catalog", "refuse_names"]
