"""The rejected rows with all their reasons, and the counts of both."""

from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

from features.masking import mask_digits
from training.sources.readings import REASON_TYPE, Flaw, reasons, shown_values
from training.sources.tables import ROW, MalformedLine

_LINE_PREVIEW = 200
SCHEMA: Mapping[str, pl.DataType] = {
    "row": pl.Int64(),
    "order_id": pl.String(),
    "reasons": pl.List(REASON_TYPE),
}


class Rejects:
    """Gathers rejected rows over batches."""

    def __init__(self) -> None:
        self._frames = [pl.DataFrame(schema=dict(SCHEMA))]
        self._counts: Counter[str] = Counter()
        self.count = 0

    def add(self, frame: pl.DataFrame, ids: pl.Series, flaws: Sequence[Flaw]) -> None:
        """Add the rows that any flaw marks; `frame` has their numbers."""
        if not flaws:
            return
        said = pl.concat([reasons(flaw) for flaw in flaws])
        for flaw in flaws:
            self._counts[f"{flaw.field}: {flaw.reason}"] += int(flaw.rows.sum())
        listed = (
            said.group_by("index")
            .agg(pl.struct("field", "reason", "value", "expected").alias("reasons"))
            .sort("index")
        )
        at = listed["index"]
        numbers = frame[ROW].gather(at).alias("row")
        named = shown_values(ids.gather(at)).alias("order_id")
        self._append(pl.DataFrame([numbers, named, listed["reasons"]]))

    def add_malformed(self, lines: Sequence[MalformedLine], width: int) -> None:
        """Add lines that do not have one value for each column."""
        if not lines:
            return
        self._counts["line: wrong number of values"] += len(lines)
        rows = [(line.row, None, [_malformed(line, width)]) for line in lines]
        self._append(pl.DataFrame(rows, schema=dict(SCHEMA), orient="row"))

    def by_reason(self) -> dict[str, int]:
        """Count reasons, the most frequent first; a row with two reasons counts under both."""
        return dict(self._counts.most_common())

    def table(self) -> pl.DataFrame:
        """All rejected rows, in the order of the file."""
        return pl.concat(self._frames).sort("row")

    def _append(self, rows: pl.DataFrame) -> None:
        self._frames.append(rows.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()))
        self.count += rows.height


def _malformed(line: MalformedLine, width: int) -> dict[str, str]:
    return {
        "field": "line",
        "reason": "wrong number of values",
        "value": mask_digits(line.text)[:_LINE_PREVIEW],
        "expected": f"{width} values, one for each column; it has {line.values}",
    }
