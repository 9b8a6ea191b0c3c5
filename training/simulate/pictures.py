"""Pictures of a simulated history: who orders when, what goes wrong, what a naive rule does."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.history import read_manifest
from training.simulate.scenario import ScenarioError

_COLUMNS = ["order_id", "as_of", "buyer.id", "device.id", "receiver.city"]
_COLOURS: Mapping[str, str] = {
    "ordinary": "#8a8f98",
    "gift_sender": "#2a9d8f",
    "reseller": "#e9c46a",
    "ring": "#e76f51",
    "card_testing": "#9d4edd",
    "payout": "#457b9d",
    "structuring": "#264653",
}
_HONEST = ("ordinary", "gift_sender", "reseller")
_GROUPS = ("ordinary", "gift_sender", "reseller", "ring", "card_testing")
_CAUSES = 10
_LEAST = 30
_ENOUGH = 1_000
"""Shares, and rhythms, of fewer orders than this are not drawn."""


def draw_pictures(history: Path, out: Path) -> list[Path]:
    """Draw all pictures of a simulated history into a folder; the same history, the same bytes.

    Raises ScenarioError for a history that was not simulated.
    """
    orders = read_stories(history)
    out.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, draw in _PICTURES.items():
        figure = Figure(figsize=(9, 4.2), layout="constrained")
        draw(figure, orders)
        path = out / f"simulator_{name}.png"
        figure.savefig(path, dpi=110, metadata={"Software": None})
        drawn.append(path)
    return drawn


def read_stories(history: Path) -> pl.DataFrame:
    """Read what pictures need: each order with its truth, velocity and dispersion.

    `hour_orders`: the buyer's orders of the last hour, this one included; `day_cities`: the
    buyer's cities of the last day.
    """
    read_manifest(history)
    if not (history / "truth.parquet").exists():
        raise ScenarioError(
            f"{history} has no truth.parquet, so it was not simulated; "
            "make one with `preflight simulate history`"
        )
    orders = pl.read_parquet(history / "orders" / "part-*.parquet", columns=_COLUMNS)
    truth = pl.read_parquet(history / "truth.parquet")
    told = orders.join(truth, on="order_id", how="left", maintain_order="left")
    shopping = told.drop_nulls("buyer.id").sort("buyer.id", "as_of")
    hour = _lately(shopping, "1h", pl.len().alias("hour_orders"))
    cities = pl.col("receiver.city").drop_nulls().n_unique().alias("day_cities")
    day = _lately(shopping, "1d", cities)
    told = told.join(hour, on="order_id", how="left").join(day, on="order_id", how="left")
    local = pl.col("as_of").dt.convert_time_zone("Asia/Shanghai")
    return told.with_columns(
        hour=local.dt.hour(),
        day=local.dt.date(),
        blocked=(pl.col("cause") == "risk_policy").fill_null(False),
    )


def _lately(shopping: pl.DataFrame, period: str, measure: pl.Expr) -> pl.DataFrame:
    """Measure each buyer's last orders; of two at one instant only the last one is told of."""
    windows = shopping.rolling("as_of", period=period, group_by="buyer.id")
    told = windows.agg(pl.col("order_id").last(), measure)
    return told.drop("buyer.id", "as_of").unique("order_id", keep="any", maintain_order=True)


def _stream(figure: Figure, orders: pl.DataFrame) -> None:
    left, right = figure.subplots(1, 2)
    for group, colour in _COLOURS.items():
        hours = orders.filter(pl.col("group") == group)["hour"].to_numpy()
        if len(hours) >= _ENOUGH:
            share = np.bincount(hours, minlength=24) / len(hours)
            left.plot(range(24), share, color=colour, label=group)
    _label(left, "hour of the day, merchant's clock", "share of the group's orders", "When")
    left.legend(fontsize=7)
    days = orders.group_by("day").len().sort("day")
    right.bar(days["day"].to_list(), days["len"].to_list(), color=_COLOURS["ordinary"], width=1)
    right.tick_params(axis="x", rotation=45)
    _label(right, "", "orders a day", "Weeks and seasons")


def _causes(figure: Figure, orders: pl.DataFrame) -> None:
    axes = figure.subplots()
    held = orders.drop_nulls("cause")
    names = held["cause"].value_counts(sort=True)["cause"].head(_CAUSES).to_list()
    days = orders["day"].unique().sort()
    base = np.zeros(len(days))
    for name in names:
        counts = held.filter(pl.col("cause") == name).group_by("day").len()
        height = days.to_frame().join(counts, on="day", how="left", maintain_order="left")["len"]
        values = height.fill_null(0).to_numpy()
        axes.bar(days.to_list(), values, bottom=base, width=1, label=name)
        base = base + values
    axes.tick_params(axis="x", rotation=45)
    axes.legend(fontsize=7, ncols=2)
    _label(axes, "", "orders held up", f"True causes by day, the {len(names)} most frequent")


def _velocity(figure: Figure, orders: pl.DataFrame) -> None:
    _by(figure, orders, "hour_orders", "buyer's orders in the last hour", 16)


def _dispersion(figure: Figure, orders: pl.DataFrame) -> None:
    _by(figure, orders, "day_cities", "buyer's cities in the last day", 14)


def _by(figure: Figure, orders: pl.DataFrame, signal: str, words: str, most: int) -> None:
    left, right = figure.subplots(1, 2)
    levels = range(1, most + 1)
    for group in _GROUPS:
        mine = orders.filter(pl.col("group") == group)
        counts = dict(
            mine.group_by(signal)
            .agg(pl.len(), pl.col("blocked").mean())
            .select(signal, pl.struct("len", "blocked"))
            .iter_rows()
        )
        drawn = [level for level in levels if counts.get(level, {"len": 0})["len"] >= _LEAST]
        colour = _COLOURS[group]
        left.plot(drawn, [counts[n]["len"] for n in drawn], "o-", color=colour, label=group)
        right.plot(drawn, [counts[n]["blocked"] for n in drawn], "o-", color=colour)
    left.set_yscale("log")
    left.legend(fontsize=7)
    _label(left, words, "orders", "How many")
    _label(right, words, "share blocked as risk", "How many the channels block")


def _naive(figure: Figure, orders: pl.DataFrame) -> None:
    """Draw what a threshold on a count stops: rings that it catches, and who else pays for it."""
    left, right = figure.subplots(1, 2)
    _threshold(left, orders, "hour_orders", "stop from so many orders in an hour", 12)
    _threshold(right, orders, "day_cities", "stop from so many cities in a day", 12)
    left.legend(fontsize=7)


def _threshold(axes: Axes, orders: pl.DataFrame, signal: str, words: str, most: int) -> None:
    levels = list(range(2, most + 1))
    stopped = [orders.filter(pl.col(signal) >= level)["group"] for level in levels]
    everyone = orders["group"]
    for group in ("ring", "gift_sender"):
        total = max(1, int((everyone == group).sum()))
        share = [int((some == group).sum()) / total for some in stopped]
        axes.plot(levels, share, "o-", color=_COLOURS[group], label=f"of {group} orders, stopped")
    honest = [int(some.is_in(_HONEST).sum()) / max(1, len(some)) for some in stopped]
    axes.plot(levels, honest, "k--", label="of those stopped, the honest")
    axes.set_ylim(0, 1)
    _label(axes, words, "share", "A naive rule")


def _label(axes: Axes, x: str, y: str, title: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_title(title)


_PICTURES: Mapping[str, Callable[[Figure, pl.DataFrame], None]] = {
    "stream": _stream,
    "causes": _causes,
    "velocity": _velocity,
    "dispersion": _dispersion,
    "naive_rule": _naive,
}
