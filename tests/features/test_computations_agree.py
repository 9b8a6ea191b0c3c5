"""Live and columnar features equal the slow rescan, on every measure and every awkward history."""

from itertools import groupby
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import Catalog
from features.columnar import build_features
from features.columnar_facts import fact_frame
from features.expression import walk
from features.feature import DerivedFeature, FieldFeature, WindowFeature
from features.history import History
from features.kinds import Value
from features.live import LiveState
from features.past import past_of
from features.rescan import rescan
from tests.features.worlds import all_measures, histories

Rows = list[dict[str, Any]]
CATALOG = all_measures()


def by_rescan(history: History, catalog: Catalog) -> Rows:
    names = catalog.fact_names | {"order_id"}
    facts = fact_frame(
        history.orders, names, catalog.attribute_kinds, catalog.calendar, catalog.fact_groups
    )
    rows = [{k: v for k, v in row.items() if v is not None} for row in facts.to_dicts()]
    past = past_of(history, rows)
    as_of = history.orders["as_of"].dt.epoch("us").to_list()
    for row, instant in zip(rows, as_of, strict=True):
        before = dict(row)
        for feature in catalog.features:
            value: Value | None = None
            if isinstance(feature, WindowFeature):
                value = rescan(feature, before, instant, past)
            elif isinstance(feature, DerivedFeature):
                value = walk(feature.node, row)
            elif isinstance(feature, FieldFeature):
                value = row.get(feature.name)
            if value is not None:
                row[feature.name] = value
    return [comparable({name: row.get(name) for name in catalog.names}) for row in rows]


def by_columns(history: History, catalog: Catalog) -> Rows:
    return [comparable(row) for row in build_features(history, catalog).to_dicts()]


def by_live_replay(history: History, catalog: Catalog, *, patient: bool, sweep: bool) -> Rows:
    """Replay in order of arrival; `patient`: at one instant all are read before any is applied."""
    state = LiveState(catalog)
    names = catalog.fact_names | {"order_id", "placed_at"}
    facts = fact_frame(
        history.orders, names, catalog.attribute_kinds, catalog.calendar, catalog.fact_groups
    )
    rows = [{k: v for k, v in row.items() if v is not None} for row in facts.to_dicts()]
    as_of = history.orders["as_of"].dt.epoch("us").to_list()
    answers = list(
        history.outcomes.select(
            "order_id", "outcome_class", "final", pl.col("received_at").dt.epoch("us")
        ).iter_rows()
    )
    built: Rows = []
    for instant, group in groupby(range(len(rows)), key=as_of.__getitem__):
        members = list(group)
        while answers and answers[0][3] < instant:
            state.apply_outcome(*answers.pop(0))
        for batch in [members] if patient else [[row] for row in members]:
            built += [state.read(rows[row], instant) for row in batch]
            for row in batch:
                state.apply_order(rows[row], instant)
        if sweep:
            state.sweep(instant)
    return [comparable({name: row.get(name) for name in catalog.names}) for row in built]


def comparable(row: dict[str, Any]) -> dict[str, Any]:
    return {k: float(v) if isinstance(v, int | float) else v for k, v in row.items()}


@given(histories())
@settings(max_examples=80)
def test_the_columns_equal_the_rescan(history: History) -> None:
    assert by_columns(history, CATALOG) == by_rescan(history, CATALOG)


@given(histories(), st.booleans(), st.booleans())
@settings(max_examples=80)
def test_the_live_state_equals_the_rescan(history: History, patient: bool, sweep: bool) -> None:
    live = by_live_replay(history, CATALOG, patient=patient, sweep=sweep)
    assert live == by_rescan(history, CATALOG)


@pytest.mark.slow
@given(histories(), st.booleans(), st.booleans())
@settings(max_examples=3_000)
def test_they_agree_on_very_many_histories(history: History, patient: bool, sweep: bool) -> None:
    slow = by_rescan(history, CATALOG)
    assert by_columns(history, CATALOG) == slow
    assert by_live_replay(history, CATALOG, patient=patient, sweep=sweep) == slow
