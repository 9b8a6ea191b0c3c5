"""A history as its windows see it: rows in order of arrival, and the answers about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from features.columnar_answers import Answers, closed_at, final_answers, unknown_answers
from features.columnar_rows import Rows, instants, versions_of
from features.feature import WindowFeature
from features.measures import OPEN_MEASURES, OUTCOME_MEASURES, UNKNOWN_MEASURES


@dataclass(frozen=True, slots=True)
class ColumnarPast:
    """Every row with what ended it, and every answer with the row that it is about."""

    rows: Rows
    answers: Answers
    unknowns: Answers


def columnar_past(
    orders: pl.DataFrame,
    outcomes: pl.DataFrame,
    facts: pl.DataFrame,
    features: Sequence[WindowFeature],
) -> ColumnarPast:
    """Match rows with their other versions, and with the answers that some feature reads.

    `orders` come by `as_of`, `outcomes` by `received_at`; `facts` are of the same rows.
    """
    as_of = instants(orders, "as_of")
    versions = versions_of(orders["order_id"], as_of)
    measures = {feature.measure for feature in features}
    final = outcomes if measures & (OUTCOME_MEASURES | OPEN_MEASURES) else outcomes.clear()
    unknown = outcomes if measures & UNKNOWN_MEASURES else outcomes.clear()
    answers = final_answers(orders, final, versions)
    rows = Rows(
        facts=facts,
        as_of_us=as_of,
        placed_us=instants(orders, "placed_at"),
        replaced_us=versions.replaced_us,
        closed_us=closed_at(answers, versions),
        own=versions.own,
    )
    return ColumnarPast(rows, answers, unknown_answers(orders, unknown, versions))


def by_entity(features: Sequence[WindowFeature]) -> list[list[WindowFeature]]:
    """Group window features by their entity."""
    ordered = sorted(features, key=lambda feature: feature.entity.name)
    return [list(group) for _, group in groupby(ordered, key=lambda feature: feature.entity)]
