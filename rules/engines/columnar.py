"""The engine of backtests: every rule as one polars expression over a frame of facts."""

import polars as pl

from features.expression.columnar import to_polars
from features.kinds import Kind
from rules.bound import BoundBook
from rules.engines.engine import Verdict

_DTYPES: dict[Kind, type[pl.DataType]] = {
    Kind.NUMBER: pl.Float64,
    Kind.INSTANT: pl.Int64,
    Kind.TEXT: pl.String,
    Kind.BOOLEAN: pl.Boolean,
}


_INDEX = "row number"
"""No name of a fact has a space."""


class ColumnarEngine:
    """Answers a whole frame at once."""

    name = "columnar"

    def __init__(self, book: BoundBook) -> None:
        self._kinds = book.kinds
        self._answers = {code: to_polars(node) for code, node in book.conditions.items()}

    def evaluate_frame(self, facts: pl.DataFrame) -> pl.DataFrame:
        """Answer one Boolean column per rule, row by row: null is a missing input.

        A fact that is no column of the frame is missing in every row.
        """
        return self._answered(facts).drop(_INDEX)

    def evaluate(self, facts: pl.DataFrame) -> list[Verdict]:
        """Answer one verdict per row."""
        return [
            Verdict(
                frozenset(code for code, answer in row.items() if answer is True),
                frozenset(code for code, answer in row.items() if answer is None),
            )
            for row in self._answered(facts).iter_rows(named=True)
        ]

    def _answered(self, facts: pl.DataFrame) -> pl.DataFrame:
        absent = [
            pl.lit(None, dtype=_DTYPES[kind]).alias(name)
            for name, kind in self._kinds.items()
            if name not in facts.columns
        ]
        known = facts.with_columns(absent)
        # The index gives literals their length.
        return known.with_row_index(_INDEX).select(
            pl.col(_INDEX), *(answer.alias(code) for code, answer in self._answers.items())
        )
