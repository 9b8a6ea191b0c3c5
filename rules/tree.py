"""Conditions as trees that can be changed and shown: rebuild a node, find a path, write it out."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from features.expression.lists import name_as_written
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
    children,
)

Path = tuple[int, ...]
"""From the root: which operand, which of its operands, and so on."""


def paths(node: Node, at: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Give every node with its path, parents before children."""
    yield at, node
    for number, child in enumerate(children(node)):
        yield from paths(child, (*at, number))


def changed(node: Node, at: Path, change: Callable[[Node], Node]) -> Node:
    """Give the tree with the node at a path changed."""
    if not at:
        return change(node)
    operands = list(children(node))
    operands[at[0]] = changed(operands[at[0]], at[1:], change)
    return with_children(node, tuple(operands))


def with_children(node: Node, operands: tuple[Node, ...]) -> Node:
    """Give the node with other operands, in the order of `children`."""
    match node:
        case Negative() | Not() | In():
            return replace(node, operand=operands[0])
        case Presence():
            operand = operands[0]
            assert isinstance(operand, Name | Absent | Number | Text | Truth)
            return replace(node, operand=operand)
        case Arithmetic() | Compare():
            return replace(node, left=operands[0], right=operands[1])
        case Between():
            return Between(*operands)
        case Call():
            return replace(node, arguments=operands)
        case Logic():
            return replace(node, operands=operands)
        case _:
            return node


def written(node: Node) -> str:
    """Write a tree as a condition; inner operations stand in parentheses.

    >>> from features.kinds import Kind
    >>> written(Compare(">=", Name("attempts.count", Kind.NUMBER), Number(3.0)))
    'attempts.count >= 3'
    """
    match node:
        case Name() | Absent():
            return name_as_written(node.name)
        case Number() | Text() | Truth():
            return _constant(node)
        case Negative(operand):
            return f"-{_inner(operand)}"
        case Not(operand):
            return f"not {_inner(operand)}"
        case Call():
            return f"{node.function}({', '.join(map(written, node.arguments))})"
        case _:
            return _operation(node)


def _operation(node: Node) -> str:
    match node:
        case Presence(operand, present):
            return f"{written(operand)} is {'present' if present else 'missing'}"
        case Arithmetic() | Compare():
            return f"{_inner(node.left)} {node.operator} {_inner(node.right)}"
        case Between(operand, low, high):
            return f"{_inner(operand)} between {_inner(low)} and {_inner(high)}"
        case In(operand, members):
            return f"{_inner(operand)} in {_members(members)}"
        case Logic():
            return f" {node.operator} ".join(map(_inner, node.operands))
        case _:
            return repr(node)


def _inner(node: Node) -> str:
    text = written(node)
    is_leaf = isinstance(node, Number | Text | Truth | Call) or (
        isinstance(node, Name | Absent) and text == node.name
    )
    return text if is_leaf else f"({text})"


def _members(members: Members | Absent) -> str:
    if isinstance(members, Absent):
        return members.name
    return f"[{', '.join(_value(value) for value in members.values)}]"


def _constant(node: Number | Text | Truth) -> str:
    return _value(node.value)


def _value(value: float | str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else f"{value:.15g}"
