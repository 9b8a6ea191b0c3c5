"""Finds, by partitions of order ids, what ended each row and which answers are about it."""

import numpy as np
import polars as pl

from features.columnar_answers import Answers, closed_at, final_answers, unknown_answers
from features.columnar_rows import instants, versions_of
from features.history_schema import OUTCOME_COLUMNS
from features.kernel.events import MISSING, Int64s
from features.streaming.exchange import Exchange
from features.streaming.parts import Parts

_OUTCOMES = ["order_id", "received_at", "outcome_class", "final"]


def split_orders(orders: pl.DataFrame, first_row: int, exchange: Exchange, parts: int) -> None:
    """Send the ids of one chunk to the partition of each id."""
    numbered = orders.select("order_id", "as_of").with_columns(
        pl.int_range(first_row, first_row + orders.height, dtype=pl.Int64).alias("row")
    )
    exchange.write(numbered, partition_of(numbered, ["order_id"], parts))


def split_outcomes(outcomes: Parts, rows: int, exchange: Exchange, parts: int) -> None:
    """Send every outcome to the partition of its order's id."""
    none = pl.DataFrame(schema={name: OUTCOME_COLUMNS[name] for name in _OUTCOMES})
    exchange.write(none, np.zeros(0, np.int64))
    for batch in outcomes.batches(_OUTCOMES, rows):
        exchange.write(batch, partition_of(batch, ["order_id"], parts))


def partition_of(frame: pl.DataFrame, names: list[str], parts: int) -> Int64s:
    """Give the partition of each row by some columns; equal values come together."""
    key = pl.struct(
        # 0.0 and -0.0 are one value.
        pl.col(name) + 0.0 if frame.schema[name].is_float() else pl.col(name)
        for name in names
    )
    return frame.select((key.hash(seed=1) % parts).cast(pl.Int64)).to_series().to_numpy()


def marked(orders: Exchange, outcomes: Exchange, part: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give, for the rows of one partition, what ended each, and the answers about them."""
    rows = orders.read(part)
    answers = outcomes.read(part).sort("received_at", maintain_order=True)
    number = rows["row"].to_numpy()
    versions = versions_of(rows["order_id"], instants(rows, "as_of"))
    final = final_answers(rows, answers, versions)
    own = np.where(versions.own == MISSING, MISSING, number[versions.own])
    marks = pl.DataFrame(
        {
            "row": number,
            "replaced_us": versions.replaced_us,
            "closed_us": closed_at(final, versions),
            "own": own,
        }
    )
    unknown = unknown_answers(rows, answers, versions)
    return marks, pl.concat(
        [_frame(final, number, final=True), _frame(unknown, number, final=False)]
    )


def _frame(answers: Answers, number: Int64s, *, final: bool) -> pl.DataFrame:
    names = pl.Series(answers.class_names, dtype=pl.String)
    return pl.DataFrame(
        {
            "row": number[answers.rows],
            "received_us": answers.received_us,
            "replaced_us": answers.replaced_us,
            "outcome_class": names.gather(answers.classes),
            "final": np.full(len(answers.rows), final),
        }
    )


def answers_of(frame: pl.DataFrame, rows: Int64s) -> Answers:
    """Turn answers about global rows into answers about the places of these rows."""
    by_arrival = frame.sort("received_us", maintain_order=True)
    codes = by_arrival["outcome_class"].to_arrow().dictionary_encode()
    return Answers(
        rows=np.searchsorted(rows, by_arrival["row"].to_numpy()),
        received_us=by_arrival["received_us"].to_numpy(),
        replaced_us=by_arrival["replaced_us"].to_numpy(),
        classes=codes.indices.to_numpy().astype(np.int64),
        class_names=codes.dictionary.to_pylist(),
    )


__all__ = ["answers_of", "marked", "partition_of", "split_orders", "split_outcomes"]
