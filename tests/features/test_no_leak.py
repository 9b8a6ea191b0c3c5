"""Nothing that happens after an order, or arrives after it, changes what is known of it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import Catalog, load_catalog
from features.columnar import build_features
from features.columnar_facts import attribute_kinds
from features.history import History, read_history
from tests.features.test_computations_agree import Rows, by_live_replay, comparable
from tests.features.worlds import all_measures, busy_history, histories
from training.simulate.history import simulate_history

CATALOG = all_measures()
Build = Callable[[History, Catalog, int], dict[str, object]]
"""Gives the features of one row of a history."""


def by_columns(history: History, catalog: Catalog, row: int) -> dict[str, object]:
    return comparable(build_features(history, catalog).row(row, named=True))


def by_live(history: History, catalog: Catalog, row: int) -> dict[str, object]:
    rows: Rows = by_live_replay(history, catalog, patient=True, sweep=True)
    return rows[row]


def until(history: History, row: int) -> History:
    """The same history, ended right after the order of this row was scored."""
    as_of = history.orders["as_of"][row]
    return History(
        history.folder,
        history.orders.filter(pl.col("as_of") <= as_of),
        history.outcomes.filter(pl.col("received_at") < as_of),
        history.manifest,
    )


def with_another_future(history: History, row: int, seed: int) -> History:
    """Shuffle, column by column, what comes at or after the order of a row; the row stays."""
    as_of = history.orders["as_of"][row]
    numbered = history.orders.with_row_index("row")
    later = (pl.col("as_of") >= as_of) & (pl.col("row") != row)
    kept = {"row", "as_of", "sequence"}
    orders = _shuffled(numbered, later, kept, seed).drop("row")
    outcomes = _shuffled(history.outcomes, pl.col("received_at") >= as_of, {"received_at"}, seed)
    return History(history.folder, orders, outcomes, history.manifest)


def _shuffled(frame: pl.DataFrame, later: pl.Expr, kept: set[str], seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    rows = frame.select(later.fill_null(value=False)).to_series().arg_true().to_numpy()
    for name in frame.columns:
        if name not in kept and len(rows) > 1:
            order = np.arange(frame.height)
            order[rows] = random.permutation(rows)
            frame = frame.with_columns(frame[name].gather(order))
    return frame


def leaking(
    build: Build, history: History, catalog: Catalog, row: int, seed: int
) -> frozenset[str]:
    """Name the features of a row that another future changes."""
    known = build(history, catalog, row)
    other = build(with_another_future(history, row, seed), catalog, row)
    return frozenset(name for name in known if known[name] != other[name])


@cache
def simulated() -> History:
    """A history in which every entity of the shipped catalog has orders and answers."""
    with TemporaryDirectory() as folder:
        simulate_history(600, 20, 3, Path(folder) / "history")
        return read_history(Path(folder) / "history")


@cache
def shipped() -> Catalog:
    return load_catalog(None, attribute_kinds(simulated().orders))


@given(histories(), st.data())
@settings(max_examples=40)
def test_what_comes_later_changes_no_feature(history: History, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, history.orders.height - 1))
    whole = build_features(history, CATALOG).row(row)
    assert build_features(until(history, row), CATALOG).row(row) == whole


@given(histories(), st.data())
@settings(max_examples=25)
@pytest.mark.parametrize("build", [by_columns, by_live])
def test_another_future_changes_no_measure(
    build: Build, history: History, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, history.orders.height - 1))
    assert not leaking(build, history, CATALOG, row, data.draw(st.integers(0, 99)))


@pytest.mark.slow
@given(histories(), st.data())
@settings(max_examples=1_000)
@pytest.mark.parametrize("build", [by_columns, by_live])
def test_no_other_future_changes_a_measure_in_very_many_histories(
    build: Build, history: History, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, history.orders.height - 1))
    assert not leaking(build, history, CATALOG, row, data.draw(st.integers(0, 10_000)))


@pytest.mark.parametrize("build", [by_columns, by_live])
@pytest.mark.parametrize("row", [1, 150, 300, 450, 598])
def test_another_future_changes_no_feature_of_the_shipped_catalog(build: Build, row: int) -> None:
    assert not leaking(build, simulated(), shipped(), row, seed=row)


def knowing_the_future(history: History, catalog: Catalog, row: int) -> dict[str, object]:
    """Build as a leaky implementation would: as if the order came three seconds later."""
    late = pl.when(pl.int_range(pl.len()) == row).then(pl.duration(seconds=3))
    known = history.orders.with_columns(pl.col("as_of") + late.otherwise(pl.duration()))
    order = known["as_of"].arg_sort()
    leaky = History(history.folder, known[order], history.outcomes, history.manifest)
    return by_columns(leaky, catalog, int((order == row).arg_true()[0]))


def test_a_leak_is_found_in_every_measure() -> None:
    found: set[str] = set()
    for seed in range(40):
        history = busy_history(90, seed)
        found |= leaking(knowing_the_future, history, CATALOG, 1 + seed, seed)
    assert {feature.name for feature in CATALOG.windows} <= found
