"""The columns of long histories: many events in a window, many orders sent again."""

from dataclasses import replace

import numpy as np
import pytest

from features.columnar import build_features, facts_of_orders
from features.columnar_answers import Answers
from features.columnar_past import ColumnarPast, by_entity, columnar_past
from features.columnar_rows import Rows
from features.columnar_windows import window_columns
from features.history import History
from features.kernel.events import MISSING, Int64s
from features.past import past_of
from features.rescan import rescan
from tests.features.worlds import all_measures, busy_history

CATALOG = all_measures()


@pytest.mark.parametrize("seed", range(3))
def test_a_window_of_hundreds_of_events_equals_the_rescan(seed: int) -> None:
    history = busy_history(400, seed)
    facts = facts_of_orders(history.orders, CATALOG)
    rows = [{k: v for k, v in row.items() if v is not None} for row in facts.to_dicts()]
    past = past_of(history, rows)
    as_of = history.orders["as_of"].dt.epoch("us").to_list()
    built = build_features(history, CATALOG)
    for row in range(40 + seed, 400, 45):
        for feature in CATALOG.windows:
            slow = rescan(feature, rows[row], as_of[row], past)
            assert built[feature.name][row] == slow, feature.name


def test_an_order_sent_again_never_counts_its_earlier_self() -> None:
    history = busy_history(40, 1)
    alone = history.orders["order_id"].str.replace(".*", "o1")
    sent_again = History(
        history.folder,
        history.orders.with_columns(alone.alias("order_id")),
        history.outcomes.clear(),
        history.manifest,
    )
    built = build_features(sent_again, CATALOG)
    assert set(built["buyer_orders_10s"].drop_nulls()) == {0.0}
    assert built["buyer_seconds_since_last_10s"].null_count() == built.height
    assert built["buyer_amount_minor_max_10s"].null_count() == built.height


def of_rows(past: ColumnarPast, kept: Int64s) -> ColumnarPast:
    """Keep some rows of a past, and the answers about them."""
    place = np.full(len(past.rows.as_of_us), MISSING)
    place[kept] = np.arange(len(kept))
    rows = past.rows
    own = np.where(rows.own == MISSING, MISSING, place[rows.own])[kept]
    cut = Rows(
        rows.facts[kept],
        rows.as_of_us[kept],
        rows.placed_us[kept],
        rows.replaced_us[kept],
        rows.closed_us[kept],
        own,
    )
    return ColumnarPast(cut, about(past.answers, place), about(past.unknowns, place))


def about(answers: Answers, place: Int64s) -> Answers:
    here = place[answers.rows] != MISSING
    return replace(
        answers,
        rows=place[answers.rows][here],
        received_us=answers.received_us[here],
        replaced_us=answers.replaced_us[here],
        classes=answers.classes[here],
    )


@pytest.mark.parametrize("entity", ["buyer", "device", "channel"])
def test_a_slice_of_time_needs_only_its_widest_window_before_it(entity: str) -> None:
    history = busy_history(600, 9)
    facts = facts_of_orders(history.orders, CATALOG)
    past = columnar_past(history.orders, history.outcomes, facts, CATALOG.windows)
    (members,) = [g for g in by_entity(CATALOG.windows) if g[0].entity.name == entity]
    whole = window_columns(members, past.rows, past.answers, past.unknowns)
    start, end = past.rows.as_of_us[400], past.rows.as_of_us[450]
    before = start - max(feature.width_us for feature in members)
    needed = (past.rows.placed_us >= before) & (past.rows.as_of_us <= end)
    for answers in (past.answers, past.unknowns):
        needed[answers.rows[answers.received_us >= before]] = True
    kept = np.flatnonzero(needed)
    cut = of_rows(past, kept)
    sliced = window_columns(members, cut.rows, cut.answers, cut.unknowns)
    asked = np.flatnonzero((cut.rows.as_of_us >= start) & (cut.rows.as_of_us <= end))
    assert len(kept) < 600
    for name, column in sliced.items():
        assert np.array_equal(column[asked], whole[name][kept[asked]], equal_nan=True), name
