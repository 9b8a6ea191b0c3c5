"""What came of reading a field: its values, and the rows on which it could not be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from features.masking import mask_digits

SECRET = "(secret)"
_PREVIEW_LENGTH = 60
REASON_TYPE = pl.Struct(
    {"field": pl.String, "reason": pl.String, "value": pl.String, "expected": pl.String}
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """A reason to reject rows: on which, why, and what stood there (None if it is not shown)."""

    field: str
    reason: str
    expected: str
    rows: pl.Series
    shown: pl.Series | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Values of one field, row by row, and what is wrong with some of them."""

    values: pl.Series
    flaws: tuple[Flaw, ...] = ()


def any_row(flaws: Iterable[Flaw], height: int) -> pl.Series:
    """Mark the rows that have any of the flaws."""
    none = pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    return reduce(or_, (flaw.rows for flaw in flaws), none)


def only_found(flaws: Sequence[Flaw]) -> tuple[Flaw, ...]:
    """Drop the flaws that no row has."""
    return tuple(flaw for flaw in flaws if flaw.rows.any())


def reasons(flaw: Flaw) -> pl.DataFrame:
    """Lay a flaw out: index of the row, and field, reason, value and expected."""
    at = flaw.rows.arg_true()
    if flaw.shown is None:
        values = pl.repeat(None, len(at), dtype=pl.String, eager=True)
    else:
        values = shown_values(flaw.shown.gather(at))
    return pl.DataFrame({"index": at, "value": values}).select(
        "index",
        pl.lit(flaw.field).alias("field"),
        pl.lit(flaw.reason).alias("reason"),
        "value",
        pl.lit(flaw.expected).alias("expected"),
    )


def shown_values(values: pl.Series) -> pl.Series:
    """Show values short, long runs of digits masked; a bad row is no way around the edge."""
    texts = [None if value is None else mask_digits(str(value)) for value in values]
    short = [
        text if text is None or len(text) <= _PREVIEW_LENGTH else text[:_PREVIEW_LENGTH] + "…"
        for text in texts
    ]
    return pl.Series(values.name, short, pl.String)
