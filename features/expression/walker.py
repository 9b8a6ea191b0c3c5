"""The oracle: walks the tree, slow and obvious. The compiled and polars forms must equal it."""

from collections.abc import Mapping
from typing import assert_never

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
    Operator,
    Presence,
    Text,
    Truth,
)
from features.expression.types import kind_of
from features.expression.values import known_number, known_value, log1p
from features.kinds import Kind, Value
from features.times import US_PER_SECOND

Row = Mapping[str, Value | None]


def walk(node: Node, row: Row) -> Value | None:  # noqa: C901, PLR0911 - one case per node type
    """Evaluate a tree on a row; None is missing. Three-valued after Kleene."""
    match node:
        case Number() | Text() | Truth():
            return node.value
        case Name(name, kind):
            return known_value(row, name, kind)
        case Absent():
            return None
        case Presence(operand, present):
            return (walk(operand, row) is not None) == present
        case Negative(operand):
            return _apply("-", 0.0, walk(operand, row))
        case Arithmetic():
            return _arithmetic(node, row)
        case Call():
            return _call(node, row)
        case Compare(operator, left, right):
            return _compare(operator, walk(left, row), walk(right, row))
        case Between(operand, low, high):
            at_least = _compare(">=", walk(operand, row), walk(low, row))
            at_most = _compare("<=", walk(operand, row), walk(high, row))
            return _and([at_least, at_most])
        case In():
            return _in(node, row)
        case Not(operand):
            return _not(walk(operand, row))
        case Logic(operator, operands):
            values = [walk(operand, row) for operand in operands]
            return _and(values) if operator == "and" else _not(_and([_not(v) for v in values]))
        case _:
            assert_never(node)


def _arithmetic(node: Arithmetic, row: Row) -> float | None:
    result = _apply(node.operator, walk(node.left, row), walk(node.right, row))
    if kind_of(node.left) is Kind.INSTANT and result is not None:
        return result / US_PER_SECOND
    return result


def _apply(operator: Operator, left: Value | None, right: Value | None) -> float | None:
    if not isinstance(left, float) or not isinstance(right, float):
        return None
    match operator:
        case "+":
            return known_number(left + right)
        case "-":
            return known_number(left - right)
        case "*":
            return known_number(left * right)
        case "/":
            return known_number(left / right) if right != 0 else None


def _call(node: Call, row: Row) -> float | None:
    values = [walk(argument, row) for argument in node.arguments]
    known = [value for value in values if isinstance(value, float)]
    if len(known) < len(values):
        return None
    match node.function:
        case "abs":
            return abs(known[0])
        case "min":
            return min(known)
        case "max":
            return max(known)
        case "log1p":
            return log1p(known[0])


def _compare(operator: str, left: Value | None, right: Value | None) -> bool | None:
    if left is None or right is None:
        return None
    if operator in ("==", "!="):
        return (left == right) == (operator == "==")
    if not isinstance(left, float) or not isinstance(right, float):
        return None
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def _in(node: In, row: Row) -> bool | None:
    value = walk(node.operand, row)
    if value is None or not isinstance(node.members, Members):
        return None
    return value in node.members.values


def _not(value: Value | None) -> bool | None:
    return None if value is None else not value


def _and(values: list[bool | None] | list[Value | None]) -> bool | None:
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True
