"""The facts of a history on disk, chunk by chunk of rows, with what ended each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from features.kernel.events import Int64s

INSTANTS = ("row", "as_of_us", "placed_us", "replaced_us", "closed_us", "own")
"""The columns beside the facts; `own` is a row of the whole history, or MISSING."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """One file of rows and one of answers for each chunk; `starts` are their first rows."""

    folder: Path
    starts: Sequence[int]

    def of_rows(self, rows: Int64s) -> Int64s:
        """Tell in which chunk each row is."""
        return np.searchsorted(np.asarray(self.starts), rows, side="right") - 1

    def write(self, chunk: int, rows: pl.DataFrame, answers: pl.DataFrame) -> None:
        """Keep the rows of a chunk and the answers about them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rows.write_ipc(self._path("rows", chunk), compression="lz4")
        answers.write_ipc(self._path("answers", chunk), compression="lz4")

    def rows(self, chunk: int, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Read some columns of the rows of a chunk, in order of arrival."""
        columns = None if names is None else list(names)
        return pl.read_ipc(self._path("rows", chunk), columns=columns)

    def answers(self, chunk: int) -> pl.DataFrame:
        """Read the answers about the rows of a chunk."""
        return pl.read_ipc(self._path("answers", chunk))

    def _path(self, what: str, chunk: int) -> Path:
        return self.folder / f"{what}-{chunk:06d}.arrow"
