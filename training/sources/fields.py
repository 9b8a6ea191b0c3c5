"""Reads many rules over one batch: finds each rule's raw column, reads it and checks its limits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from features.errors import ExpressionError
from features.leaves import Leaf, LeafKind
from training.sources.checks import check_leaf
from training.sources.column_types import typed
from training.sources.mapping import ColumnType, FieldRule
from training.sources.plan import TablePlan
from training.sources.readers import Column, kind_of_type, read_field
from training.sources.readings import Flaw, Reading, only_found
from training.sources.sandbox import Sandbox
from training.sources.tables import ROW

_KINDS = {
    ColumnType.TEXT: LeafKind.TEXT,
    ColumnType.WHOLE: LeafKind.WHOLE,
    ColumnType.NUMBER: LeafKind.DECIMAL,
    ColumnType.BOOLEAN: LeafKind.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads rules over batches of one planned table."""

    plan: TablePlan
    sandbox: Sandbox

    def read(
        self,
        rules: Sequence[FieldRule],
        frame: pl.DataFrame,
        currency: pl.Series | str | None = None,
    ) -> Mapping[str, Reading]:
        """Read each rule; what its leaf refuses is among the flaws. Keys are the rules' paths."""
        columns = self._columns(rules, frame)
        return {
            rule.path: _checked(rule, columns[rule.path], self._leaf(rule, columns), currency)
            for rule in rules
        }

    def declared_flaws(self, frame: pl.DataFrame) -> tuple[Flaw, ...]:
        """Find what feeds an expression and is not of the type that `table: types` declares."""
        found = []
        for name in sorted(self.plan.declared & set(self.plan.in_expressions)):
            kind = self.plan.types[name]
            lost = frame[name].is_not_null() & typed(frame[name], kind).is_null()
            found.append(Flaw(f"column {name}", "unreadable", kind.value, lost, frame[name]))
        return only_found(found)

    def holds(self, expression: str, frame: pl.DataFrame) -> pl.Series:
        """Compute a condition; where it is missing or fails it does not hold."""
        (found,) = self.sandbox.evaluate(self._typed(frame), [expression])
        if found.values.dtype != pl.Boolean:
            raise ExpressionError(f"{expression!r} is {found.values.dtype}, not true or false")
        return found.values.fill_null(False) & ~found.failed

    def _columns(self, rules: Sequence[FieldRule], frame: pl.DataFrame) -> Mapping[str, Column]:
        expressed = [rule for rule in rules if rule.origin.expression is not None]
        texts = [str(rule.origin.expression) for rule in expressed]
        try:
            found = self.sandbox.evaluate(self._typed(frame), texts)
        except ExpressionError as error:
            raise expressed[0].place.refuse(str(error)) from error
        computed = {
            rule.path: Column(one.values.alias(rule.path), one.failed)
            for rule, one in zip(expressed, found, strict=True)
        }
        return {rule.path: computed.get(rule.path) or _plain(rule, frame) for rule in rules}

    def _typed(self, frame: pl.DataFrame) -> pl.DataFrame:
        columns = [
            typed(frame[name], self.plan.types.get(name, ColumnType.TEXT))
            for name in self.plan.in_expressions
        ]
        spare = pl.repeat(0, frame.height, eager=True).alias("preflight spare")
        return pl.DataFrame([*columns, spare])

    def _leaf(self, rule: FieldRule, columns: Mapping[str, Column]) -> Leaf:
        """Settle the kind of an attribute: as declared, as its text shows, or as its type."""
        if rule.leaf is not None:
            return rule.leaf
        if rule.values is not None:
            return Leaf(rule.path, LeafKind.TEXT)
        kind = self.plan.types.get(rule.origin.column or "")
        if kind is not None:
            return Leaf(rule.path, _KINDS[kind])
        return Leaf(rule.path, kind_of_type(columns[rule.path].values.dtype))


def all_flaws(readings: Iterable[Reading]) -> Iterator[Flaw]:
    """Every flaw of some readings."""
    for reading in readings:
        yield from reading.flaws


def _plain(rule: FieldRule, frame: pl.DataFrame) -> Column:
    if rule.origin.column is not None:
        return Column(frame[rule.origin.column])
    if rule.origin.row_number:
        return Column(frame[ROW])
    constant = pl.repeat(rule.origin.constant, frame.height, dtype=pl.String, eager=True)
    return Column(constant.alias(rule.path))


def _checked(
    rule: FieldRule, column: Column, leaf: Leaf, currency: pl.Series | str | None
) -> Reading:
    reading = read_field(rule, column, leaf, currency)
    unread = {flaw.field for flaw in reading.flaws}
    limits = check_leaf(leaf, reading.values)
    if unread:
        limits = tuple(_readable(flaw, reading) for flaw in limits)
    values = reading.values
    if leaf.path.startswith("attributes.") and leaf.kind is LeafKind.INSTANT:
        values = values.cast(pl.Int64)
    return Reading(values, (*reading.flaws, *only_found(limits)))


def _readable(flaw: Flaw, reading: Reading) -> Flaw:
    """Leave out rows that were not readable at all: they have their reason."""
    rows = flaw.rows
    for other in reading.flaws:
        rows = rows & ~other.rows
    return Flaw(flaw.field, flaw.reason, flaw.expected, rows, flaw.shown)
