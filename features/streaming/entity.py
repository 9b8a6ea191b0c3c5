"""Measures one entity partition by partition, and brings the columns back in order of rows."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from features.columnar_rows import Rows
from features.columnar_windows import window_columns
from features.feature import WindowFeature
from features.kernel.events import MISSING, Int64s
from features.measures import OUTCOME_MEASURES, UNKNOWN_MEASURES
from features.streaming.chunks import INSTANTS, Chunks
from features.streaming.exchange import Exchange
from features.streaming.marks import answers_of, partition_of


class EntityStage:
    """The partitions of one entity on disk."""

    def __init__(
        self,
        features: Sequence[WindowFeature],
        chunks: Chunks,
        rows: Exchange,
        answers: Exchange,
        partitions: int,
    ) -> None:
        self._features = features
        self._chunks = chunks
        self._rows = rows
        self._answers = answers
        self._partitions = partitions
        self._key = list(features[0].entity.key)
        self._answered = any(f.measure in OUTCOME_MEASURES | UNKNOWN_MEASURES for f in features)

    def split(self, progress: Callable[[], None]) -> None:
        """Send every row that has the entity, and the answers about it, to its partition."""
        names = sorted({*self._key, *(name for f in self._features for name in f.of)})
        for chunk in range(len(self._chunks.starts)):
            rows = self._chunks.rows(chunk, [*INSTANTS, *names])
            part = partition_of(rows, self._key, self._partitions)
            keyed = rows.select(
                pl.all_horizontal(pl.col(name).is_not_null() for name in self._key)
            ).to_series()
            self._rows.write(rows.filter(keyed), part[keyed.to_numpy()])
            answers = self._chunks.answers(chunk)
            if not self._answered:
                answers = answers.clear()
            place = answers["row"].to_numpy() - self._chunks.starts[chunk]
            known = keyed.to_numpy()[place]
            self._answers.write(answers.filter(pl.Series(known)), part[place][known])
            progress()

    def measure(self, back: Exchange, progress: Callable[[], None]) -> None:
        """Measure every partition, and send each row's columns to its chunk."""
        for part in range(self._partitions):
            rows = self._rows.read(part)
            number = rows["row"].to_numpy()
            answers = self._answers.read(part)
            columns = window_columns(
                self._features,
                _rows(rows, number),
                answers_of(answers.filter(pl.col("final")), number),
                answers_of(answers.filter(~pl.col("final")), number),
            )
            measured = pl.DataFrame({"row": number, **columns})
            back.write(measured, self._chunks.of_rows(number))
            progress()
        self._rows.remove()
        self._answers.remove()


def _rows(frame: pl.DataFrame, number: Int64s) -> Rows:
    return Rows(
        facts=frame.drop(INSTANTS),
        as_of_us=frame["as_of_us"].to_numpy(),
        placed_us=frame["placed_us"].to_numpy(),
        replaced_us=frame["replaced_us"].to_numpy(),
        closed_us=frame["closed_us"].to_numpy(),
        own=_places(frame["own"].to_numpy(), number),
    )


def _places(rows: Int64s, number: Int64s) -> Int64s:
    """Find rows of the history among those of a partition; MISSING where they are elsewhere."""
    if not len(number):
        return rows
    place = np.minimum(np.searchsorted(number, rows), len(number) - 1)
    return np.where(number[place] == rows, place, MISSING)
