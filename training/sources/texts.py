"""Any column as text."""

import polars as pl

from training.sources.mapping import Marks
from training.sources.mapping_tree import Place

_EXACT_DOUBLE = 2**53


def as_text(values: pl.Series, place: Place) -> pl.Series:
    """Write values as text; a whole number that a table keeps as a float loses its `.0`.

    Raises MappingError for a column of lists or structs.
    """
    dtype = values.dtype
    if dtype == pl.String:
        return values
    if dtype.is_nested():
        raise place.refuse(f"{values.name} is {dtype}, which is no single value")
    if dtype.is_float():
        return _float_text(values)
    if dtype == pl.Datetime:
        form = "%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if getattr(dtype, "time_zone", None) else "")
        return values.dt.to_string(form)
    return values.cast(pl.String)


def plain_numbers(text: pl.Series, marks: Marks) -> pl.Series:
    """Drop the thousands mark and write the decimal mark as a point."""
    if marks.thousands:
        text = text.str.replace_all(marks.thousands, "", literal=True)
    if marks.decimal != ".":
        text = text.str.replace_all(".", "?", literal=True)
        text = text.str.replace_all(marks.decimal, ".", literal=True)
    return text


def _float_text(values: pl.Series) -> pl.Series:
    whole = (values.floor() == values) & (values.abs() <= _EXACT_DOUBLE)
    as_whole = values.cast(pl.Int64, strict=False).cast(pl.String)
    chosen = pl.when(whole).then(as_whole).otherwise(values.cast(pl.String))
    return pl.select(chosen).to_series().alias(values.name)
