"""The same tree over a frame: one polars expression, nulls for missing."""

from functools import reduce
from typing import assert_never

import polars as pl

from features.expression.syntax import (
    Absent,
    Arithmetic,
    Between,
    Call,
    Compare,
    In,
    Logic,
    Members,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Presence,
    Text,
    Truth,
    facts_of,
)
from features.expression.types import kind_of
from features.expression.walker import walk
from features.kinds import Kind
from features.times import US_PER_SECOND

_DTYPES = {
    Kind.NUMBER: pl.Float64(),
    Kind.INSTANT: pl.Float64(),
    Kind.TEXT: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
}


def to_polars(node: Node) -> pl.Expr:  # noqa: C901, PLR0911 - one case per node type
    """Turn a tree into a polars expression over columns of the same names.

    Columns: NUMBER any numeric dtype, TEXT String, BOOLEAN Boolean, INSTANT Datetime or
    integer microseconds. Values that are no finite number are null.
    """
    if not facts_of(node):
        # Of some operations on literals polars makes a column of one row instead of a scalar.
        return pl.lit(walk(node, {}), dtype=_DTYPES[kind_of(node)])
    match node:
        case Name():
            return _column(node)
        case Presence(operand, present):
            inner = to_polars(operand)
            return inner.is_not_null() if present else inner.is_null()
        case Negative(operand):
            return to_polars(operand) * -1.0
        case Arithmetic():
            return _arithmetic(node)
        case Call():
            return _call(node)
        case Compare():
            return _compare(node)
        case Between(operand, low, high):
            inner = _full(operand)
            return (inner >= to_polars(low)) & (inner <= to_polars(high))
        case In():
            return _in(node)
        case Not(operand):
            return ~to_polars(operand)
        case Logic(operator, operands):
            parts = [to_polars(operand) for operand in operands]
            return reduce(lambda a, b: a & b if operator == "and" else a | b, parts)
        case Number() | Text() | Truth() | Absent():
            raise AssertionError("a constant reads no fact")
        case _:
            assert_never(node)


def _column(node: Name) -> pl.Expr:
    column = pl.col(node.name)
    match node.kind:
        case Kind.NUMBER:
            return _finite(column.cast(pl.Float64))
        case Kind.INSTANT:
            return column.cast(pl.Datetime("us", "UTC")).cast(pl.Int64).cast(pl.Float64)
        case _:
            return column


def _full(node: Node) -> pl.Expr:
    """Give an expression as long as the frame.

    With a literal on the left and only nulls on the right, polars 2.1 answers one row.
    """
    if facts_of(node):
        return to_polars(node)
    return pl.repeat(walk(node, {}), pl.len(), dtype=_DTYPES[kind_of(node)])


def _finite(number: pl.Expr) -> pl.Expr:
    return pl.when(number.is_finite()).then(number)


def _arithmetic(node: Arithmetic) -> pl.Expr:
    left, right = _full(node.left), to_polars(node.right)
    match node.operator:
        case "+":
            return _finite(left + right)
        case "-" if kind_of(node.left) is Kind.INSTANT:
            return _divided(left - right, Number(US_PER_SECOND))
        case "-":
            return _finite(left - right)
        case "*":
            return _finite(left * right)
        case "/":
            return pl.when(right != 0).then(_finite(_divided(left, node.right)))


def _divided(left: pl.Expr, right: Node) -> pl.Expr:
    """Divide, truly: for a literal polars 2.1 multiplies with its reciprocal instead."""
    divisor = to_polars(right)
    return left / (divisor if facts_of(right) else left * 0.0 + divisor)


def _call(node: Call) -> pl.Expr:
    arguments = [_full(argument) for argument in node.arguments]
    match node.function:
        case "abs":
            return arguments[0].abs()
        case "log1p":
            return pl.when(arguments[0] > -1).then(arguments[0].log1p())
        case "min" | "max":
            # polars skips nulls here; to us one missing argument makes the result missing.
            known = reduce(lambda a, b: a & b, [one.is_not_null() for one in arguments])
            extreme = pl.min_horizontal if node.function == "min" else pl.max_horizontal
            return pl.when(known).then(extreme(*arguments))


def _compare(node: Compare) -> pl.Expr:
    left, right = _full(node.left), to_polars(node.right)
    match node.operator:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right


def _in(node: In) -> pl.Expr:
    operand, members = to_polars(node.operand), node.members
    if not isinstance(members, Members):
        return pl.lit(None, dtype=pl.Boolean)
    return operand.is_in(pl.Series(members.values, dtype=_DTYPES[members.kind]).implode())
