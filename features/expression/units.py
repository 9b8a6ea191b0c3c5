"""The unit check: what is compared, added or ranged together counts the same thing."""

from functools import reduce
from itertools import combinations

from features.expression.syntax import (
    Absent,
    Arithmetic,
    Between,
    Call,
    Compare,
    In,
    Members,
    Name,
    Negative,
    Node,
    Number,
    names_of,
)
from features.expression.types import kind_of
from features.kinds import Kind
from features.units import LITERAL, NONE, SECONDS, Unit, common, fits, over, times


class UnitMismatch(Exception):
    """Two numbers that count different things; the parser adds the place."""


def unit_of(node: Node) -> Unit | None:
    """Tell the unit of a checked tree of numbers; None where a name's own is not known."""
    match node:
        case Number():
            return node.unit or LITERAL
        case Name() | Absent():
            return node.unit if node.kind is Kind.NUMBER else None
        case Negative(operand):
            return unit_of(operand)
        case Arithmetic():
            return _of_arithmetic(node)
        case Call("log1p"):
            return NONE
        case Call():
            return reduce(common, map(unit_of, node.arguments))
        case _:
            return None


def _of_arithmetic(node: Arithmetic) -> Unit | None:
    if kind_of(node.left) is Kind.INSTANT:
        return SECONDS
    left, right = unit_of(node.left), unit_of(node.right)
    match node.operator:
        case "*":
            return times(left, right)
        case "/":
            return over(left, right)
        case _:
            return common(left, right)


def check_units(node: Node) -> Node:
    """Check one node whose operands are checked; raises UnitMismatch that names both sides."""
    match node:
        case Compare() | Arithmetic("+" | "-"):
            _match(node.left, node.right, f"'{node.operator}'")
        case Between(operand, low, high):
            _match(operand, low, "'between'")
            _match(operand, high, "'between'")
            _match(low, high, "'between'")
        case Call("min" | "max"):
            for left, right in combinations(node.arguments, 2):
                _match(left, right, f"{node.function}()")
        case In(operand, members):
            _match_members(operand, members)
        case _:
            pass
    return node


def _match(left: Node, right: Node, what: str) -> None:
    units = (unit_of(left), unit_of(right))
    if not fits(*units):
        raise UnitMismatch(_mismatch(what, (_told(left), units[0]), (_told(right), units[1])))


def _match_members(operand: Node, members: Members | Absent) -> None:
    unit = unit_of(operand)
    if not fits(unit, members.unit):
        named = members.name if isinstance(members, Absent) else members.label
        raise UnitMismatch(
            _mismatch("'in'", (_told(operand), unit), (named or "the set", members.unit))
        )


def _mismatch(what: str, left: tuple[str, Unit | None], right: tuple[str, Unit | None]) -> str:
    return (
        f"{what} sets {left[0]} in {left[1]} beside {right[0]} in {right[1]}; "
        "convert one of them, or name what you mean"
    )


def _told(node: Node) -> str:
    match node:
        case Name() | Absent():
            return node.name
        case Number():
            return node.label or f"{node.value:.15g}"
        case _:
            names = names_of(node)
            return f"an expression of {', '.join(names[:3])}" if names else "an expression"
