"""Reads the raw values of one field into its canonical kind, a whole column at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from features.leaves import Leaf, LeafKind, expected
from training.sources.column_types import NUMBER, as_boolean
from training.sources.instants import read_instants
from training.sources.mapping import FieldRule, Marks
from training.sources.mapping_fields import MISSING, REJECT
from training.sources.money import read_money
from training.sources.readings import Flaw, Reading, only_found
from training.sources.texts import as_text, plain_numbers

_EXACT_DOUBLE = 2**53


@dataclass(frozen=True, slots=True)
class Column:
    """What stands at a rule's origin, and the rows on which an expression failed."""

    values: pl.Series
    failed: pl.Series | None = None


def read_field(
    rule: FieldRule, column: Column, leaf: Leaf, currency: pl.Series | str | None
) -> Reading:
    """Read a column by its rule: translate, fill in the default, and turn into the leaf's kind.

    `currency` says how many decimals a major unit has where the rule does not.
    """
    raw, flaws = _translated(rule, column)
    if rule.default is not None:
        raw = as_text(raw, rule.place).fill_null(rule.default)
    if rule.money is not None:
        read = read_money(raw, rule.money, rule.marks, rule.place, currency)
    elif leaf.kind is LeafKind.INSTANT:
        read = read_instants(raw, rule.clock, rule.place)
    else:
        read = _read_plain(raw, leaf, rule)
    found = [_named(flaw, rule.path, raw) for flaw in read.flaws]
    return Reading(read.values.alias(rule.path), only_found((*flaws, *found)))


def kind_of_type(dtype: pl.DataType) -> LeafKind:
    """Choose the kind of an attribute by the type of its column."""
    if dtype.is_integer():
        return LeafKind.WHOLE
    if dtype.is_numeric():
        return LeafKind.DECIMAL
    if dtype == pl.Boolean:
        return LeafKind.BOOLEAN
    return LeafKind.INSTANT if dtype.is_temporal() else LeafKind.TEXT


def _translated(rule: FieldRule, column: Column) -> tuple[pl.Series, list[Flaw]]:
    flaws = []
    raw = column.values
    if column.failed is not None:
        flaws.append(
            Flaw(rule.path, "expression failed", "an expression that holds", column.failed)
        )
    if rule.values is None:
        return raw, flaws
    text = as_text(raw, rule.place)
    known = text.replace_strict(
        pl.Series(list(rule.values), dtype=pl.String),
        pl.Series(list(rule.values.values()), dtype=pl.String),
        default=None if rule.otherwise in (REJECT, MISSING) else pl.lit(rule.otherwise),
        return_dtype=pl.String,
    )
    known = pl.select(pl.when(text.is_not_null()).then(known)).to_series()
    if rule.otherwise == REJECT:
        strange = text.is_not_null() & ~text.is_in(list(rule.values))
        listed = f"one of {', '.join(rule.values)} (values)"
        flaws.append(Flaw(rule.path, "unknown value", listed, strange, text))
    return known, flaws


def _read_plain(raw: pl.Series, leaf: Leaf, rule: FieldRule) -> Reading:
    readers: dict[LeafKind, Callable[[pl.Series], pl.Series]] = {
        LeafKind.TEXT: lambda raw: as_text(raw, rule.place),
        LeafKind.WHOLE: lambda raw: _whole(_marked(raw, rule.marks)),
        LeafKind.DECIMAL: lambda raw: _decimal(_marked(raw, rule.marks)),
        LeafKind.BOOLEAN: lambda raw: _boolean(as_text(raw, rule.place)),
    }
    values = readers[leaf.kind](raw)
    unreadable = raw.is_not_null() & values.is_null()
    return Reading(values, (Flaw("", "unreadable", expected(leaf), unreadable),))


def _marked(raw: pl.Series, marks: Marks) -> pl.Series:
    return plain_numbers(raw, marks) if raw.dtype == pl.String else raw


def _whole(raw: pl.Series) -> pl.Series:
    if raw.dtype == pl.String:
        return raw.str.replace(r"\.0*$", "").cast(pl.Int64, strict=False)
    if raw.dtype.is_float():
        exact = (raw.floor() == raw) & (raw.abs() <= _EXACT_DOUBLE)
        return pl.select(pl.when(exact).then(raw)).to_series().cast(pl.Int64, strict=False)
    if raw.dtype.is_decimal():
        exact = raw.cast(pl.Float64).floor() == raw.cast(pl.Float64)
        return pl.select(pl.when(exact).then(raw)).to_series().cast(pl.Int64, strict=False)
    return raw.cast(pl.Int64, strict=False)


def _decimal(raw: pl.Series) -> pl.Series:
    if raw.dtype == pl.String:
        is_number = raw.str.contains(NUMBER)
        raw = pl.select(pl.when(is_number).then(raw)).to_series()
    return raw.cast(pl.Float64, strict=False)


def _boolean(text: pl.Series) -> pl.Series:
    return as_boolean(text)


def _named(flaw: Flaw, path: str, raw: pl.Series) -> Flaw:
    return Flaw(
        path, flaw.reason, flaw.expected, flaw.rows, flaw.shown if flaw.shown is not None else raw
    )
