"""Brings a history and a catalog together: the feature frame, and which inputs form a family."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import yaml

from features.calendar import CALENDAR_KINDS
from features.catalog import Catalog, load_catalog, parse_catalog, refuse_names
from features.columnar import build_features, raw_features
from features.columnar_facts import attribute_kinds
from features.feature import DerivedFeature, Feature, WindowFeature
from features.history import History
from features.measures import OUTCOME_MEASURES
from features.progress import Progress, silent
from training.split import is_sequence

RAW = "raw"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A history's orders with their features, row by row."""

    history: History
    catalog: Catalog
    features: pl.DataFrame

    @property
    def names(self) -> tuple[str, ...]:
        """The features that were built, in the catalog's order."""
        return tuple(self.features.columns)


def open_catalog(history: History, path: Path | None) -> Catalog:
    """Load the catalog to use, and refuse one that reads what is known only after submission.

    Without a file: the shipped catalog, and every attribute of the history that was known before.
    """
    kinds = attribute_kinds(history.orders)
    late = tuple(history.manifest.get("known_after_submission", ()))
    if path is not None:
        catalog = load_catalog(path, kinds)
    else:
        known = [name for name in kinds if name.removeprefix("attributes.") not in late]
        text = yaml.safe_dump({"catalog": "default", "extends": "default", "fields": known})
        catalog = parse_catalog(text, "the shipped catalog", kinds)
    refuse_names(catalog, late)
    return catalog


def build_dataset(
    history: History, catalog: Catalog, kinds: str, progress: Progress = silent
) -> Dataset:
    """Build `raw` features (of the order alone) or `all` of the catalog's.

    A history ordered by an id has invented times: what follows from the calendar is left out.
    """
    if kinds == RAW:
        built = raw_features(history, catalog)
    else:
        built = build_features(history, catalog, progress=progress)
    if is_sequence(history):
        built = built.drop(_names_following(catalog, _is_calendar), strict=False)
    return Dataset(history, catalog, built)


def orders_where(history: History, keep: pl.Series) -> History:
    """Give the history without the other orders; outcomes stay."""
    return replace(history, orders=history.orders.filter(keep))


def feature_families(catalog: Catalog, names: tuple[str, ...]) -> dict[str, tuple[bool, ...]]:
    """Name the sets of inputs that training may choose between, without repeats.

    `all`; `no_outcomes`: nothing that follows from past outcomes; `raw`: the order alone.
    """
    of_outcomes = _names_following(catalog, _counts_outcomes)
    raw = set(catalog.raw_names)
    families = {
        ALL: tuple(True for _ in names),
        "no_outcomes": tuple(name not in of_outcomes for name in names),
        RAW: tuple(name in raw for name in names),
    }
    found: dict[str, tuple[bool, ...]] = {}
    for family, used in families.items():
        if any(used) and used not in found.values():
            found[family] = used
    return found


def _names_following(catalog: Catalog, starts: Callable[[Feature], bool]) -> set[str]:
    """Name the features that `starts` picks, and those derived from them."""
    names: set[str] = set()
    for feature in catalog.features:
        derived = isinstance(feature, DerivedFeature) and bool(feature.names & names)
        if starts(feature) or derived:
            names.add(feature.name)
    return names


def _counts_outcomes(feature: Feature) -> bool:
    return isinstance(feature, WindowFeature) and feature.measure in OUTCOME_MEASURES


def _is_calendar(feature: Feature) -> bool:
    read = feature.names if isinstance(feature, DerivedFeature) else {feature.name}
    return any(name in CALENDAR_KINDS for name in read)
