"""Write Python source for checked trees: values as lines, conditions as boolean expressions.

A condition is written twice, as what makes it true and what makes it false; missing is
neither. A missing number is NaN here: it passes through arithmetic by itself, and no comparison
with it holds, so neither form needs to ask first. A missing text or boolean is None. A number
that is computed is a line of its own, shared by all that need it.
"""

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
    Presence,
    Text,
    Truth,
)
from features.expression.types import kind_of
from features.kinds import Kind
from features.times import US_PER_SECOND

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_NUMBERS = (Kind.NUMBER, Kind.INSTANT)
_ONE_NAN = "if @ - @ != 0.0: @ = nan"
"""What is not finite is missing, and one NaN stands for all: `is` then asks for it quickly."""


class Code:
    """Collects the lines of one function; equal sub-trees share one variable.

    `numbers` are the facts that are read as numbers, by variable; the function reads them first.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.numbers: dict[str, str] = {}
        self._tests: list[str] = []
        self._variables: dict[Node, str] = {}

    def value(self, node: Node) -> str:
        """Write what computes a value; gives a literal or a variable that may be missing."""
        match node:
            case Number() | Text() | Truth():
                return repr(node.value)
            case Absent():
                return "nan" if node.kind in _NUMBERS else "None"
            case _:
                if node not in self._variables:
                    self._variables[node] = self._made(node)
                return self._variables[node]

    def _made(self, node: Node) -> str:
        lines = self._write(node)
        variable = f"v{len(self._variables)}"
        if isinstance(node, Name) and node.kind in _NUMBERS:
            self.numbers[variable] = node.name
        else:
            self._tests.append(f"{variable} is not {'nan' if _is_number(node) else 'None'}")
        self.lines.extend(line.replace("@", variable) for line in lines)
        return variable

    def condition(self, node: Node, wanted: bool) -> str:
        """Write a Python boolean: is this condition known to be `wanted`?"""
        match node:
            case Truth(value):
                return repr(value is wanted)
            case Absent():
                return "False"
            case Name():
                return f"({self.value(node)} is {wanted})"
            case Not(operand):
                return self.condition(operand, not wanted)
            case Logic(operator, operands):
                return self._join(operands, wanted, (operator == "and") is wanted)
            case _:
                return self._test(node, wanted)

    def _test(self, node: Node, wanted: bool) -> str:
        match node:
            case Presence(Number() | Text() | Truth(), present):
                return repr(present is wanted)
            case Presence(operand, present):
                return self._known(operand) if present is wanted else self._missing(operand)
            case Compare(operator, left, right):
                return self._compare(operator if wanted else _OPPOSITE[operator], left, right)
            case Between(operand, low, high):
                parts = (Compare(">=", operand, low), Compare("<=", operand, high))
                return self._join(parts, wanted, wanted)
            case In():
                return self._in(node, wanted)
            case _:
                raise AssertionError(f"{type(node).__name__} is a value, not a condition")

    def all_of(self, parts: tuple[Node, ...], wanted: bool) -> str:
        """Write a Python boolean: is it known that all parts hold, or that they do not?"""
        return self._join(parts, wanted, wanted)

    def others_known(self) -> tuple[str, ...]:
        """Write, for each value but the numbers that are read, a Python boolean: is it known?"""
        return tuple(self._tests)

    def known(self, node: Node) -> str:
        """Write what a value is to a caller, who knows missing as None."""
        value = self.value(node)
        return f"None if {value} is nan else {value}" if _is_computed(node) else value

    def _join(self, operands: tuple[Node, ...], wanted: bool, conjoin: bool) -> str:
        word = " and " if conjoin else " or "
        return "(" + word.join(self.condition(operand, wanted) for operand in operands) + ")"

    def _missing(self, node: Node) -> str:
        if isinstance(node, Absent):
            return "True"
        return f"({self.value(node)} is {'nan' if _is_number(node) else 'None'})"

    def _known(self, node: Node) -> str:
        if isinstance(node, Absent):
            return "False"
        return f"({self.value(node)} is not {'nan' if _is_number(node) else 'None'})"

    def _compare(self, operator: str, left: Node, right: Node) -> str:
        sides = (self.value(left), self.value(right))
        if _is_number(left):
            if operator == "!=":  # NaN differs from everything, a missing number from nothing
                return f"({sides[0]} < {sides[1]} or {sides[0]} > {sides[1]})"
            return f"({sides[0]} {operator} {sides[1]})"
        test = f"{sides[0]} {operator} {sides[1]}"
        # Against a literal, None == x is False by itself.
        if operator == "==" and _is_literal(right):
            return f"({test})"
        guards = [self._known(side) for side in (left, right) if not _is_literal(side)]
        return "(" + " and ".join([*guards, test]) + ")"

    def _in(self, node: In, wanted: bool) -> str:
        if not isinstance(node.members, Members):
            return "False"
        variable = self.value(node.operand)
        members = "{" + ", ".join(map(repr, node.members.values)) + "}"
        if wanted:
            return f"({variable} in {members})"
        guard = "" if _is_literal(node.operand) else f"{self._known(node.operand)} and "
        return f"({guard}{variable} not in {members})"

    def _write(self, node: Node) -> list[str]:
        match node:
            case Name(name, kind):
                return _read(name, kind)
            case Negative(operand):
                return [f"@ = 0.0 - {self.value(operand)}", _ONE_NAN]
            case Arithmetic():
                return self._arithmetic(node)
            case Call():
                return [self._call(node), _ONE_NAN]
            case _:
                raise AssertionError(f"{type(node).__name__} is a condition, not a value")

    def _arithmetic(self, node: Arithmetic) -> list[str]:
        left, right = self.value(node.left), self.value(node.right)
        if kind_of(node.left) is Kind.INSTANT:
            return [f"@ = ({left} - {right}) / {US_PER_SECOND}", _ONE_NAN]
        formula = f"{left} {node.operator} {right}"
        if node.operator == "/":
            formula += f" if {right} else nan"
        return [f"@ = {formula}", _ONE_NAN]

    def _call(self, node: Call) -> str:
        values = [self.value(argument) for argument in node.arguments]
        called = f"{node.function}({', '.join(values)})"
        match node.function:
            case "abs":
                return f"@ = {called}"
            case "log1p":
                return f"@ = {called} if {values[0]} > -1.0 else nan"
            case "min" | "max":
                arguments = dict.fromkeys(one for one in node.arguments if not _is_literal(one))
                names = [self.value(one) for one in arguments]
                known = " and ".join(f"{value} is not nan" for value in names)
                return f"@ = {called} if {known or True} else nan"


def _read(name: str, kind: Kind) -> list[str]:
    match kind:
        case Kind.NUMBER | Kind.INSTANT:
            return []
        case Kind.TEXT:
            wanted = "str"
        case Kind.BOOLEAN:
            wanted = "bool"
        case _:
            assert_never(kind)
    odd = "if @.__class__ is not {0} and @ is not None: @ = odd(row)"
    return [f"@ = get({name!r})", odd.format(wanted)]


def _is_number(node: Node) -> bool:
    return kind_of(node) in _NUMBERS


def _is_computed(node: Node) -> bool:
    return _is_number(node) and not isinstance(node, Number)


def _is_literal(node: Node) -> bool:
    return isinstance(node, Number | Text | Truth)
