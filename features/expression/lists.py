"""Membership in a list: one boolean fact, computed before any engine sees a row.

`buyer.id in list.blocked` reads the fact `list.blocked:buyer.id`. A list is looked up once for
each order, by whoever holds it; walker, compiled, durable and polars all read the same answer.
"""

from dataclasses import dataclass

from features.expression.syntax import Name, Node, facts_of
from features.kinds import Kind

PREFIX = "list."
_SEPARATOR = ":"
"""No name that can be written in an expression holds it."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A question to a list: is the value of `operand` in it?"""

    list_name: str
    operand: str

    @property
    def fact(self) -> str:
        """The boolean that answers it; absent where the operand is missing."""
        return f"{PREFIX}{self.list_name}{_SEPARATOR}{self.operand}"

    @property
    def node(self) -> Name:
        """What a tree holds for it."""
        return Name(self.fact, Kind.BOOLEAN)


def membership_of(name: str) -> Membership | None:
    """Read a fact's name back as the question that it answers; None for any other fact.

    >>> membership_of("list.blocked:buyer.id")
    Membership(list_name='blocked', operand='buyer.id')
    >>> membership_of("buyer.id") is None
    True
    """
    listed, separator, operand = name.partition(_SEPARATOR)
    if not separator or not listed.startswith(PREFIX):
        return None
    return Membership(listed.removeprefix(PREFIX), operand)


def memberships_of(node: Node) -> tuple[Membership, ...]:
    """List the questions to lists that a tree asks, each once, in reading order."""
    found = map(membership_of, facts_of(node))
    return tuple(membership for membership in found if membership is not None)


def name_as_written(name: str) -> str:
    """Give a fact's name as a condition writes it.

    >>> name_as_written("list.blocked:buyer.id"), name_as_written("buyer.id")
    ('buyer.id in list.blocked', 'buyer.id')
    """
    membership = membership_of(name)
    if membership is None:
        return name
    return f"{membership.operand} in {PREFIX}{membership.list_name}"
