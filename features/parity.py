"""Holds the live features to the columnar ones: same orders, every value, no tolerance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from features.catalog import Catalog
from features.columnar import build_features
from features.facts import order_facts
from features.history import History
from features.history_schema import order_from_row
from features.kinds import Value
from features.live import LiveState
from features.progress import Progress, silent
from features.times import to_us

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same: None is missing."""

    order_id: str
    feature: str
    live: Value | None
    columnar: Value | None


@dataclass(frozen=True, slots=True)
class ParityReport:
    """How many values were compared, and every one that differs."""

    orders: int
    values: int
    differences: tuple[Difference, ...]


def check_parity(
    history: History,
    catalog: Catalog,
    *,
    orders: int | None = None,
    skip: int = 0,
    progress: Progress = silent,
) -> ParityReport:
    """Replay a history through the live path and compare `orders` orders with the columns.

    The first `skip` orders are replayed too, so that the state is warm, but not compared. Each
    row becomes an order, its facts, and a read and an apply of the live state, as in the
    service; at one instant all orders are read before any is applied.
    """
    first = _first(history, history.orders.height if orders is None else skip + orders)
    columns = build_features(first, catalog)
    differences: list[Difference] = []
    for done, (live, row) in enumerate(
        zip(_replayed(first, catalog), columns.iter_rows(named=True), strict=True)
    ):
        if done >= skip:
            differences += _differences(str(live["order_id"]), live, row)
        if done % _BATCH == 0:
            progress(done, columns.height, "replay")
    compared = max(columns.height - skip, 0)
    return ParityReport(compared, compared * columns.width, tuple(differences))


def _first(history: History, orders: int) -> History:
    head = history.orders.head(orders)
    until = head["as_of"].max()
    outcomes = history.outcomes.filter(pl.col("received_at") < until)
    return History(history.folder, head, outcomes, history.manifest)


def _replayed(history: History, catalog: Catalog) -> Iterator[dict[str, Value]]:
    """Give the live features of each order, with its id beside them."""
    state = LiveState(catalog)
    answers = history.outcomes.select(
        "order_id", "outcome_class", "final", pl.col("received_at").dt.epoch("us")
    ).iter_rows()
    answer = next(answers, None)
    for as_of_us, group in groupby(_facts_of_rows(history), key=lambda pair: pair[0]):
        members = [facts for _, facts in group]
        while answer is not None and answer[3] < as_of_us:
            state.apply_outcome(*answer)
            answer = next(answers, None)
        for facts in members:
            yield {**state.read(facts, as_of_us), "order_id": facts["order_id"]}
        for facts in members:
            state.apply_order(facts, as_of_us)


def _facts_of_rows(history: History) -> Iterator[tuple[int, dict[str, Value]]]:
    for batch in history.orders.iter_slices(_BATCH):
        for row in batch.iter_rows(named=True):
            yield to_us(row["as_of"]), order_facts(order_from_row(row))


def _differences(
    order_id: str, live: Mapping[str, Value], row: Mapping[str, Any]
) -> Iterator[Difference]:
    for name, columnar in row.items():
        value = live.get(name)
        if isinstance(value, bool | int):
            value = float(value)
        if value != columnar:
            yield Difference(order_id, name, value, columnar)
