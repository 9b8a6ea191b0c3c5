"""Generated orders that every contestant computes the same window features of."""

from pathlib import Path

import numpy as np
import polars as pl

from features.history import History
from features.history_schema import INSTANT, OUTCOME_COLUMNS
from features.times import US_PER_SECOND

DAYS = 180
ORDERS_PER_CUSTOMER = 350
TERMINALS_PER_CUSTOMER = 2
_FIRST_US = 1_700_000_000 * US_PER_SECOND
_DAY_US = 86_400 * US_PER_SECOND


def generated_orders(rows: int, seed: int, per_customer: int = ORDERS_PER_CUSTOMER) -> pl.DataFrame:
    """Generate orders by time: customer, terminal, amount_minor and the instant.

    As it stands, the shape is that of the Fraud Detection Handbook's own data: half a year,
    about two orders a day from each customer, and twice as many terminals as customers, each
    order at any of them. No instant comes twice, so all contestants agree on ties.
    """
    random = np.random.default_rng(seed)
    customers = max(1, rows // per_customer)
    terminals = customers * TERMINALS_PER_CUSTOMER
    gaps = random.integers(1, 2 * DAYS * _DAY_US // rows, rows)
    return pl.DataFrame(
        {
            "order_id": [f"order-{row:09d}" for row in range(rows)],
            "placed_at": pl.Series(_FIRST_US + np.cumsum(gaps)).cast(INSTANT),
            "customer": [f"customer-{c:07d}" for c in random.integers(0, customers, rows)],
            "terminal": [f"terminal-{t:07d}" for t in random.integers(0, terminals, rows)],
            "amount_minor": random.integers(100, 100_000, rows),
        }
    )


def of_first_customers(orders: pl.DataFrame, rows: int) -> pl.DataFrame:
    """Take about so many rows: every order of some customers, so that no window loses one."""
    if rows >= orders.height:
        return orders
    sizes = orders.group_by("customer").len().sort("customer")
    kept = sizes.filter(pl.col("len").cum_sum() <= rows)
    return orders.join(kept, on="customer", how="semi", maintain_order="left")


def as_history(orders: pl.DataFrame) -> History:
    """Lay the orders out as a history, as if each had been known at once."""
    names = {"customer": "buyer.id", "terminal": "device.id"}
    renamed = orders.rename(names).with_columns(pl.col("placed_at").alias("as_of"))
    return History(Path("generated"), renamed, pl.DataFrame(schema=dict(OUTCOME_COLUMNS)), {})
