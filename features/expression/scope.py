"""Names that an expression may use, and what some of them are bound to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from features.errors import ExpressionError, suggest
from features.expression.cursor import Cursor
from features.expression.syntax import Absent, Bound, Members, Name, Node
from features.expression.tokens import Token
from features.kinds import Kind


class Scope(Protocol):
    """The names that an expression may use."""

    def kind_of(self, name: str) -> Kind | None:
        """Tell the kind of a name, or None if it is unknown."""
        ...

    def names(self) -> Collection[str]:
        """List the known names, for a suggestion."""
        ...


@dataclass(frozen=True, slots=True)
class Names:
    """A scope over a plain mapping of names to kinds."""

    kinds: Mapping[str, Kind]

    def kind_of(self, name: str) -> Kind | None:
        """Tell the kind of a name, or None if it is unknown."""
        return self.kinds.get(name)

    def names(self) -> Collection[str]:
        """List the known names."""
        return self.kinds.keys()


@dataclass(frozen=True, slots=True)
class Resolver:
    """Turns a name into its node: a bound constant, or a typed fact."""

    scope: Scope
    bound: Mapping[str, Bound] = field(default_factory=dict)

    def value(self, token: Token, cursor: Cursor) -> Node:
        """Resolve a name that stands for one value; raises ExpressionError with the nearest."""
        constant = self.bound.get(token.piece)
        if isinstance(constant, Members):
            raise cursor.error(token, "this is a set; it stands only after 'in'")
        if constant is not None:
            return constant
        kind = self.scope.kind_of(token.piece)
        if kind is None:
            raise self._unknown(token, cursor, [*self.scope.names(), *self.bound])
        return Name(token.piece, kind)

    def members(self, token: Token, cursor: Cursor) -> Members | Absent:
        """Resolve a name that stands for a set; raises ExpressionError with the nearest."""
        constant = self.bound.get(token.piece)
        if isinstance(constant, Members | Absent):
            return constant
        sets = [name for name, one in self.bound.items() if isinstance(one, Members | Absent)]
        raise self._unknown(token, cursor, sets)

    def _unknown(self, token: Token, cursor: Cursor, known: list[str]) -> ExpressionError:
        return cursor.error(token, f"no such name here.{suggest(token.piece, known)}")
