"""Names that an expression may use, and what some of them are bound to."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from features.errors import ExpressionError, suggest
from features.expression.cursor import Cursor
from features.expression.lists import PREFIX, Membership
from features.expression.syntax import Absent, Bound, Members, Name, Node, Number
from features.expression.tokens import Token
from features.kinds import Kind
from features.units import Unit


class Scope(Protocol):
    """The names that an expression may use."""

    def kind_of(self, name: str) -> Kind | None:
        """Tell the kind of a name, or None if it is unknown."""
        ...

    def unit_of(self, name: str) -> Unit | None:
        """Tell the unit of a number, bound ones included, or None if none is stated."""
        ...

    def names(self) -> Collection[str]:
        """List the known names, for a suggestion."""
        ...

    def list_names(self) -> Collection[str]:
        """List the names of the lists that `in list.NAME` may ask."""
        ...


@dataclass(frozen=True, slots=True)
class Names:
    """A scope over plain mappings of names to kinds and units, and names of lists."""

    kinds: Mapping[str, Kind]
    units: Mapping[str, Unit] = field(default_factory=dict)
    lists: Collection[str] = ()

    def kind_of(self, name: str) -> Kind | None:
        """Tell the kind of a name, or None if it is unknown."""
        return self.kinds.get(name)

    def unit_of(self, name: str) -> Unit | None:
        """Tell the unit of a number, or None if none is stated."""
        return self.units.get(name)

    def names(self) -> Collection[str]:
        """List the known names."""
        return self.kinds.keys()

    def list_names(self) -> Collection[str]:
        """List the names of the lists."""
        return self.lists


@dataclass(frozen=True, slots=True)
class Resolver:
    """Turns a name into its node: a bound constant, or a typed fact."""

    scope: Scope
    bound: Mapping[str, Bound] = field(default_factory=dict)

    def value(self, token: Token, cursor: Cursor) -> Node:
        """Resolve a name that stands for one value; raises ExpressionError with the nearest."""
        name = token.piece
        constant = self.bound.get(name)
        if constant is not None:
            return self._constant(constant, token, cursor)
        kind = self.scope.kind_of(name)
        if kind is not None:
            return Name(name, kind, self.scope.unit_of(name))
        if name.startswith(PREFIX):
            raise cursor.error(token, "a list stands only after 'in', as in 'buyer.id in list.x'")
        raise self._unknown(token, cursor, [*self.scope.names(), *self.bound])

    def members(self, token: Token, cursor: Cursor) -> Members | Absent:
        """Resolve a name that stands for a set; raises ExpressionError with the nearest."""
        constant = self.bound.get(token.piece)
        if isinstance(constant, Members | Absent):
            unit = constant.unit or self.scope.unit_of(token.piece)
            if isinstance(constant, Absent):
                return replace(constant, unit=unit)
            if not all(map(_is_finite, constant.values)):
                raise cursor.error(token, "a number of this set is not finite")
            return replace(constant, unit=unit, label=token.piece)
        sets = [name for name, one in self.bound.items() if isinstance(one, Members | Absent)]
        lists = [f"{PREFIX}{name}" for name in self.scope.list_names()]
        raise self._unknown(token, cursor, [*sets, *lists])

    def listed(self, operand: Node, token: Token, cursor: Cursor) -> Name:
        """Resolve `operand in list.NAME`; raises ExpressionError with the nearest list."""
        name, known = token.piece.removeprefix(PREFIX), self.scope.list_names()
        if name not in known:
            near = suggest(name, known)
            there = f" Lists: {', '.join(sorted(known))}" if known else " There is no list yet"
            raise cursor.error(token, f"no such list.{near}{there}")
        if not isinstance(operand, Name) or operand.kind is not Kind.TEXT:
            raise cursor.error(token, "a list holds texts; only a name that is a text is in one")
        return Membership(name, operand.name).node

    def _constant(self, constant: Bound, token: Token, cursor: Cursor) -> Node:
        match constant:
            case Number():
                if not _is_finite(constant.value):
                    raise cursor.error(token, "this number is not finite")
                unit = constant.unit or self.scope.unit_of(token.piece)
                return replace(constant, unit=unit, label=token.piece)
            case Absent():
                return replace(constant, unit=constant.unit or self.scope.unit_of(token.piece))
            case Members():
                raise cursor.error(token, "this is a set; it stands only after 'in'")
            case _:
                return constant

    def _unknown(self, token: Token, cursor: Cursor, known: list[str]) -> ExpressionError:
        return cursor.error(token, f"no such name here.{suggest(token.piece, known)}")


def _is_finite(value: str | float) -> bool:
    return isinstance(value, str) or math.isfinite(value)
