"""The tree of an expression: frozen nodes, made by the parser alone."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from features.kinds import Kind
from features.units import Unit

Comparison = Literal["==", "!=", "<", "<=", ">", ">="]
Operator = Literal["+", "-", "*", "/"]
Function = Literal["abs", "min", "max", "log1p"]
FUNCTIONS: tuple[str, ...] = get_args(Function)


@dataclass(frozen=True, slots=True)
class Number:
    """A number; IEEE float64, finite. One that is named has a unit, one that is written none."""

    value: float
    unit: Unit | None = field(default=None, compare=False, repr=False)
    label: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A fact or feature by its dotted name; its unit follows from the name."""

    name: str
    kind: Kind
    unit: Unit | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Absent:
    """A named constant whose value is not known: always missing."""

    name: str
    kind: Kind
    unit: Unit | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Presence:
    """`name is present`, or with `present=False` `name is missing`; never missing itself."""

    operand: "Name | Absent | Constant"
    present: bool


@dataclass(frozen=True, slots=True)
class Negative:
    """`-operand`."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left operator right`; the difference of two instants is in seconds."""

    operator: Operator
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`."""

    function: Function
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right`; texts and booleans know `==` and `!=` only."""

    operator: Comparison
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Between:
    """`operand between low and high`, both ends included."""

    operand: "Node"
    low: "Node"
    high: "Node"


@dataclass(frozen=True, slots=True)
class Members:
    """A set of texts, or of numbers."""

    kind: Kind
    values: tuple[str, ...] | tuple[float, ...]
    unit: Unit | None = field(default=None, compare=False, repr=False)
    label: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class In:
    """`operand in members`."""

    operand: "Node"
    members: Members | Absent


@dataclass(frozen=True, slots=True)
class Not:
    """`not operand`."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Logic:
    """`a and b and …`, or with `or`; two operands or more, after Kleene."""

    operator: Literal["and", "or"]
    operands: tuple["Node", ...]


Constant = Number | Text | Truth
Node = (
    Number
    | Text
    | Truth
    | Name
    | Absent
    | Presence
    | Negative
    | Arithmetic
    | Call
    | Compare
    | Between
    | In
    | Not
    | Logic
)
Bound = Constant | Members | Absent
"""What a name may be bound to before evaluation: a threshold, a channel's value."""


def children(node: Node) -> tuple[Node, ...]:
    """Name the direct operands of a node, left to right."""
    match node:
        case Negative() | Not() | Presence() | In():
            return (node.operand,)
        case Arithmetic() | Compare():
            return (node.left, node.right)
        case Between():
            return (node.operand, node.low, node.high)
        case Call():
            return node.arguments
        case Logic():
            return node.operands
        case _:
            return ()


def names_of(node: Node) -> tuple[str, ...]:
    """List the facts and unknown constants that a tree reads, each once, in reading order."""
    found: dict[str, None] = {}
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Name | Absent):
            found.setdefault(current.name)
        if isinstance(current, In) and isinstance(current.members, Absent):
            found.setdefault(current.members.name)
        pending.extend(reversed(children(current)))
    return tuple(found)


def facts_of(node: Node) -> dict[str, Kind]:
    """List the facts that a tree reads with their kinds."""
    pending, found = [node], dict[str, Kind]()
    while pending:
        current = pending.pop()
        if isinstance(current, Name):
            found.setdefault(current.name, current.kind)
        pending.extend(reversed(children(current)))
    return found


def names_in(node: Node) -> frozenset[str]:
    """Collect the names that a tree reads."""
    return frozenset(names_of(node))


def reads_unknown(node: Node) -> bool:
    """Tell whether a tree reads a constant whose value is not known."""
    members = node.members if isinstance(node, In) else None
    if isinstance(node, Absent) or isinstance(members, Absent):
        return True
    return any(map(reads_unknown, children(node)))
