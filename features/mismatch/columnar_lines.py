"""What the lines of each order of a history come to, alone and against the record's lines."""

from collections.abc import Sequence

import polars as pl

EXACT = pl.Int128()
"""A thousand lines of a million pieces at ten billion yuan each overflow 64 bits."""

_ROW = "row"
_PAIR = (_ROW, "key")
_PRICES = ("unit_price_minor", "list_price_minor")
_PARTS = ("sku", "quantity", *_PRICES)


def line_totals(orders: pl.DataFrame) -> pl.DataFrame:
    """Add up the lines of each row: `units`, `lists` (missing if a line states none), `over_list`.

    Columns are missing for an order without lines.
    """
    lines = _exploded(_numbered(orders, "items"), "items")
    pieces, listed = pl.col("quantity").cast(EXACT), pl.col("list_price_minor")
    sums = (
        lines.select(
            _ROW,
            (pieces * pl.col("unit_price_minor").cast(EXACT)).alias("units"),
            (pieces * listed.cast(EXACT)).alias("lists"),
            listed.is_null().cast(pl.Int64).alias("unlisted"),
            (pl.col("unit_price_minor") > listed)
            .fill_null(False)
            .cast(pl.Int64)
            .alias("over_list"),
        )
        .group_by(_ROW)
        .sum()
    )
    known = pl.when(pl.col("unlisted") == 0).then(pl.col("lists")).alias("lists")
    return _by_row(orders, sums.select(_ROW, "units", known, "over_list"))


def line_matches(orders: pl.DataFrame) -> pl.DataFrame:
    """Hold the lines of each row against the record's: how many differ, and the shares mislabelled.

    Columns are missing for an order without lines on either side.
    """
    rows = _numbered(orders, "items", "record.items").filter(
        pl.col("items").list.len() > 0, pl.col("record.items").list.len() > 0
    )
    same = _same_lines(rows)
    others = rows.join(same, on=_ROW, how="anti")
    return _by_row(orders, pl.concat([same, _matched(others)]))


def _same_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Answer for the rows whose lines equal the record's one by one, as nearly all do."""
    lines = rows.filter(pl.col("items").list.len() == pl.col("record.items").list.len()).explode(
        "items", "record.items"
    )
    sent, recorded = pl.col("items").struct, pl.col("record.items").struct
    equal = pl.all_horizontal(sent.field(part).eq_missing(recorded.field(part)) for part in _PARTS)
    listed = sent.field("list_price_minor").is_not_null()
    flags = (
        lines.select(_ROW, equal.cast(pl.Int64).alias("equal"), listed.cast(pl.Int64).alias("any"))
        .group_by(_ROW)
        .agg(pl.col("equal").min(), pl.col("any").max())
    )
    none = pl.when(pl.col("any") == 1).then(0.0)
    return flags.filter(pl.col("equal") == 1).select(
        _ROW,
        pl.lit(0, pl.Int64).alias("mismatched"),
        none.alias("list_equals_paid"),
        none.alias("paid_equals_list"),
    )


def _matched(rows: pl.DataFrame) -> pl.DataFrame:
    sides = _paired(rows)
    excess = sides.group_by(*_PAIR, *_PRICES).agg(pl.col("pieces").sum())
    differing = (
        excess.with_columns(
            (pl.col("pieces") > 0).cast(pl.Int64).alias("more"),
            (pl.col("pieces") < 0).cast(pl.Int64).alias("fewer"),
        )
        .group_by(_PAIR)
        .agg(pl.col("more").sum(), pl.col("fewer").sum())
        .select(_ROW, pl.max_horizontal("more", "fewer").alias("mismatched"))
        .group_by(_ROW)
        .sum()
    )
    return differing.join(_mislabelled(sides), on=_ROW, how="left")


def _numbered(orders: pl.DataFrame, *sources: str) -> pl.DataFrame:
    return orders.select(pl.int_range(pl.len(), dtype=pl.Int64).alias(_ROW), *sources)


def _exploded(rows: pl.DataFrame, source: str) -> pl.DataFrame:
    numbers = pl.int_ranges(0, pl.col(source).list.len()).alias("number")
    lines = rows.select(_ROW, source, numbers).explode(source, "number")
    return lines.filter(pl.col(source).is_not_null()).unnest(source)


def _by_row(orders: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    rows = orders.select(pl.int_range(pl.len(), dtype=pl.Int64).alias(_ROW))
    return rows.join(found, on=_ROW, how="left", maintain_order="left").drop(_ROW)


def _paired(rows: pl.DataFrame) -> pl.DataFrame:
    """Lay the lines of both sides below each other, with what is compared of their pair.

    The prices, and the pieces (fewer than none: the record's), leave out what some line of the
    pair does not state; `listed` and `unit` are the line's own.
    """
    sides = _with_keys(
        pl.concat(
            [
                _exploded(rows, source).select(_ROW, "number", *_PARTS, pl.lit(side).alias("side"))
                for source, side in (("items", 1), ("record.items", -1))
            ]
        )
    )
    recorded = pl.col("side") == -1
    pairs = sides.group_by(_PAIR).agg(
        *_gaps(("quantity", *_PRICES)),
        pl.when(recorded).then(pl.col("list_price_minor")).min().alias("lowest_list"),
        pl.when(recorded).then(pl.col("unit_price_minor")).max().alias("highest_unit"),
    )
    pieces = pl.when(pl.col("quantity gaps") == 0).then(pl.col("quantity")).otherwise(1)
    return sides.join(pairs, on=_PAIR, nulls_equal=True).with_columns(
        (pieces * pl.col("side")).alias("pieces"),
        pl.col("unit_price_minor").alias("unit"),
        pl.col("list_price_minor").alias("listed"),
        *(pl.when(pl.col(f"{p} gaps") == 0).then(pl.col(p)).alias(p) for p in _PRICES),
    )


def _with_keys(sides: pl.DataFrame) -> pl.DataFrame:
    flags = sides.group_by(_ROW).agg(*_gaps(("sku",)), pl.col("side").sum().alias("longer"))
    place = pl.col("number").cast(pl.String)
    key = (
        pl.when(pl.col("sku gaps") == 0)
        .then(pl.col("sku"))
        .when(pl.col("longer") == 0)
        .then(place)
        .otherwise(pl.lit(""))
    )
    return sides.join(flags, on=_ROW).with_columns(key.alias("key"))


def _gaps(names: Sequence[str]) -> list[pl.Expr]:
    return [pl.col(name).is_null().cast(pl.Int64).sum().alias(f"{name} gaps") for name in names]


def _mislabelled(sides: pl.DataFrame) -> pl.DataFrame:
    """Share out each mistake among the sent lines with a list price and a witness in the record."""
    same = pl.col("listed") == pl.col("unit")
    sent = sides.filter(pl.col("side") == 1, pl.col("listed").is_not_null())
    mistakes = {
        "list_equals_paid": (same & (pl.col("lowest_list") > pl.col("listed")), "lowest_list"),
        "paid_equals_list": (same & (pl.col("highest_unit") < pl.col("unit")), "highest_unit"),
    }
    return (
        sent.select(
            _ROW,
            *(
                pl.when(pl.col(witness).is_not_null()).then(mistake.cast(pl.Float64)).alias(name)
                for name, (mistake, witness) in mistakes.items()
            ),
        )
        .group_by(_ROW)
        .mean()
    )
