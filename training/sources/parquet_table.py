"""Parquet as a stream of batches."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import MappingError
from training.sources.mapping import TableOptions
from training.sources.tables import BATCH_ROWS, ROW, Batch, cleaned


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A Parquet file; rows are its measure of size."""

    path: Path
    types: Mapping[str, pl.DataType]
    total: int
    null_values: tuple[str, ...]
    is_text: bool = False

    @classmethod
    def open(cls, path: Path, options: TableOptions) -> "ParquetTable":
        """Read the file's own description of itself. Raises MappingError."""
        try:
            with pq.ParquetFile(path) as file:
                empty = file.schema_arrow.empty_table()
                total = file.metadata.num_rows
        except (pa.ArrowException, OSError) as error:
            raise MappingError(f"table {path} is no readable Parquet file: {error}") from error
        frame = pl.from_arrow(empty)
        assert isinstance(frame, pl.DataFrame)
        return cls(path, dict(frame.schema), total, options.null_values)

    def batches(self, columns: Collection[str]) -> Iterator[Batch]:
        """Read these columns and ROW. Raises MappingError for a damaged file."""
        done = 0
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(BATCH_ROWS, columns=list(columns)):
                    frame = _with_rows(batch, done)
                    done += frame.height
                    yield Batch(cleaned(frame, self.null_values), (), done)
        except (pa.ArrowException, OSError) as error:
            raise MappingError(f"table {self.path} is damaged: {error}") from error
        except pl.exceptions.ComputeError as error:
            raise MappingError(
                f"table {self.path} has a column of bytes that are no UTF-8 text; leave it out"
            ) from error


def _with_rows(batch: pa.RecordBatch, done: int) -> pl.DataFrame:
    numbers = pl.int_range(done + 1, done + 1 + batch.num_rows, eager=True).alias(ROW)
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    texts = frame.with_columns(pl.col(pl.Categorical, pl.Binary).cast(pl.String))
    return texts.with_columns(numbers) if frame.width else numbers.to_frame()
