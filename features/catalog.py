"""The feature catalog: features as data, and the fingerprint of that data.

docs/features.md explains the grammar of a catalog file.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import msgspec

from features.addresses import tables_version
from features.bins import BinTable, bin_group, load_bins, parse_bins
from features.calendar import Calendar, make_calendar
from features.catalog_file import CatalogFile, read_catalog_text
from features.catalog_resolver import facts_of, resolve
from features.errors import CatalogError, suggest
from features.fact_groups import ADDRESS_FACTS, FactGroup
from features.feature import (
    DerivedFeature,
    Feature,
    FieldFeature,
    LinkFeature,
    WindowFeature,
)
from features.feature_units import units_of
from features.kinds import Kind
from features.leaves import ATTRIBUTES
from features.units import Unit

_Stateful = WindowFeature | LinkFeature


@dataclass(frozen=True)
class Catalog:
    """A resolved catalog: its features in order; equal catalogs have equal schema hashes."""

    name: str
    calendar: Calendar
    bins: BinTable | None
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
    def units(self) -> Mapping[str, Unit]:
        """The unit of each feature that is a number with one, by name."""
        return units_of(self.features)

    @cached_property
    def time_zone(self) -> str:
        """The zone of the calendar facts."""
        return self.calendar.time_zone

    @cached_property
    def fact_groups(self) -> tuple[FactGroup, ...]:
        """The facts that the catalog's own tables add to those of every order."""
        return () if self.bins is None else (bin_group(self.bins),)

    @cached_property
    def windows(self) -> tuple[WindowFeature, ...]:
        """The window features, in order."""
        return tuple(f for f in self.features if isinstance(f, WindowFeature))

    @cached_property
    def windows_behind(self) -> Mapping[str, frozenset[WindowFeature]]:
        """The windows that each window feature, and each expression over such, rests on."""
        found: dict[str, frozenset[WindowFeature]] = {}
        for feature in self.features:
            if isinstance(feature, WindowFeature):
                found[feature.name] = frozenset({feature})
            elif isinstance(feature, DerivedFeature):
                parts = (found.get(name, frozenset()) for name in feature.names)
                found[feature.name] = frozenset[WindowFeature]().union(*parts)
        return found

    @cached_property
    def links(self) -> tuple[LinkFeature, ...]:
        """The link features, in order."""
        return tuple(f for f in self.features if isinstance(f, LinkFeature))

    @cached_property
    def widest_us(self) -> int:
        """How far back the widest window or link looks."""
        return max((f.width_us for f in self.features if isinstance(f, _Stateful)), default=0)

    @cached_property
    def raw_names(self) -> tuple[str, ...]:
        """Features that need no state: fields, and expressions over facts alone."""
        stateful = {f.name for f in self.features if isinstance(f, _Stateful)}
        for feature in self.features:
            if isinstance(feature, DerivedFeature) and feature.names & stateful:
                stateful.add(feature.name)
        return tuple(name for name in self.names if name not in stateful)

    @cached_property
    def fact_names(self) -> frozenset[str]:
        """Every fact that some feature or entity key reads."""
        computed = {f.name for f in self.features if not isinstance(f, FieldFeature)}
        return frozenset(name for f in self.features for name in facts_of(f)) - computed

    @cached_property
    def source_text(self) -> str:
        """The resolved catalog as YAML-compatible JSON text, as it is kept with a model."""
        return msgspec.json.format(msgspec.json.encode(self.source), indent=2).decode()

    @cached_property
    def schema_hash(self) -> str:
        """The fingerprint of everything that decides a feature's value: 16 hex digits."""
        parts = [self.time_zone, *(repr(feature) for feature in map(_stable, self.features))]
        if self.calendar != Calendar(self.time_zone):
            parts.append(repr(self.calendar))
        if self.bins is not None:
            parts.append(self.bins.fingerprint)
        if not self.fact_names.isdisjoint(ADDRESS_FACTS):
            parts.append(tables_version())
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
    bins = _bins(source, place)
    stated = {name: _stated_kind(name, kind, place) for name, kind in source.attributes.items()}
    kinds = {**_by_path(attribute_kinds or {}), **_by_path(stated)}
    resolved = resolve(source, place, kinds)
    used = {name: str(kind) for name, kind in resolved.attribute_kinds.items()}
    return Catalog(
        name=source.catalog,
        calendar=_calendar(source, place),
        bins=bins,
        features=resolved.features,
        attribute_kinds=resolved.attribute_kinds,
        source=msgspec.structs.replace(
            source, attributes=used, bins=None if bins is None else bins.text
        ),
    )


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


def _calendar(source: CatalogFile, place: str) -> Calendar:
    try:
        return make_calendar(source.time_zone, source.peaks, source.cut_offs)
    except CatalogError as error:
        raise CatalogError(f"{place}: {error}") from None


def _bins(source: CatalogFile, place: str) -> BinTable | None:
    """Read the table that `bins` names, or holds: a model's catalog has no file beside it."""
    if source.bins is None:
        return None
    if "\n" in source.bins:
        return parse_bins(source.bins, f"{place}: bins")
    return load_bins(Path(place).parent / source.bins)


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
            outcomes = (feature.outcome, feature.without)
            return ("window", feature.name, key, feature.of, outcomes, feature.newest)
        case LinkFeature():
            key = (feature.entity.key, str(feature.measure), feature.width_us)
            through = tuple(entity.key for entity in feature.through)
            bounds = (feature.newest, feature.budget)
            return ("link", feature.name, key, through, bounds, feature.of, feature.keys)
        case DerivedFeature():
            return ("derived", feature.name, str(feature.kind), feature.text)
