"""The rows of a history as the windows see them: when each was known, and what ended it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.columnar_codes import dense_codes
from features.kernel.events import MISSING, Int64s
from features.windows import FOREVER_US


@dataclass(frozen=True, slots=True)
class Versions:
    """What later and earlier rows of the same order mean for each row.

    `replaced_us` is when the next version was received. `own` is the row of the version that
    stood when this one was received, or MISSING: it never counts for it. `first` is the row of
    the order's first version.
    """

    replaced_us: Int64s
    own: Int64s
    first: Int64s


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that some entities are measured over, in the order in which they arrived.

    `facts` holds the keys and what is measured; instants are microseconds. `closed_us` is when
    the first final outcome of the row's order was known.
    """

    facts: pl.DataFrame
    as_of_us: Int64s
    placed_us: Int64s
    replaced_us: Int64s
    closed_us: Int64s
    own: Int64s


def instants(frame: pl.DataFrame, column: str) -> Int64s:
    """Give a column of instants as microseconds since 1970 UTC."""
    return frame[column].dt.epoch("us").to_numpy()


def versions_of(order_ids: pl.Series, as_of_us: Int64s) -> Versions:
    """Find the versions of each order; rows come in the order in which they arrived."""
    rows = np.arange(len(order_ids))
    replaced = np.full(len(rows), FOREVER_US, np.int64)
    own = np.full(len(rows), MISSING, np.int64)
    first = rows.copy()
    # Different hashes are of different ids, and are cheaper to tell apart.
    if order_ids.hash().n_unique() < len(rows):
        ids = dense_codes(order_ids.to_frame(), [order_ids.name])
        repeated = np.flatnonzero(np.bincount(ids)[ids] > 1)
        told = _told(pl.DataFrame({"id": ids[repeated], "as_of": as_of_us[repeated]}), repeated)
        for column, values in zip((replaced, own, first), told, strict=True):
            column[repeated] = values
    return Versions(replaced, own, first)


def _told(versions: pl.DataFrame, rows: Int64s) -> list[Int64s]:
    """Give `replaced_us`, `own` and `first` of rows whose orders come more than once."""
    rank = versions.with_columns(pl.Series("row", rows))
    last = rank.group_by("id", "as_of", maintain_order=True).agg(pl.col("row").last())
    stood = last.with_columns(pl.col("row").shift().over("id").alias("own"))
    told = rank.join(
        stood.select("id", "as_of", "own"),
        on=["id", "as_of"],
        how="left",
        maintain_order="left",
    ).select(
        pl.col("as_of").shift(-1).over("id").fill_null(FOREVER_US),
        pl.col("own").fill_null(MISSING),
        pl.col("row").first().over("id"),
    )
    return [column.to_numpy() for column in told]
