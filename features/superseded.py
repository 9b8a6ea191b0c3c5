"""Orders that were sent again with other content: rare, so computed by the plain rescan.

The sweep cannot leave an order's own earlier self out of its own windows; these rows can.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from features.catalog import Catalog
from features.history import History
from features.kinds import Value
from features.windows import (
    OUTCOME_WAIT_US,
    OrderEvent,
    OutcomeEvent,
    replaced_orders,
    replaced_outcomes,
    rescan,
)


def rescan_superseding(
    history: History, catalog: Catalog, facts: pl.DataFrame, table: Mapping[str, pl.Series]
) -> dict[str, pl.Series]:
    """Recompute the window features of each row that supersedes an earlier row of its order."""
    later = ~facts["order_id"].is_first_distinct()
    if not later.any() or not catalog.windows:
        return {}
    rows = [{k: v for k, v in row.items() if v is not None} for row in facts.to_dicts()]
    as_of = history.orders["as_of"].dt.epoch("us").to_list()
    orders = order_events(history, rows)
    outcomes = outcome_events(history, rows)
    columns = {feature.name: table[feature.name].to_list() for feature in catalog.windows}
    for row in later.arg_true().to_list():
        for feature in catalog.windows:
            columns[feature.name][row] = rescan(feature, rows[row], as_of[row], orders, outcomes)
    return {name: pl.Series(name, values, dtype=pl.Float64) for name, values in columns.items()}


def order_events(history: History, rows: list[dict[str, Value]]) -> list[OrderEvent]:
    """Make the order events of a history from the facts of its rows."""
    placed = history.orders["placed_at"].dt.epoch("us").to_list()
    as_of = history.orders["as_of"].dt.epoch("us").to_list()
    events = (
        OrderEvent(str(facts["order_id"]), placed[row], as_of[row], facts)
        for row, facts in enumerate(rows)
    )
    return replaced_orders(events)


def outcome_events(history: History, rows: list[dict[str, Value]]) -> list[OutcomeEvent]:
    """Make the outcome events of a history, each with the facts of the version it was about."""
    return replaced_outcomes(_about_known_orders(history, rows))


def _about_known_orders(history: History, rows: list[dict[str, Value]]) -> Iterator[OutcomeEvent]:
    as_of = history.orders["as_of"].dt.epoch("us").to_list()
    versions: dict[str, list[int]] = {}
    for row, facts in enumerate(rows):
        versions.setdefault(str(facts["order_id"]), []).append(row)
    answers = history.outcomes.filter(pl.col("final"))
    for order_id, received, outcome_class in zip(
        answers["order_id"],
        answers["received_at"].dt.epoch("us"),
        answers["outcome_class"],
        strict=True,
    ):
        before = [row for row in versions.get(order_id, ()) if as_of[row] <= received]
        if before and received - as_of[before[-1]] <= OUTCOME_WAIT_US:
            yield OutcomeEvent(order_id, received, outcome_class, rows[before[-1]])
