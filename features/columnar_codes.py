"""Numbers the different values of columns, so that the kernels compare whole numbers."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from features.kernel.events import MISSING, Int64s

_MOST = np.iinfo(np.int64).max


def dense_codes(facts: pl.DataFrame, names: Iterable[str]) -> Int64s:
    """Number the different combinations of some facts from 0; MISSING where any is missing."""
    first, *others = names
    codes = _column_codes(facts[first])
    for name in others:
        more = _column_codes(facts[name])
        codes = _paired(codes, more)
    return codes


def _column_codes(column: pl.Series) -> Int64s:
    if column.dtype == pl.Boolean:
        return _filled(column.cast(pl.Int64))
    if column.dtype.is_float():
        # A dictionary tells 0.0 from -0.0, which are one value.
        return _filled(column.rank("dense").cast(pl.Int64) - 1)
    if column.dtype == pl.Null:
        return np.full(len(column), MISSING, np.int64)
    encoded = column.to_arrow().dictionary_encode()
    return _filled(pl.Series(encoded.indices).cast(pl.Int64))


def dictionary_codes(column: pl.Series) -> tuple[Int64s, list[Any]]:
    """Number the different values in the order in which they come, and list them."""
    encoded = column.to_arrow().dictionary_encode()
    codes = pl.Series(encoded.indices).cast(pl.Int64)
    return _filled(codes), encoded.dictionary.to_pylist()


def _filled(codes: pl.Series) -> Int64s:
    return codes.fill_null(MISSING).to_numpy()


def _paired(codes: Int64s, more: Int64s) -> Int64s:
    width = int(more.max(initial=0)) + 1
    if int(codes.max(initial=0)) + 1 > _MOST // width:
        raise OverflowError(f"{len(codes)} rows hold more combinations than 64 bits can number")
    known = (codes != MISSING) & (more != MISSING)
    pairs = pl.Series(np.where(known, codes * width + more, MISSING))
    return _column_codes(pairs.set(pl.Series(~known), None))
