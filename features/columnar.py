"""Builds every feature of a whole history at once, point in time."""

from collections.abc import Collection, Mapping
from itertools import groupby

import polars as pl

from features.catalog import Catalog
from features.columnar_facts import fact_frame
from features.columnar_windows import EntitySweep, outcome_events
from features.errors import CatalogError
from features.expression.columnar import to_polars
from features.facts import FACT_KINDS
from features.feature import (
    OUTCOME_MEASURES,
    DerivedFeature,
    WindowFeature,
)
from features.history import History
from features.kinds import Kind
from features.progress import Progress, silent
from features.superseded import rescan_superseding


def build_features(
    history: History, catalog: Catalog, *, progress: Progress = silent
) -> pl.DataFrame:
    """Compute the catalog's features for each order of a history, row by row as they stand.

    Columns are `catalog.names`: numbers and booleans as Float64, text as String; missing is
    null. Raises CatalogError when a column does not hold what the catalog says.
    """
    facts = _facts(history, catalog)
    table = dict[str, pl.Series]()
    groups = [
        (entity, list(members))
        for entity, members in groupby(
            sorted(catalog.windows, key=lambda f: f.entity.name), key=lambda f: f.entity
        )
    ]
    steps = len(groups) + 1
    answers = outcome_events(history) if _needs_outcomes(catalog) else None
    for done, (entity, members) in enumerate(groups):
        progress(done, steps, entity.name)
        sweep = EntitySweep(entity, facts, history.orders, answers)
        table |= sweep.measure(members)
    table |= rescan_superseding(history, catalog, facts, table)
    progress(steps - 1, steps, "derived")
    built = _finished(catalog, facts, table)
    progress(steps, steps, "derived")
    return built


def raw_features(history: History, catalog: Catalog) -> pl.DataFrame:
    """Compute only the features that need no state: `catalog.raw_names`."""
    facts = _facts(history, catalog)
    return _finished(catalog, facts, {}, set(catalog.raw_names))


def _facts(history: History, catalog: Catalog) -> pl.DataFrame:
    names = catalog.fact_names | {"order_id"}
    facts = fact_frame(history.orders, names, catalog.attribute_kinds, catalog.zone)
    for feature in catalog.windows:
        for name in feature.of if feature.measure not in OUTCOME_MEASURES else ():
            _check_whole(feature, name, facts[name].dtype)
    return facts


def _check_whole(feature: WindowFeature, name: str, dtype: pl.DataType) -> None:
    numeric = feature.measure.value in ("sum", "mean", "max", "min")
    if numeric and not (dtype.is_integer() or dtype == pl.Null) and name not in FACT_KINDS:
        raise CatalogError(
            f"{feature.name} adds up {name}, which holds {dtype}; only whole numbers are added up, "
            "so that no rounding can differ: scale it in the mapping, e.g. to thousandths"
        )


def _needs_outcomes(catalog: Catalog) -> bool:
    return any(feature.measure in OUTCOME_MEASURES for feature in catalog.windows)


def _finished(
    catalog: Catalog,
    facts: pl.DataFrame,
    windows: Mapping[str, pl.Series],
    wanted: Collection[str] | None = None,
) -> pl.DataFrame:
    frame = facts.with_columns(windows.values())
    names = catalog.names if wanted is None else [n for n in catalog.names if n in wanted]
    for feature in catalog.features:
        if isinstance(feature, DerivedFeature) and feature.name in names:
            frame = frame.with_columns(to_polars(feature.node).alias(feature.name))
    return frame.select(_column(name, catalog.kinds[name]) for name in names)


def _column(name: str, kind: Kind) -> pl.Expr:
    return pl.col(name).cast(pl.String if kind is Kind.TEXT else pl.Float64)
