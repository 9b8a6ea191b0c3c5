"""The kind check: every tree that leaves the parser has exactly one kind at every node.

`features.expression.units` checks the units of its numbers.
"""

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
    Text,
    Truth,
)
from features.kinds import Kind

_ARGUMENTS = {"abs": (1, 1), "log1p": (1, 1), "min": (2, 16), "max": (2, 16)}


class KindMismatch(Exception):
    """Two operands that do not go together; the parser adds the place."""


def kind_of(node: Node) -> Kind:
    """Tell the kind of a checked tree."""
    match node:
        case Number() | Negative() | Arithmetic() | Call():
            return Kind.NUMBER
        case Text():
            return Kind.TEXT
        case Name() | Absent():
            return node.kind
        case _:
            return Kind.BOOLEAN


def check(node: Node) -> Node:
    """Check one node whose operands are checked; raises KindMismatch with what was expected."""
    match node:
        case Negative() | Arithmetic() | Call():
            _check_number(node)
        case Compare():
            _check_compare(node)
        case Between(operand, low, high):
            _check_order(operand, low, "'between'")
            _check_order(operand, high, "'between'")
        case In():
            _check_in(node)
        case Not() | Logic():
            _check_connective(node)
        case _:
            pass
    return node


def _check_number(node: Negative | Arithmetic | Call) -> None:
    match node:
        case Negative(operand):
            _need(operand, Kind.NUMBER, "'-'")
        case Arithmetic():
            _check_arithmetic(node)
        case Call():
            _check_call(node)


def _check_connective(node: Not | Logic) -> None:
    operands = (node.operand,) if isinstance(node, Not) else node.operands
    for operand in operands:
        _need(operand, Kind.BOOLEAN, "'not'" if isinstance(node, Not) else f"'{node.operator}'")


def _check_arithmetic(node: Arithmetic) -> None:
    kinds = (kind_of(node.left), kind_of(node.right))
    if node.operator == "-" and kinds == (Kind.INSTANT, Kind.INSTANT):
        return
    if kinds != (Kind.NUMBER, Kind.NUMBER):
        raise KindMismatch(
            f"'{node.operator}' takes two numbers (or '-' two instants), not "
            f"{kinds[0]} and {kinds[1]}"
        )


def _check_call(node: Call) -> None:
    least, most = _ARGUMENTS[node.function]
    if not least <= len(node.arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise KindMismatch(f"{node.function}() takes {wanted} arguments, not {len(node.arguments)}")
    for argument in node.arguments:
        _need(argument, Kind.NUMBER, f"{node.function}()")


def _check_compare(node: Compare) -> None:
    if node.operator not in ("==", "!="):
        _check_order(node.left, node.right, f"'{node.operator}'")
        return
    kinds = {kind_of(node.left), kind_of(node.right)}
    if len(kinds) > 1:
        raise KindMismatch(
            f"'{node.operator}' compares two values of one kind, not {kind_of(node.left)} and "
            f"{kind_of(node.right)}"
        )
    # A condition as an operand would double the compiled code at every level.
    if kinds == {Kind.BOOLEAN} and not all(map(_is_leaf, (node.left, node.right))):
        raise KindMismatch(f"'{node.operator}' compares a boolean name with true or false only")


def _is_leaf(node: Node) -> bool:
    return isinstance(node, Name | Absent | Truth)


def _check_order(left: Node, right: Node, what: str) -> None:
    kinds = (kind_of(left), kind_of(right))
    if kinds[0] != kinds[1] or kinds[0] not in (Kind.NUMBER, Kind.INSTANT):
        raise KindMismatch(
            f"{what} orders two numbers or two instants, not {kinds[0]} and {kinds[1]}"
        )


def _check_in(node: In) -> None:
    members = node.members
    if isinstance(members, Members) and not members.values:
        return
    if kind_of(node.operand) != members.kind or members.kind not in (Kind.NUMBER, Kind.TEXT):
        raise KindMismatch(
            f"'in' looks for a {kind_of(node.operand)} in a set of {members.kind}; "
            "a set holds numbers, or texts"
        )


def _need(node: Node, kind: Kind, what: str) -> None:
    if kind_of(node) != kind:
        raise KindMismatch(f"{what} takes a {kind}, not a {kind_of(node)}")
