"""Cuts a simulated history in two: what is learned from, and what is played afterwards."""

import math
from pathlib import Path

import polars as pl

from features.history import History, HistoryWriter, read_history
from training.simulate.channel.registry import PERIOD, SENT, period_of, sent_of
from training.simulate.slices import WORLD


def cut_history(folder: Path, past: Path, future: Path, future_orders: int) -> None:
    """Write the last `future_orders` orders to `future`, all before them to `past`.

    The past holds only what was known when the future begins: later outcomes are not in it.
    """
    history = read_history(folder)
    truth = pl.read_parquet(folder / "truth.parquet")
    at = history.orders.height - future_orders
    cut = history.orders["as_of"][at]
    begins = pl.lit(cut)
    _write(
        history,
        past,
        truth,
        history.orders.filter(pl.col("as_of") < begins),
        history.outcomes.filter(pl.col("received_at") < begins),
    )
    later = history.orders.filter(pl.col("as_of") >= begins)
    _write(history, future, truth, later, history.outcomes)


def share_played(orders: int) -> int:
    """How many of a history's orders are played: the last fifth."""
    return math.ceil(orders / 5)


def _write(
    history: History,
    folder: Path,
    truth: pl.DataFrame,
    orders: pl.DataFrame,
    outcomes: pl.DataFrame,
) -> None:
    ids = orders.select("order_id")
    with HistoryWriter(folder) as writer:
        kept = {"known_after_submission", "ordering", "simulated", "source"}
        writer.manifest |= {name: history.manifest[name] for name in kept | {WORLD}}
        writer.manifest |= {PERIOD: list(period_of(history)), SENT: sent_of(history)}
        writer.write_orders(orders)
        writer.write_outcomes(outcomes.join(ids, on="order_id", how="semi"))
        writer.write_extra("truth", truth.join(ids, on="order_id", how="semi"))
