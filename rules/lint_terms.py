"""A condition seen through its free parts: one slot for every value that can vary by itself.

A name is a slot; so is a sum such as `placed_at - buyer.registered_at`, and whatever else is
compared and cannot be taken apart. Slots are treated as if they varied freely, which allows more
than real orders do: what holds for all values of the slots holds for all orders.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from features.expression import walk
from features.expression.syntax import (
    Absent,
    Arithmetic,
    Between,
    Compare,
    Comparison,
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
    names_of,
)
from features.expression.types import kind_of
from features.kinds import Kind
from features.times import US_PER_SECOND
from rules.tree import written

_FLIPPED: Mapping[Comparison, Comparison] = {
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
    "==": "==",
    "!=": "!=",
}
_DIGITS = 6
"""Bounds are rounded to so many decimals: scaling leaves noise below them."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One free part of a condition: what it stands for, and the names that it reads."""

    name: str
    kind: Kind
    names: tuple[str, ...]
    weights: tuple[float, ...] = ()
    """Of a weighted sum of the names; empty for one name, or for what is not such a sum."""
    node: Node | None = None
    """What it stands for, where it is not a name or a sum."""

    @property
    def is_plain(self) -> bool:
        """Tell whether it is a single name."""
        return self.names == (self.name,)


@dataclass(frozen=True, slots=True)
class Sum:
    """A weighted sum of names and opaque parts, and a constant."""

    weights: Mapping[str, float]
    constant: float

    def plus(self, other: "Sum", times: float = 1.0) -> "Sum":
        """Add another sum, some times."""
        weights = dict(self.weights)
        for name, weight in other.weights.items():
            weights[name] = weights.get(name, 0.0) + times * weight
        return Sum(weights, self.constant + times * other.constant)


@dataclass(frozen=True, slots=True)
class Abstraction:
    """A condition over slots."""

    node: Node
    slots: Mapping[str, Slot]


def abstract(condition: Node) -> Abstraction:
    """See a condition through its slots; channel values may still be absent names."""
    reader = _Reader()
    return Abstraction(reader.truth(condition), reader.slots)


@dataclass
class _Reader:
    slots: dict[str, Slot] = field(default_factory=dict)
    _opaque: dict[str, Node] = field(default_factory=dict)

    def truth(self, node: Node) -> Node:
        """Rewrite a node whose kind is boolean."""
        match node:
            case Truth():
                return node
            case Name() | Absent():
                return self._plain(node)
            case Not() | Logic():
                return self._connective(node)
            case Presence(operand, present):
                return self._presence(operand, present)
            case Between() | In() | Compare():
                return self._range(node)
            case _:
                raise AssertionError(f"no condition: {node!r}")

    def _connective(self, node: Not | Logic) -> Node:
        if isinstance(node, Not):
            return Not(self.truth(node.operand))
        return Logic(node.operator, tuple(map(self.truth, node.operands)))

    def _range(self, node: Between | In | Compare) -> Node:
        match node:
            case Between(operand, low, high):
                ends = Compare(">=", operand, low), Compare("<=", operand, high)
                return Logic("and", tuple(map(self.truth, ends)))
            case In():
                return self._membership(node)
            case Compare():
                return self._comparison(node)

    def _presence(self, operand: Node, present: bool) -> Node:
        if isinstance(operand, Name | Absent):
            return Presence(self._plain(operand), present)
        return Truth(present)

    def _membership(self, node: In) -> Node:
        operand, members = node.operand, node.members
        if isinstance(members, Absent):
            return self._part(node, (*names_of(operand), members.name))
        if members.kind is not Kind.NUMBER:
            return self._of_texts(operand, members)
        alike = tuple(Compare("==", operand, Number(float(one))) for one in members.values)
        parts = tuple(map(self.truth, alike))
        return parts[0] if len(parts) == 1 else Logic("or", parts)

    def _of_texts(self, operand: Node, members: Members) -> Node:
        if isinstance(operand, Name | Absent):
            return In(self._plain(operand), members)
        return Truth(walk(In(operand, members), {}) is True)

    def _comparison(self, node: Compare) -> Node:
        if kind_of(node.left) in (Kind.NUMBER, Kind.INSTANT):
            return self._bound(node.operator, self._sum(node.left), self._sum(node.right))
        sides = sorted((node.left, node.right), key=lambda one: isinstance(one, Text | Truth))
        first, second = sides
        if isinstance(first, Text | Truth):
            return Truth(walk(node, {}) is True)
        if isinstance(second, Text | Truth):
            assert isinstance(first, Name | Absent)
            return Compare(node.operator, self._plain(first), second)
        alike = Compare("==", *sorted((first, second), key=written))
        part = self._part(alike, names_of(alike))
        return part if node.operator == "==" else Not(part)

    def _bound(self, operator: Comparison, left: Sum, right: Sum) -> Node:
        total = left.plus(right, -1.0)
        if not total.weights:
            return Truth(walk(Compare(operator, Number(total.constant), Number(0.0)), {}) is True)
        names = sorted(total.weights)
        lead = next((total.weights[one] for one in names if total.weights[one]), 1.0)
        weights = tuple(round(total.weights[one] / lead, 12) for one in names)
        bound = round(-total.constant / lead, _DIGITS)
        turned = _FLIPPED[operator] if lead < 0 else operator
        return Compare(turned, self._sum_slot(tuple(names), weights), Number(bound))

    def _sum_slot(self, names: tuple[str, ...], weights: tuple[float, ...]) -> Name:
        opaque = [name for name in names if name in self._opaque]
        if len(names) == 1 and weights == (1.0,):
            node = self._opaque.get(names[0])
            read = names if node is None else names_of(node)
            return self._kept(Slot(names[0], Kind.NUMBER, tuple(read), node=node))
        key = " + ".join(f"{w:.12g}*{name}" for w, name in zip(weights, names, strict=True))
        if opaque:
            read = tuple(one for name in names for one in names_of_slot(name, self._opaque))
            return self._kept(Slot(key, Kind.NUMBER, read, node=self._opaque[opaque[0]]))
        return self._kept(Slot(key, Kind.NUMBER, names, weights))

    def _sum(self, node: Node) -> Sum:
        match node:
            case Number(value):
                return Sum({}, value)
            case Name(name) | Absent(name):
                return Sum({name: 1.0}, 0.0)
            case Negative(operand):
                return Sum({}, 0.0).plus(self._sum(operand), -1.0)
            case Arithmetic():
                return self._arithmetic(node)
            case _:
                return self._opaque_sum(node)

    def _arithmetic(self, node: Arithmetic) -> Sum:
        left, right = self._sum(node.left), self._sum(node.right)
        match node.operator:
            case "+":
                return left.plus(right)
            case "-":
                difference = left.plus(right, -1.0)
                is_time = kind_of(node.left) is Kind.INSTANT
                return _scaled(difference, 1 / US_PER_SECOND if is_time else 1.0)
            case "*" if not right.weights:
                return _scaled(left, right.constant)
            case "*" if not left.weights:
                return _scaled(right, left.constant)
            case "/" if not right.weights and right.constant:
                return _scaled(left, 1 / right.constant)
            case "*" | "/":
                return self._opaque_sum(node)
            case _:
                assert_never(node.operator)

    def _opaque_sum(self, node: Node) -> Sum:
        if not names_of(node):
            value = walk(node, {})
            if isinstance(value, float):
                return Sum({}, value)
        name = written(node)
        self._opaque[name] = node
        return Sum({name: 1.0}, 0.0)

    def _plain(self, node: Node) -> Name:
        assert isinstance(node, Name | Absent)
        kind = Kind.NUMBER if node.kind is Kind.INSTANT else node.kind
        return self._kept(Slot(node.name, kind, (node.name,)))

    def _part(self, node: Node, names: Iterable[str]) -> Name:
        return self._kept(Slot(written(node), Kind.BOOLEAN, tuple(names), node=node))

    def _kept(self, slot: Slot) -> Name:
        self.slots.setdefault(slot.name, slot)
        return Name(slot.name, slot.kind)


def names_of_slot(name: str, opaque: Mapping[str, Node]) -> tuple[str, ...]:
    """Give the names that a part of a sum reads."""
    node = opaque.get(name)
    return (name,) if node is None else names_of(node)


def _scaled(total: Sum, times: float) -> Sum:
    return Sum({}, 0.0).plus(total, times)
