"""Columns from arrays: missing where a flag says so, names from numbers, instants."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.simulate.chance import Flags, Ints


def where(known: Flags, values: NDArray[Any] | pl.Series, name: str) -> pl.Series:
    """Keep the values where they are known; missing elsewhere."""
    column = values if isinstance(values, pl.Series) else pl.Series(values)
    kept = pl.select(pl.when(pl.lit(pl.Series(known))).then(pl.lit(column)))
    return kept.to_series().alias(name)


def constant(text: str, size: int, name: str) -> pl.Series:
    """Repeat one text."""
    return pl.repeat(text, size, dtype=pl.String, eager=True).alias(name)


def numbered(prefix: str, numbers: Ints, width: int) -> pl.Series:
    """Name things by their numbers: a prefix and the number, zero-filled."""
    return prefix + pl.Series(numbers).cast(pl.String).str.zfill(width)


def instants(instant_us: Ints) -> pl.Series:
    """Turn microseconds since 1970 into UTC instants."""
    return pl.Series(instant_us).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def named(names: list[str], index: Ints) -> pl.Series:
    """Look each index up in a list of names."""
    return pl.Series(names).gather(np.maximum(index, 0))
