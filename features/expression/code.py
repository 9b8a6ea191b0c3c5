"""Write Python source for checked trees: values as lines, conditions as boolean expressions.

A condition is written twice, as what makes it true and what makes it false; missing is
neither. A number that is computed is a line of its own, shared by all that need it.
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
_EXACT = 2**53


class Code:
    """Collects the lines of one function; equal sub-trees share one variable."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._variables: dict[Node, str] = {}

    def value(self, node: Node) -> str:
        """Write what computes a value; gives a literal or a variable that may hold None."""
        match node:
            case Number() | Text() | Truth():
                return repr(node.value)
            case Absent():
                return "None"
            case _:
                if node not in self._variables:
                    lines = self._write(node)
                    variable = f"v{len(self._variables)}"
                    self._variables[node] = variable
                    self.lines.extend(line.replace("@", variable) for line in lines)
                return self._variables[node]

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
                negation = "not " if present is wanted else ""
                return f"({self.value(operand)} is {negation}None)"
            case Compare(operator, left, right):
                return self._compare(operator if wanted else _OPPOSITE[operator], left, right)
            case Between(operand, low, high):
                parts = (Compare(">=", operand, low), Compare("<=", operand, high))
                return self._join(parts, wanted, wanted)
            case In():
                return self._in(node, wanted)
            case _:
                raise AssertionError(f"{type(node).__name__} is a value, not a condition")

    def unknown(self, node: Node) -> str:
        """Write a Python boolean that holds whenever the condition may be missing."""
        pending: list[Node] = [node]
        tests: dict[str, None] = {}
        while pending:
            current = pending.pop()
            match current:
                case Presence() | Number() | Text() | Truth():
                    continue
                case In() if isinstance(current.members, Absent):
                    tests["True"] = None
                case Compare() | Between() | In() | Not() | Logic():
                    pass
                case _:
                    tests[f"{self.value(current)} is None"] = None
                    continue
            pending.extend(_operands(current))
        return " or ".join(tests)

    def _join(self, operands: tuple[Node, ...], wanted: bool, conjoin: bool) -> str:
        word = " and " if conjoin else " or "
        return "(" + word.join(self.condition(operand, wanted) for operand in operands) + ")"

    def _compare(self, operator: str, left: Node, right: Node) -> str:
        sides = (self.value(left), self.value(right))
        test = f"{sides[0]} {operator} {sides[1]}"
        # Against a literal, None == x is False by itself.
        if operator == "==" and _is_literal(right):
            return f"({test})"
        return "(" + " and ".join([*self._known(left), *self._known(right), test]) + ")"

    def _known(self, node: Node) -> list[str]:
        return [] if _is_literal(node) else [f"{self.value(node)} is not None"]

    def _in(self, node: In, wanted: bool) -> str:
        if not isinstance(node.members, Members):
            return "False"
        variable = self.value(node.operand)
        members = "{" + ", ".join(map(repr, node.members.values)) + "}"
        if wanted:
            return f"({variable} in {members})"
        return (
            "(" + " and ".join([*self._known(node.operand), f"{variable} not in {members}"]) + ")"
        )

    def _write(self, node: Node) -> list[str]:
        match node:
            case Name(name, kind):
                return _read(name, kind)
            case Negative(operand):
                return self._computed((operand,), "0.0 - {0}")
            case Arithmetic():
                return self._arithmetic(node)
            case Call(function, arguments):
                commas = ", ".join(f"{{{position}}}" for position in range(len(arguments)))
                return self._computed(arguments, f"{function}({commas})", finite=False)
            case _:
                raise AssertionError(f"{type(node).__name__} is a condition, not a value")

    def _arithmetic(self, node: Arithmetic) -> list[str]:
        if kind_of(node.left) is Kind.INSTANT:
            return self._computed((node.left, node.right), f"({{0}} - {{1}}) / {US_PER_SECOND}")
        if node.operator == "/":
            divided = self._computed((node.left, node.right), "{0} / {1}")
            return [f"@ = None if {self.value(node.right)} == 0 else " + divided[0][4:], divided[1]]
        return self._computed((node.left, node.right), f"{{0}} {node.operator} {{1}}")

    def _computed(self, operands: tuple[Node, ...], form: str, finite: bool = True) -> list[str]:
        formula = form.format(*map(self.value, operands))
        guards = [guard for operand in operands for guard in self._known(operand)]
        condition = " and ".join(dict.fromkeys(guards)) or "True"
        lines = [f"@ = {formula} if {condition} else None"]
        return [*lines, "if @ is not None and @ - @ != 0.0: @ = None"] if finite else lines


def _read(name: str, kind: Kind) -> list[str]:
    match kind:
        case Kind.TEXT:
            wanted = "str"
        case Kind.BOOLEAN:
            wanted = "bool"
        case Kind.NUMBER | Kind.INSTANT:
            return [
                f"@ = get({name!r})",
                "t = @.__class__",
                f"if t is int and {-_EXACT} <= @ <= {_EXACT}: @ = @ + 0.0",
                "elif t is float:",
                "    if @ - @ != 0.0: @ = None",
                "elif @ is not None: @ = number(@)",
            ]
        case _:
            assert_never(kind)
    return [f"@ = get({name!r})", f"if @.__class__ is not {wanted}: @ = None"]


def _is_literal(node: Node) -> bool:
    return isinstance(node, Number | Text | Truth)


def _operands(node: Node) -> tuple[Node, ...]:
    match node:
        case In(operand, _) | Not(operand):
            return (operand,)
        case Compare(_, left, right):
            return (left, right)
        case Between(operand, low, high):
            return (operand, low, high)
        case Logic(_, operands):
            return operands
        case _:
            return ()
