"""Builds every feature of a whole history at once, point in time."""

from collections.abc import Collection, Mapping

import numpy as np
import polars as pl

from features.catalog import Catalog
from features.columnar_facts import fact_frame
from features.columnar_past import by_entity, columnar_past
from features.columnar_windows import window_columns
from features.errors import CatalogError
from features.expression.columnar import to_polars
from features.facts import FACT_KINDS
from features.feature import DerivedFeature, WindowFeature
from features.history import History
from features.kernel.events import Floats
from features.kinds import Kind
from features.links.columnar import build_links
from features.measures import NUMERIC_MEASURES
from features.progress import Progress, silent


def build_features(
    history: History, catalog: Catalog, *, progress: Progress = silent
) -> pl.DataFrame:
    """Compute the catalog's features for each order of a history, row by row as they stand.

    Columns are `catalog.names`: numbers and booleans as Float64, text as String; missing is
    null. Raises CatalogError when a column does not hold what the catalog says.
    """
    facts = facts_of_orders(history.orders, catalog)
    table = dict[str, pl.Series]()
    groups = by_entity(catalog.windows)
    steps = len(groups) + 1 + bool(catalog.links)
    progress(0, steps, "orders and outcomes")
    past = columnar_past(history.orders, history.outcomes, facts, catalog.windows)
    for done, members in enumerate(groups):
        progress(done, steps, members[0].entity.name)
        columns = window_columns(members, past.rows, past.answers, past.unknowns)
        table |= {name: with_nulls(name, values) for name, values in columns.items()}
    if catalog.links:
        progress(len(groups), steps, "links")
        table |= build_links(catalog.links, facts, history.orders)
    progress(steps - 1, steps, "derived")
    built = finished(catalog, facts, table)
    progress(steps, steps, "derived")
    return built


def raw_features(history: History, catalog: Catalog) -> pl.DataFrame:
    """Compute only the features that need no state: `catalog.raw_names`."""
    facts = facts_of_orders(history.orders, catalog)
    return finished(catalog, facts, {}, set(catalog.raw_names))


def facts_of_orders(orders: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Compute the facts that a catalog reads, and `order_id`, of each row.

    Raises CatalogError when a column does not hold what the catalog says.
    """
    names = catalog.fact_names | {"order_id"}
    facts = fact_frame(
        orders, names, catalog.attribute_kinds, catalog.calendar, catalog.fact_groups
    )
    for feature in catalog.windows:
        if feature.measure in NUMERIC_MEASURES:
            _check_whole(feature, feature.of[0], facts[feature.of[0]].dtype)
    return facts


def _check_whole(feature: WindowFeature, name: str, dtype: pl.DataType) -> None:
    if not (dtype.is_integer() or dtype == pl.Null) and name not in FACT_KINDS:
        raise CatalogError(
            f"{feature.name} adds up {name}, which holds {dtype}; only whole numbers are added up, "
            "so that no rounding can differ: scale it in the mapping, e.g. to thousandths"
        )


def with_nulls(name: str, values: Floats) -> pl.Series:
    """Make a column of measured values: missing is null."""
    column = pl.Series(name, values)
    return column.fill_nan(None) if np.isnan(values.sum()) else column


def finished(
    catalog: Catalog,
    facts: pl.DataFrame,
    windows: Mapping[str, pl.Series],
    wanted: Collection[str] | None = None,
) -> pl.DataFrame:
    """Put the features of a catalog together from its facts and its measured windows."""
    frame = facts.with_columns(windows.values())
    names = catalog.names if wanted is None else [n for n in catalog.names if n in wanted]
    for feature in catalog.features:
        if isinstance(feature, DerivedFeature) and feature.name in names:
            frame = frame.with_columns(to_polars(feature.node).alias(feature.name))
    return frame.select(_column(name, catalog.kinds[name]) for name in names)


def _column(name: str, kind: Kind) -> pl.Expr:
    return pl.col(name).cast(pl.String if kind is Kind.TEXT else pl.Float64)
