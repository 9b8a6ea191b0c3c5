"""Small mistakes that could be in a condition: every number, operator and connective, nudged."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from features.expression.syntax import (
    Absent,
    Arithmetic,
    Between,
    Call,
    Compare,
    Comparison,
    In,
    Logic,
    Members,
    Node,
    Not,
    Number,
    Operator,
    Presence,
)
from rules.tree import Path, changed, paths, written

SHARE_NUDGE = 0.05
"""A fraction is nudged by five per cent of itself, a whole number by one."""

Change = Callable[[Node], Node]

_COMPARISONS: Mapping[Comparison, tuple[Comparison, ...]] = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
}
"""The next comparison and the opposite one."""

_OPERATORS: Mapping[Operator, Operator] = {"+": "-", "-": "+", "*": "/", "/": "*"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of a condition: what changes, and the tree after it."""

    what: str
    apply: Change


def mutants(condition: Node, thresholds: Mapping[str, float]) -> Iterator[Mutant]:
    """Give every change of a condition whose thresholds are still names (`Absent`).

    A change applies to any tree of that shape, whatever stands for thresholds and channel values.
    """
    for name, value in thresholds.items():
        yield from _of_threshold(condition, f"threshold.{name}", value)
    for at, node in paths(condition):
        for what, change in _of_node(node):
            yield Mutant(what, _placed(at, change))


def _placed(at: Path, change: Change) -> Change:
    return lambda tree: changed(tree, at, change)


def _of_threshold(condition: Node, name: str, value: float) -> Iterator[Mutant]:
    places = [at for at, node in paths(condition) if isinstance(node, Absent) and node.name == name]
    for other in nudged(value):
        yield Mutant(f"{name}: {value:.15g} -> {other:.15g}", _replaced(places, Number(other)))


def _replaced(places: list[Path], number: Number) -> Change:
    def apply(tree: Node) -> Node:
        for at in places:
            tree = changed(tree, at, lambda _: number)
        return tree

    return apply


def nudged(value: float) -> tuple[float, float]:
    """Give the neighbours of a number.

    >>> nudged(5), nudged(0.5)
    ((6, 4), (0.525, 0.475))
    """
    step = 1 if float(value).is_integer() else SHARE_NUDGE * abs(value)
    return value + step, value - step


def _of_node(node: Node) -> Iterator[tuple[str, Change]]:
    match node:
        case Number(value):
            for other in nudged(value):
                yield f"{value:.15g} -> {other:.15g}", _always(Number(other))
        case Compare() | Arithmetic() | Call():
            yield from _of_operation(node)
        case Between() | In():
            yield from _of_range(node)
        case Not() | Presence() | Logic():
            yield from _of_connective(node)
        case _:
            return


def _of_range(node: Between | In) -> Iterator[tuple[str, Change]]:
    yield from _of_between(node) if isinstance(node, Between) else _of_set(node)


def _of_connective(node: Not | Presence | Logic) -> Iterator[tuple[str, Change]]:
    match node:
        case Not():
            yield f"without the not of ({written(node.operand)})", _operand
        case Presence():
            yield f"({written(node)}) turned round", _turned
        case Logic():
            yield from _of_logic(node)


def _always(node: Node) -> Change:
    return lambda _: node


def _operand(node: Node) -> Node:
    assert isinstance(node, Not)
    return node.operand


def _turned(node: Node) -> Node:
    assert isinstance(node, Presence)
    return replace(node, present=not node.present)


def _of_operation(node: Compare | Arithmetic | Call) -> Iterator[tuple[str, Change]]:
    where = f"in ({written(node)})"
    match node:
        case Compare():
            for other in _COMPARISONS[node.operator]:
                yield f"{node.operator} -> {other} {where}", _compared(other)
        case Arithmetic():
            swapped = _OPERATORS[node.operator]
            yield f"{node.operator} -> {swapped} {where}", _calculated(swapped)
        case Call():
            if node.function in ("min", "max"):
                yield f"min and max changed over {where}", _other_extreme
            else:
                yield f"without {node.function} {where}", _argument


def _compared(operator: Comparison) -> Change:
    def apply(node: Node) -> Node:
        assert isinstance(node, Compare)
        return replace(node, operator=operator)

    return apply


def _calculated(operator: Operator) -> Change:
    def apply(node: Node) -> Node:
        assert isinstance(node, Arithmetic)
        return replace(node, operator=operator)

    return apply


def _other_extreme(node: Node) -> Node:
    assert isinstance(node, Call)
    return replace(node, function="max" if node.function == "min" else "min")


def _argument(node: Node) -> Node:
    assert isinstance(node, Call)
    return node.arguments[0]


def _of_between(node: Between) -> Iterator[tuple[str, Change]]:
    where = f"of ({written(node)}) left out"
    yield f"the lower end {where}", lambda tree: _opened(tree, ">", "<=")
    yield f"the upper end {where}", lambda tree: _opened(tree, ">=", "<")


def _opened(node: Node, low: Comparison, high: Comparison) -> Node:
    assert isinstance(node, Between)
    ends = Compare(low, node.operand, node.low), Compare(high, node.operand, node.high)
    return Logic("and", ends)


def _of_set(node: In) -> Iterator[tuple[str, Change]]:
    members = node.members
    if not isinstance(members, Members):
        return
    for value in members.values:
        kept = tuple(one for one in members.values if one != value)
        narrowed = Members(members.kind, kept)  # type: ignore[arg-type] # one kind stays one kind
        what = f"without {value!r} in ({written(node)})"
        yield what, _with_members(narrowed)


def _with_members(members: Members) -> Change:
    def apply(node: Node) -> Node:
        assert isinstance(node, In)
        return replace(node, members=members)

    return apply


def _of_logic(node: Logic) -> Iterator[tuple[str, Change]]:
    other = "or" if node.operator == "and" else "and"
    yield f"{node.operator} -> {other} in ({written(node)})", _connected
    for number, part in enumerate(node.operands):
        yield f"without ({written(part)})", _without(number)


def _connected(node: Node) -> Node:
    assert isinstance(node, Logic)
    return replace(node, operator="or" if node.operator == "and" else "and")


def _without(number: int) -> Change:
    def apply(node: Node) -> Node:
        assert isinstance(node, Logic)
        kept = tuple(chain(node.operands[:number], node.operands[number + 1 :]))
        return kept[0] if len(kept) == 1 else replace(node, operands=kept)

    return apply
