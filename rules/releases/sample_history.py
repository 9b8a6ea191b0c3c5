"""A sample of a history's last orders, with the features that its last part gives them."""

from pathlib import Path

import polars as pl

from features.catalog import load_catalog
from features.columnar import build_features
from features.columnar_facts import attribute_kinds
from features.facts import FACT_KINDS
from features.history import History, order_from_row, read_history
from features.history_schema import AS_OF
from features.kinds import Kind
from rules.releases.sampled import Sampled, in_turn

_LAST = 20_000
"""How many of the last orders features are built from: windows that reach further see less."""


def from_history(folder: Path, catalog_path: Path | None, most: int) -> tuple[Sampled, ...]:
    """Sample the last orders of a history; raises HistoryError or CatalogError."""
    history = _last(read_history(folder))
    orders = history.orders
    catalog = load_catalog(catalog_path, attribute_kinds(orders))
    channels = reversed(list(enumerate(orders["channel"])))
    chosen = list(in_turn(((str(channel), row) for row, channel in channels), most))
    features = build_features(history, catalog)
    own = [name for name in features.columns if name not in FACT_KINDS]
    rows = features.select(
        pl.col(name).cast(pl.Boolean) if catalog.kinds[name] is Kind.BOOLEAN else pl.col(name)
        for name in own
    )[chosen]
    instants = orders[AS_OF].dt.epoch("us")[chosen]
    return tuple(
        Sampled(
            order=order_from_row(order),
            as_of_us=as_of_us,
            features={name: value for name, value in known.items() if value is not None},
        )
        for order, known, as_of_us in zip(
            orders[chosen].iter_rows(named=True), rows.iter_rows(named=True), instants, strict=True
        )
    )


def _last(history: History) -> History:
    orders = history.orders.tail(_LAST)
    outcomes = history.outcomes.filter(pl.col("order_id").is_in(orders["order_id"].implode()))
    return History(history.folder, orders, outcomes, history.manifest)
