"""How a condition is written as a durable-rules JSON ruleset, and how a row becomes its fact.

What durable is spared, because 2.0.28 gets it wrong, and what it evaluates itself:

- Negation stands at the leaves only (`$nex` on a missing property loops), and every property is
  always there: a missing one as a neutral value beside a flag of 0, and each leaf asks its flags.
- Numbers are written plainly with a decimal point: exponents are a parse error, and integers
  would overflow at 64 bits. Texts carry a prefix: `"600"` would equal 600.
- A comparison names a property of its own fact as `{"$m": …}`; `{"m": …}` is always true.
- Comparisons, sums, differences, products and connectives are durable's. Precomputed are list
  membership, presence, functions, division (and with it the difference of instants, which is
  in seconds), arithmetic of literals alone, and whether a result is finite.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal

from features.expression import walk
from features.expression.syntax import (
    Absent,
    Arithmetic,
    Between,
    Compare,
    Comparison,
    In,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Presence,
    Truth,
    names_of,
)
from features.expression.types import kind_of
from features.expression.values import known_value
from features.kinds import Kind, Value
from rules.engines.durable_clause import Clause, Leaf, joined

Row = Mapping[str, Value | None]
Reader = Callable[[Row], Value | None]

_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_OPPOSITE: Mapping[Comparison, Comparison] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}
_MIRRORED: Mapping[Comparison, Comparison] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_ARITHMETIC = {"+": "$add", "-": "$sub", "*": "$mul"}
_ALWAYS, _ZERO = "one", "zero"
_NEUTRAL = {
    Kind.NUMBER: "0.0",
    Kind.INSTANT: "0.0",
    Kind.TEXT: '""',
    Kind.BOOLEAN: "false",
}


def written(value: Value | float) -> str:
    """Write one value as JSON that durable reads as what it is.

    >>> written(1e-7), written(600), written("600"), written(True)
    ('0.0000001', '600.0', '"t:600"', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(f"t:{value}")
    plain = repr(float(value) + 0.0)
    if "e" not in plain:
        return plain
    exact = format(Decimal(plain), "f")
    return exact if "." in exact else f"{exact}.0"


class Form:
    """Writes conditions and remembers which properties their facts need."""

    def __init__(self) -> None:
        self._properties: dict[Node, tuple[str, str]] = {}
        self._readers: list[tuple[str, str, Kind, Reader]] = []
        self._asked: set[str] = set()

    @property
    def size(self) -> int:
        """Count the properties of a fact so far."""
        return 2 * len(self._properties) + 2

    def both(self, node: Node) -> tuple[Clause, Clause, frozenset[str]]:
        """Write when a condition is true, when it is false, and the flags that it asks."""
        self._asked = set()
        return self._clause(node, True), self._clause(node, False), frozenset(self._asked)

    def fact(self, row: Row) -> tuple[str, frozenset[str]]:
        """Write the fact of a row; gives also the flags of what is missing."""
        parts = [f'"{_ALWAYS}":1.0,"{_ZERO}":0.0']
        missing: list[str] = []
        for prop, flag, kind, read in self._readers:
            value = read(row)
            if value is None:
                missing.append(flag)
                parts.append(f'"{prop}":{_NEUTRAL[kind]},"{flag}":0.0')
            else:
                parts.append(f'"{prop}":{written(value)},"{flag}":1.0')
        return ",".join(parts), frozenset(missing)

    def _clause(self, node: Node, wanted: bool) -> Clause:
        """Write when a condition is known to be `wanted`, negation at the leaves only."""
        match node:
            case Not(operand):
                return self._clause(operand, not wanted)
            case Logic(operator, operands):
                parts = [self._clause(operand, wanted) for operand in operands]
                return joined((operator == "and") is wanted, parts)
            case Between(operand, low, high):
                both = (Compare(">=", operand, low), Compare("<=", operand, high))
                return joined(wanted, [self._clause(one, wanted) for one in both])
            case _:
                return self._leaf(node, wanted)

    def _leaf(self, node: Node, wanted: bool) -> Clause:
        match node:
            case Truth(value):
                return _constant(value is wanted)
            case Absent():
                return _constant(False)
            case Presence():
                return self._presence(node, wanted)
            case Compare(operator, left, right):
                return self._compare(operator if wanted else _OPPOSITE[operator], left, right)
            case In() if isinstance(node.members, Absent):
                return _constant(False)
            case _:
                prop, flag = self._property(node)
                return joined(
                    True, [Leaf(f'{{"{flag}":1.0}}'), Leaf(f'{{"{prop}":{written(wanted)}}}')]
                )

    def _presence(self, node: Presence, wanted: bool) -> Leaf:
        if not isinstance(node.operand, Name):
            return _constant(isinstance(node.operand, Absent) is not (node.present is wanted))
        _, flag = self._property(node.operand)
        return Leaf(f'{{"{flag}":{1.0 if node.present is wanted else 0.0}}}')

    def _compare(self, operator: Comparison, left: Node, right: Node) -> Clause:
        if _literal(left) is not None and _literal(right) is not None:
            return _constant(walk(Compare(operator, left, right), {}) is True)
        if isinstance(left, Absent) or isinstance(right, Absent):
            return _constant(False)
        if not isinstance(left, Name):
            left, right, operator = right, left, _MIRRORED[operator]
        guards = [Leaf(f'{{"{flag}":1.0}}') for flag in (*self._guard(left), *self._guard(right))]
        return joined(True, [*guards, Leaf(self._test(operator, left, right))])

    def _test(self, operator: Comparison, left: Node, right: Node) -> str:
        """Write `left operator right`; the left of durable's comparisons is always a property."""
        if isinstance(left, Name):
            side = f'{{"{self._property(left)[0]}":{self._term(right)}}}'
        else:
            side = f'{{"{_ZERO}":{_pair("-", self._term(right), self._term(left))}}}'
        return side if operator == "==" else f'{{"{_OPERATORS[operator]}":{side}}}'

    def _guard(self, node: Node) -> list[str]:
        """Name the flag that a value is known: its own, for a sum that it is finite too."""
        return [self._property(node)[1]] if _literal(node) is None else []

    def _term(self, node: Node) -> str:
        value = _literal(node)
        if value is not None:
            return written(value)
        match node:
            case Negative(operand):
                return _pair("-", "0.0", self._term(operand))
            case Arithmetic(operator, left, right) if _is_durables(node):
                return _pair(operator, self._term(left), self._term(right))
            case _:
                return f'{{"$m":"{self._property(node)[0]}"}}'

    def _property(self, node: Node) -> tuple[str, str]:
        """Give the property and the flag of a value, the same for equal values."""
        if node not in self._properties:
            number = len(self._properties)
            prop, flag = f"v{number}", f"k{number}"
            self._properties[node] = (prop, flag)
            self._readers.append((prop, flag, kind_of(node), _reader(node)))
        self._asked.add(self._properties[node][1])
        return self._properties[node]


def _reader(node: Node) -> Reader:
    if isinstance(node, Name):
        name, kind = node.name, node.kind
        return lambda row: known_value(row, name, kind)
    return lambda row: walk(node, row)


def _literal(node: Node) -> Value | None:
    """Compute what needs no fact; None for what does, and for what has no value at all."""
    return None if names_of(node) else walk(node, {})


def _is_durables(node: Arithmetic) -> bool:
    return node.operator in _ARITHMETIC and kind_of(node.left) is Kind.NUMBER


def _pair(operator: str, left: str, right: str) -> str:
    return f'{{"{_ARITHMETIC[operator]}":{{"$l":{left},"$r":{right}}}}}'


def _constant(truth: bool) -> Leaf:
    return Leaf(f'{{"{_ALWAYS}":{1.0 if truth else 0.0}}}')
