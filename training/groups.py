"""Whole-number codes of days and of entities, for what is measured per day and entity."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalog import Catalog
from features.columnar_facts import attribute_kinds, fact_frame
from features.errors import suggest
from features.history import History
from training.errors import ExperimentError

Ints = NDArray[np.int64]


def day_codes(history: History, catalog: Catalog, *, by_sequence: bool) -> Ints:
    """Give each order's calendar day in the catalog's time zone; one "day" without real times."""
    if by_sequence:
        return np.zeros(history.orders.height, dtype=np.int64)
    local = history.orders["as_of"].dt.convert_time_zone(catalog.time_zone)
    return local.dt.date().cast(pl.Int32).to_numpy().astype(np.int64)


def entity_codes(history: History, catalog: Catalog, name: str | None) -> Ints | None:
    """Give each order's entity as a dense code, -1 where a part of its key is missing.

    `name` is an entity of the catalog, or a fact such as `buyer.id`. Raises ExperimentError.
    """
    if name is None:
        return None
    entities = {feature.entity.name: feature.entity.key for feature in catalog.windows}
    entities |= catalog.source.entities
    columns = history.orders.columns
    if name not in entities and name not in columns:
        known = sorted(entities)
        raise ExperimentError(
            f"--entity {name!r} is neither an entity of the catalog nor a column of the history."
            f"{suggest(name, [*known, *columns])} Entities: {', '.join(known) or 'none'}"
        )
    key = entities.get(name, (name,))
    facts = fact_frame(history.orders, key, attribute_kinds(history.orders), catalog.calendar)
    present = facts.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    codes = facts.select(pl.struct(pl.all()).rank("dense")).to_series().cast(pl.Int64) - 1
    return np.where(present.to_numpy(), codes.to_numpy(), -1)
