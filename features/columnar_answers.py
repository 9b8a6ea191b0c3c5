"""The answers of a history, each with the version of the order that it was about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from features.columnar_codes import dictionary_codes
from features.columnar_rows import Versions, instants
from features.kernel.events import Bytes, Int64s
from features.outcome import OutcomeClass
from features.windows import FOREVER_US, OUTCOME_WAIT_US


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers that count, in order of arrival, each with the row of its order.

    `classes` are codes of `class_names`; the arrays are of one length.
    """

    rows: Int64s
    received_us: Int64s
    replaced_us: Int64s
    classes: Int64s
    class_names: Sequence[str]

    def flagged(self, wanted: Callable[[str], bool]) -> Bytes:
        """Flag the answers of the wanted classes."""
        flags = np.array([wanted(name) for name in self.class_names], np.uint8)
        return flags[self.classes] if len(flags) else np.zeros(0, np.uint8)


def final_answers(orders: pl.DataFrame, outcomes: pl.DataFrame, versions: Versions) -> Answers:
    """Match each final outcome with the latest version of its order that it can have been about.

    `orders` has order_id and as_of in order of arrival. Outcomes of unknown orders, from before
    the order, or later than OUTCOME_WAIT_US do not count; a repeated answer counts once; another
    answer replaces the earlier one.
    """
    matched = _matched(orders, outcomes.filter(pl.col("final")), versions)
    if matched["order_id"].n_unique() < matched.height:
        repeats = pl.col("outcome_class") == pl.col("outcome_class").shift().over("order_id")
        matched = matched.filter(~repeats.fill_null(value=False))
        replaced = pl.col("received_at").shift(-1).over("order_id").dt.epoch("us")
        ends = matched.select(replaced.fill_null(FOREVER_US)).to_series().to_numpy()
    else:
        ends = np.full(matched.height, FOREVER_US, np.int64)
    return _answers(matched, ends)


def unknown_answers(orders: pl.DataFrame, outcomes: pl.DataFrame, versions: Versions) -> Answers:
    """Match the first answer of class unknown about each order; nothing replaces it."""
    is_unknown = ~pl.col("final") & (pl.col("outcome_class") == OutcomeClass.UNKNOWN)
    matched = _matched(orders, outcomes.filter(is_unknown), versions)
    first = matched.unique("order_id", keep="first", maintain_order=True)
    return _answers(first, np.full(first.height, FOREVER_US, np.int64))


def closed_at(answers: Answers, versions: Versions) -> Int64s:
    """Say for each row when the first final outcome of its order was known, or FOREVER_US."""
    closed = np.full(len(versions.first), FOREVER_US, np.int64)
    np.minimum.at(closed, versions.first[answers.rows], answers.received_us)
    return closed[versions.first]


def _answers(matched: pl.DataFrame, ends: Int64s) -> Answers:
    codes, names = dictionary_codes(matched["outcome_class"])
    return Answers(
        rows=matched["row"].to_numpy(),
        received_us=instants(matched, "received_at"),
        replaced_us=ends,
        classes=codes,
        class_names=names,
    )


def _matched(orders: pl.DataFrame, outcomes: pl.DataFrame, versions: Versions) -> pl.DataFrame:
    if outcomes.is_empty():
        # Nothing to look up, so the orders need no index.
        orders = orders.clear()
    numbered = orders.select("order_id", "as_of").with_row_index("row").cast({"row": pl.Int64})
    once = bool(np.all(versions.first == np.arange(len(versions.first))))
    answers = outcomes.select("order_id", "received_at", "outcome_class")
    if once:
        found = answers.join(numbered, on="order_id", how="inner", maintain_order="left")
    else:
        found = answers.join_asof(
            numbered,
            left_on="received_at",
            right_on="as_of",
            by="order_id",
            strategy="backward",
            check_sortedness=False,
        ).filter(pl.col("row").is_not_null())
    delay = (pl.col("received_at") - pl.col("as_of")).dt.total_microseconds()
    return found.filter(delay.is_between(0, OUTCOME_WAIT_US))
