"""Nothing that happens after an order, or arrives after it, changes what is known of it."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.columnar import build_features
from features.history import History
from tests.features.worlds import all_measures, histories

CATALOG = all_measures()


def until(history: History, row: int) -> History:
    """The same history, ended right after the order of this row was scored."""
    as_of = history.orders["as_of"][row]
    return History(
        history.folder,
        history.orders.filter(pl.col("as_of") <= as_of),
        history.outcomes.filter(pl.col("received_at") < as_of),
        history.manifest,
    )


@given(histories(), st.data())
@settings(max_examples=100)
def test_what_comes_later_changes_no_feature(history: History, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, history.orders.height - 1))
    whole = build_features(history, CATALOG).row(row)
    assert build_features(until(history, row), CATALOG).row(row) == whole
