"""Chooses orders of a history by a DuckDB condition, for experiments on a part of it."""

from pathlib import Path

import polars as pl

from features.errors import ExpressionError
from features.history import read_history
from training.sources.sandbox import Sandbox


def filter_orders(history_folder: Path, condition: str) -> pl.Series:
    """Tell for each order, in the order of `read_history(...).orders`, whether it is chosen.

    `condition` is a boolean DuckDB expression over the order's columns (dotted names in double
    quotes, alias `o`); the table `outcomes` is there for sub-selects:
    `o.order_id IN (SELECT order_id FROM outcomes WHERE final)`. Missing is not chosen.
    Raises ExpressionError for a condition that cannot be read or is not boolean.
    """
    history = read_history(history_folder)
    with Sandbox() as sandbox:
        try:
            kept = sandbox.ask(condition, "o", {"o": history.orders, "outcomes": history.outcomes})
        except ExpressionError as error:
            raise ExpressionError(
                f"filter {condition!r}: {error}. Columns: {', '.join(history.orders.columns)}; "
                'write a name with a point in double quotes, such as "buyer.id"'
            ) from error
    if kept.dtype != pl.Boolean:
        raise ExpressionError(f"filter {condition!r} is {kept.dtype}, not true or false")
    return kept.fill_null(value=False).alias("keep")
