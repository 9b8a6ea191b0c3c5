"""Reads the tables of a history a span of time at a time, as if they were one sorted table."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from features.errors import HistoryError
from features.history import read_manifest
from features.history_schema import AS_OF

_SAMPLES = 100
"""Instants that are looked at for each chunk, to cut the table into chunks of like size."""


class Parts:
    """The Parquet files of one table of a history; nothing of it is held.

    Raises HistoryError when the rows are not those that the manifest counts.
    """

    def __init__(self, history: Path, table: str) -> None:
        self._files = sorted((history / table).glob("part-*.parquet"))
        self.rows: int = sum(pq.read_metadata(file).num_rows for file in self._files)
        counted = read_manifest(history)[table]
        if self.rows != counted or (table == "orders" and not self.rows):
            raise HistoryError(
                f"{history} holds {self.rows} {table}, but its manifest counts {counted}; "
                "write it again"
            )
        heads = [pl.read_parquet(file, n_rows=0) for file in self._files]
        self.empty = pl.concat(heads, how="diagonal_relaxed") if heads else pl.DataFrame()

    def bytes_unpacked(self) -> int:
        """Say how large the table is when its pages are unpacked."""
        metadata = [pq.read_metadata(file) for file in self._files]
        return sum(
            read.row_group(group).total_byte_size
            for read in metadata
            for group in range(read.num_row_groups)
        )

    def batches(self, columns: list[str], rows: int) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, file by file."""
        for file in self._files:
            for batch in pq.ParquetFile(file).iter_batches(rows, columns=columns):
                read = pl.from_arrow(batch)
                assert isinstance(read, pl.DataFrame)
                yield read

    def spans(self, rows: int) -> list[tuple[datetime | None, datetime | None]]:
        """Cut the table by `as_of` into spans of about so many rows: [start, end), None is open."""
        step = max(1, rows // _SAMPLES)
        taken, seen = [], 0
        for batch in self.batches([AS_OF], max(rows, step)):
            instants = batch[AS_OF].gather_every(step, offset=-seen % step)
            taken.append(instants)
            seen += batch.height
        sample = pl.concat(taken).sort()
        cuts = sample.gather_every(max(1, rows // step)).unique().sort().to_list()[1:]
        return list(zip([None, *cuts], [*cuts, None], strict=True))

    def read(
        self, start: datetime | None, end: datetime | None, columns: list[str] | None = None
    ) -> pl.DataFrame:
        """Read the rows of a span by `as_of`; of one instant, in the order of the files."""
        frames = [_of_span(file, start, end, columns) for file in self._files]
        empty = self.empty if columns is None else self.empty.select(columns)
        whole = pl.concat([empty, *frames], how="diagonal_relaxed")
        return whole.sort(AS_OF, maintain_order=True)


def _of_span(
    file: Path, start: datetime | None, end: datetime | None, columns: list[str] | None
) -> pl.DataFrame:
    rows: Any = pl.scan_parquet(file)
    if start is not None:
        rows = rows.filter(pl.col(AS_OF) >= start)
    if end is not None:
        rows = rows.filter(pl.col(AS_OF) < end)
    read: pl.DataFrame = (rows if columns is None else rows.select(columns)).collect()
    return read
