"""Moves rows from where they were made to where they are needed, through files."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from features.kernel.events import Int64s


class Exchange:
    """Files of rows by destination: each write makes one file with one batch per destination.

    One file is open at a time, and a destination reads its batches in the order of the writes,
    so rows keep their order. This is the shuffle of a distributed engine on one machine.
    """

    def __init__(self, folder: Path, destinations: int) -> None:
        self._folder = folder
        self._destinations = destinations
        self._files: list[Path] = []
        self.bytes_written = 0

    def write(self, frame: pl.DataFrame, destination: Int64s) -> None:
        """Send each row of a frame to its destination, 0 and up."""
        self._folder.mkdir(parents=True, exist_ok=True)
        order = np.argsort(destination, kind="stable")
        places = np.searchsorted(destination[order], np.arange(self._destinations + 1))
        table = frame[order].to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
        path = self._folder / f"{len(self._files):06d}.arrow"
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_file(path, table.schema, options=options) as file:
            for first, last in pairwise(places.tolist()):
                rows = table.slice(first, last - first).to_batches()
                file.write_batch(rows[0] if rows else _no_rows(table.schema))
        self._files.append(path)
        self.bytes_written += path.stat().st_size

    def read(self, destination: int) -> pl.DataFrame:
        """Give what was sent to a destination, in the order in which it was sent."""
        batches = []
        for path in self._files:
            with pa.OSFile(str(path)) as file:
                batches.append(pa.ipc.open_file(file).get_batch(destination))
        read = pl.from_arrow(pa.Table.from_batches(batches))
        assert isinstance(read, pl.DataFrame)
        return read

    def remove(self) -> None:
        """Remove the files: their rows were read for the last time."""
        for path in self._files:
            path.unlink()
        self._files.clear()


def _no_rows(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema)
