"""A user's table as a stream of batches: its columns first, then rows with their numbers."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

ROW = "preflight row"
"""The number of a data row, from 1, in the order of the file."""
BATCH_ROWS = 250_000


@dataclass(frozen=True, slots=True)
class MalformedLine:
    """A line that does not have as many values as the table has columns."""

    row: int
    text: str
    values: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows in file order; `done` of the table's `total` are read, in its own measure."""

    frame: pl.DataFrame
    malformed: tuple[MalformedLine, ...]
    done: int


class Table(Protocol):
    """Anything that can be read as a stream of batches, more than once."""

    @property
    def path(self) -> Path:
        """Where it is."""

    @property
    def types(self) -> Mapping[str, pl.DataType]:
        """Its columns; in a text file all are text."""

    @property
    def is_text(self) -> bool:
        """Tell whether types must be read out of the text."""

    @property
    def total(self) -> int:
        """The whole size, in the measure of `Batch.done`."""

    def batches(self, columns: Collection[str]) -> Iterator[Batch]:
        """Read these columns and ROW. Raises MappingError when the file cannot be read."""


def cleaned(frame: pl.DataFrame, null_values: Collection[str]) -> pl.DataFrame:
    """Strip text and turn what means missing into missing: empty text, NaN, `null_values`."""
    absent = list(null_values)
    text = [name for name, kind in frame.schema.items() if kind == pl.String]
    stripped = frame.with_columns(pl.col(text).str.strip_chars())
    return stripped.with_columns(
        *(pl.when(~pl.col(name).is_in(absent)).then(pl.col(name)).alias(name) for name in text),
        pl.col(pl.Float32, pl.Float64).fill_nan(None),
    )
