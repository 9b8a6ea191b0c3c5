"""Finds, over a whole text table, which columns hold whole numbers, numbers or booleans."""

from collections.abc import Collection, Mapping

import polars as pl

from training.sources.mapping import ColumnType
from training.sources.tables import Table

NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"
_NO_CODE = r"^[+-]?0\d"
"""A number with a leading zero, such as 007, is a code: it stays text."""
_FORMS: Mapping[ColumnType, str] = {
    ColumnType.WHOLE: r"^[+-]?\d{1,18}$",
    ColumnType.NUMBER: NUMBER,
    ColumnType.BOOLEAN: r"^(?i:true|false)$",
}
_POLARS: Mapping[ColumnType, pl.DataType] = {
    ColumnType.WHOLE: pl.Int64(),
    ColumnType.NUMBER: pl.Float64(),
}


def infer_types(table: Table, columns: Collection[str]) -> Mapping[str, ColumnType]:
    """Tell the narrowest type that fits every value; a column of nothing is text.

    Reads the table once, only these columns.
    """
    possible = {name: list(_FORMS) for name in columns}
    seen = dict.fromkeys(columns, False)
    if not columns:
        return {}
    for batch in table.batches(columns):
        for name in columns:
            values = batch.frame[name].drop_nulls()
            seen[name] = seen[name] or len(values) > 0
            possible[name] = [form for form in possible[name] if _fits(values, form)]
    return {
        name: possible[name][0] if possible[name] and seen[name] else ColumnType.TEXT
        for name in columns
    }


def typed(values: pl.Series, kind: ColumnType) -> pl.Series:
    """Read text as `kind`; what does not fit becomes missing."""
    if values.dtype != pl.String or kind is ColumnType.TEXT:
        return values
    if kind is ColumnType.BOOLEAN:
        return as_boolean(values)
    return values.cast(_POLARS[kind], strict=False)


def as_boolean(values: pl.Series) -> pl.Series:
    """Read true/false, yes/no, t/f, y/n, 1/0 in any case; anything else becomes missing."""
    words = {"true": True, "yes": True, "t": True, "y": True, "1": True}
    words |= {"false": False, "no": False, "f": False, "n": False, "0": False}
    lowered = values.str.to_lowercase()
    return lowered.replace_strict(words, default=None, return_dtype=pl.Boolean)


def _fits(values: pl.Series, form: ColumnType) -> bool:
    fits = values.str.contains(_FORMS[form])
    if form is not ColumnType.BOOLEAN:
        fits = fits & ~values.str.contains(_NO_CODE)
    return bool(fits.all())
