"""Amounts as whole minor units, by the digits as they are written, never by float arithmetic."""

import polars as pl

from training.sources.currencies import UNUSUAL_DECIMALS, USUAL_DECIMALS
from training.sources.mapping import Marks, Money
from training.sources.mapping_fields import REJECT
from training.sources.mapping_tree import Place
from training.sources.readings import Flaw, Reading
from training.sources.texts import as_text, plain_numbers

_AMOUNT = r"^([+-]?)(\d{0,15})(?:\.(\d*))?$"
_PLAIN_FLOAT = (1e-6, 1e15)
"""Between these a float's shortest text has no exponent and is exact to the reader's eye."""


def read_money(
    raw: pl.Series,
    money: Money,
    marks: Marks,
    place: Place,
    currency: pl.Series | str | None,
) -> Reading:
    """Read amounts; a value with more decimals than its unit has is a flaw unless it is rounded."""
    if raw.dtype.is_integer() and not money.is_major:
        return Reading(raw.cast(pl.Int64, strict=False))
    text = _without_exponent(plain_numbers(as_text(raw, place), marks))
    table = pl.DataFrame({"text": text, "places": _places(money, currency, place, len(raw))})
    digits = table.lazy().with_columns(pl.col("text").str.extract_groups(_AMOUNT).alias("g"))
    parts = digits.select(
        "text",
        "places",
        pl.col("g").struct.field("1").alias("sign"),
        pl.col("g").struct.field("2").alias("whole"),
        pl.col("g").struct.field("3").fill_null("").str.strip_chars_end("0").alias("rest"),
    )
    read = parts.select(
        _minor(money.rounding).alias("minor"),
        (pl.col("rest").str.len_chars() > pl.col("places")).fill_null(False).alias("too_fine"),
    ).collect()
    return _reading(raw, read, money)


def _reading(raw: pl.Series, read: pl.DataFrame, money: Money) -> Reading:
    values = read["minor"]
    unreadable = raw.is_not_null() & values.is_null()
    flaws = [Flaw("", "unreadable", "an amount such as 12.50 or 1250", unreadable)]
    if money.rounding == REJECT:
        way_out = "no more decimals than the unit has; name the unit, its decimals or a rounding"
        flaws.append(Flaw("", "too many decimals", way_out, read["too_fine"] & ~unreadable))
    return Reading(values, tuple(flaws))


def _minor(rounding: str) -> pl.Expr:
    """Put whole and decimal digits together, then round by the digits that are left over."""
    kept = pl.col("rest").str.slice(0, pl.col("places"))
    scale = pl.lit(10, pl.Int64).pow(pl.col("places"))
    missing_zeros = pl.col("places") - kept.str.len_chars().cast(pl.Int64)
    fraction = (
        pl.when(kept == "")
        .then(pl.lit(0, pl.Int64))
        .otherwise(kept.cast(pl.Int64, strict=False) * pl.lit(10, pl.Int64).pow(missing_zeros))
    )
    whole = pl.when(pl.col("whole") == "").then(pl.lit("0")).otherwise(pl.col("whole"))
    size = whole.cast(pl.Int64, strict=False) * scale + fraction
    has_digit = pl.col("text").str.contains(r"\d")
    rounded = size + _round_up(size, rounding).cast(pl.Int64)
    signed = pl.when(pl.col("sign") == "-").then(-rounded).otherwise(rounded)
    return pl.when(has_digit).then(signed)


def _round_up(size: pl.Expr, rounding: str) -> pl.Expr:
    left = pl.col("rest").str.slice(pl.col("places"))
    if rounding == "half_up":
        return left >= "5"
    if rounding == "half_even":
        return (left > "5") | ((left == "5") & (size % 2 == 1))
    return pl.lit(False)


def _places(money: Money, currency: pl.Series | str | None, place: Place, height: int) -> pl.Series:
    if not money.is_major:
        return pl.repeat(0, height, dtype=pl.Int64, eager=True)
    if money.decimals is not None:
        return pl.repeat(money.decimals, height, dtype=pl.Int64, eager=True)
    if currency is None:
        raise place.refuse("the currency differs from order to order: say decimals: 2")
    if isinstance(currency, str):
        currency = pl.repeat(currency, height, dtype=pl.String, eager=True)
    return currency.replace_strict(
        UNUSUAL_DECIMALS, default=USUAL_DECIMALS, return_dtype=pl.Int64
    ).fill_null(USUAL_DECIMALS)


def _without_exponent(text: pl.Series) -> pl.Series:
    """Write 1.2E3, as a spreadsheet does, as 1200."""
    has_exponent = text.str.contains(r"^[+-]?[\d.]+[eE][+-]?\d+$")
    if not has_exponent.any():
        return text
    number = text.cast(pl.Float64, strict=False)
    is_plain = has_exponent & number.abs().is_between(*_PLAIN_FLOAT)
    written = number.cast(pl.String).str.replace(r"\.0$", "")
    return pl.select(pl.when(is_plain).then(written).otherwise(text)).to_series()
