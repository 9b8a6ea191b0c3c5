"""The past of a history as the rescan sees it: slow, and what every fast path must equal."""

from collections.abc import Iterator

import polars as pl

from features.history import History
from features.kinds import Value
from features.outcome import OutcomeClass
from features.windows import OUTCOME_WAIT_US, OrderEvent, OutcomeEvent, Past, make_past


def past_of(history: History, rows: list[dict[str, Value]]) -> Past:
    """Make the events of a history from the facts of its rows, one for each row of orders."""
    placed = history.orders["placed_at"].dt.epoch("us").to_list()
    as_of = history.orders["as_of"].dt.epoch("us").to_list()
    orders = (
        OrderEvent(str(facts["order_id"]), placed[row], as_of[row], facts)
        for row, facts in enumerate(rows)
    )
    final = pl.col("final")
    unknown = ~final & (pl.col("outcome_class") == OutcomeClass.UNKNOWN)
    return make_past(
        orders,
        _about_known_orders(history.outcomes.filter(final), as_of, rows),
        _about_known_orders(history.outcomes.filter(unknown), as_of, rows),
    )


def _about_known_orders(
    answers: pl.DataFrame, as_of: list[int], rows: list[dict[str, Value]]
) -> Iterator[OutcomeEvent]:
    versions: dict[str, list[int]] = {}
    for row, facts in enumerate(rows):
        versions.setdefault(str(facts["order_id"]), []).append(row)
    for order_id, received, outcome_class in zip(
        answers["order_id"],
        answers["received_at"].dt.epoch("us"),
        answers["outcome_class"],
        strict=True,
    ):
        before = [row for row in versions.get(order_id, ()) if as_of[row] <= received]
        if before and received - as_of[before[-1]] <= OUTCOME_WAIT_US:
            row = before[-1]
            yield OutcomeEvent(order_id, received, outcome_class, rows[row], as_of[row])
