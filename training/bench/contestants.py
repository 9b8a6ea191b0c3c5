"""The same window features, computed in the ways that one meets.

Each function gives, for each order of a frame from `generated_orders`, in its order, and for
each window [placed_at - width, placed_at): `n_W` orders of the customer, `sum_W` of their
amounts, and `terminals_W`, the different ones.
"""

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from features.catalog import parse_catalog
from features.columnar import build_features
from training.bench.orders import as_history

WINDOWS = {"1d": 86_400, "7d": 7 * 86_400, "30d": 30 * 86_400, "90d": 90 * 86_400}
"""Names and widths in seconds: the Handbook's three, and a quarter."""

MEASURED = [f"{what}_{window}" for window in WINDOWS for what in ("n", "sum", "terminals")]

_CATALOG = """
catalog: side-by-side
entities: {buyer: buyer.id}
windows:
  - {entity: buyer, measure: count, over: [1d, 7d, 30d, 90d], name: "n_{window}"}
  - {entity: buyer, measure: sum, of: amount_minor, over: [1d, 7d, 30d, 90d], name: "sum_{window}"}
  - {entity: buyer, measure: distinct, of: device.id, over: [1d, 7d, 30d, 90d],
     name: "terminals_{window}"}
"""
_US = 1_000_000


def with_preflight(orders: pl.DataFrame) -> pl.DataFrame:
    """Build them as `preflight features build` does."""
    return build_features(as_history(orders), parse_catalog(_CATALOG)).select(MEASURED)


def with_the_handbook(orders: pd.DataFrame) -> pd.DataFrame:
    """Compute them customer by customer, as the Fraud Detection Handbook does.

    Its chapter 3, `get_customer_spending_behaviour_features`: group by customer, sort, roll over
    the time index, once for each window. The different terminals are counted by a rolling apply
    over their codes, and each window ends before the order instead of with it.
    """
    coded = orders.assign(code=pd.factorize(orders["terminal"])[0].astype(np.float64))
    behaviour = coded.groupby("customer", group_keys=False)[
        ["placed_at", "amount_minor", "code"]
    ].apply(_spending_behaviour)
    return behaviour.sort_index()[MEASURED]


def _spending_behaviour(orders: pd.DataFrame) -> pd.DataFrame:
    behaviour = orders.sort_values("placed_at")
    indexed = behaviour.set_index("placed_at")
    for window, seconds in WINDOWS.items():
        width = pd.Timedelta(seconds=seconds)
        amounts = indexed["amount_minor"].rolling(width, closed="left")
        codes = indexed["code"].rolling(width, closed="left")
        behaviour[f"n_{window}"] = amounts.count().fillna(0).to_numpy()
        behaviour[f"sum_{window}"] = amounts.sum().fillna(0).to_numpy()
        behaviour[f"terminals_{window}"] = codes.apply(_different, raw=True).fillna(0).to_numpy()
    return behaviour


def _different(codes: NDArray[np.float64]) -> int:
    return len(set(codes.tolist()))


def with_pandas(orders: pd.DataFrame) -> pd.DataFrame:
    """Compute them without a loop over customers.

    pandas rolls over groups, but counts no different values there: these are the orders so far,
    less those that left the window or came again since.
    """
    ordered = orders.reset_index().sort_values(["customer", "placed_at"], ignore_index=True)
    again = ordered.groupby(["customer", "terminal"])["placed_at"].shift(-1)
    so_far = ordered.groupby("customer").cumcount()
    measured: dict[str, Any] = {"index": ordered["index"]}
    for window, seconds in WINDOWS.items():
        width = pd.Timedelta(seconds=seconds)
        rolled = ordered.groupby("customer").rolling(width, on="placed_at", closed="left")
        amounts = rolled["amount_minor"]
        measured[f"n_{window}"] = amounts.count().fillna(0).reset_index(drop=True)
        measured[f"sum_{window}"] = amounts.sum().fillna(0).reset_index(drop=True)
        left = ordered["placed_at"] + width
        gone = _counted_before(ordered, left.where(~(again < left), again))
        measured[f"terminals_{window}"] = so_far - gone
    return pd.DataFrame(measured).set_index("index").sort_index()[MEASURED].astype(np.float64)


def _counted_before(ordered: pd.DataFrame, instants: pd.Series) -> pd.Series:
    """Count, for each order, the instants of its customer that lie before it."""
    gone = pd.DataFrame({"customer": ordered["customer"], "at": instants}).sort_values("at")
    gone["gone"] = gone.groupby("customer").cumcount() + 1
    asked = ordered[["customer", "placed_at"]].reset_index().sort_values("placed_at")
    counted = pd.merge_asof(
        asked, gone, left_on="placed_at", right_on="at", by="customer", allow_exact_matches=False
    )
    return counted.set_index("index")["gone"].fillna(0).sort_index()


def with_polars(orders: pl.DataFrame) -> pl.DataFrame:
    """Compute them by polars' own rolling groups, one query for each window."""
    ordered = orders.with_row_index("row").sort("customer", "placed_at")
    columns: list[pl.Series] = [ordered["row"]]
    for window in WINDOWS:
        rolled = ordered.rolling(
            "placed_at", period=window, closed="left", group_by="customer"
        ).agg(
            pl.len().alias(f"n_{window}"),
            pl.col("amount_minor").sum().alias(f"sum_{window}"),
            pl.col("terminal").n_unique().alias(f"terminals_{window}"),
        )
        columns += [rolled[name] for name in rolled.columns[2:]]
    return pl.DataFrame(columns).sort("row").select(MEASURED).cast(pl.Float64)


def with_duckdb(orders: pl.DataFrame) -> pl.DataFrame:
    """Compute them by SQL window functions, all windows in one statement."""
    measured = ",\n".join(
        f"count(*) over w{window} as n_{window},"
        f" coalesce(sum(amount_minor) over w{window}, 0) as sum_{window},"
        f" count(distinct terminal) over w{window} as terminals_{window}"
        for window in WINDOWS
    )
    windows = ",\n".join(
        f"w{window} as (partition by customer order by placed_us"
        f" range between {seconds * _US} preceding and 1 preceding)"
        for window, seconds in WINDOWS.items()
    )
    numbered = orders.with_row_index("row").with_columns(
        pl.col("placed_at").dt.epoch("us").alias("placed_us")
    )
    with duckdb.connect() as database:
        database.register("orders", numbered.to_arrow())
        answer = database.sql(
            f"select row, {measured} from orders window {windows} order by row"  # noqa: S608
        ).to_arrow_table()
    read = pl.from_arrow(answer)
    assert isinstance(read, pl.DataFrame)
    return read.select(MEASURED).cast(pl.Float64)


FRAMES: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "preflight": with_preflight,
    "polars": with_polars,
    "duckdb": with_duckdb,
}
PANDAS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "pandas": with_pandas,
    "handbook": with_the_handbook,
}
"""Contestants by what they are given: every one starts from the frame that it is used to."""
