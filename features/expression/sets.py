"""Read the set after `in`: `[3, 6, 12]`, `["a", "b"]`, or the name of a bound set."""

from features.expression.cursor import Cursor
from features.expression.scope import Resolver
from features.expression.syntax import Absent, Members
from features.expression.tokens import Token
from features.kinds import Kind

_MOST_DIGITS = 300
"""More would overflow a float64."""


def read_members(cursor: Cursor, resolver: Resolver) -> Members | Absent:
    """Read one set; raises ExpressionError for an empty or mixed one."""
    token = cursor.next()
    if token.kind == "name":
        return resolver.members(token, cursor)
    if token.piece != "[" or token.kind != "mark":
        raise cursor.error(token, "after 'in' expected a set such as [3, 6, 12]")
    values = [_member(cursor)]
    while cursor.takes(","):
        values.append(_member(cursor))
    cursor.expect("]")
    return _set_of(values, token, cursor)


def _member(cursor: Cursor) -> str | float:
    sign = -1.0 if cursor.takes("-") else 1.0
    token = cursor.next()
    if token.kind == "text" and sign > 0:
        return token.piece[1:-1]
    if token.kind == "number" and len(token.piece) <= _MOST_DIGITS:
        return sign * float(token.piece.replace("_", ""))
    raise cursor.error(token, "a set holds numbers or texts")


def _set_of(values: list[str | float], token: Token, cursor: Cursor) -> Members:
    texts = tuple(value for value in values if isinstance(value, str))
    numbers = tuple(value for value in values if not isinstance(value, str))
    if texts and numbers:
        raise cursor.error(token, "a set holds numbers, or texts, not both")
    return Members(Kind.TEXT, texts) if texts else Members(Kind.NUMBER, numbers)
