"""Text to checked tree: a Pratt parser. `or` binds least, then `and`, `not`, comparison, sum."""

import math
from collections.abc import Mapping
from typing import cast

from features.errors import ExpressionError, suggest
from features.expression.budget import MAX_DEPTH, excess, excess_members, too_deep
from features.expression.cursor import Cursor
from features.expression.lists import PREFIX
from features.expression.scope import Resolver, Scope
from features.expression.sets import read_members
from features.expression.syntax import (
    FUNCTIONS,
    Absent,
    Arithmetic,
    Between,
    Bound,
    Call,
    Compare,
    Comparison,
    Function,
    In,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Presence,
    Text,
    Truth,
)
from features.expression.tokens import Place, Source, Token
from features.expression.types import KindMismatch, check
from features.expression.units import UnitMismatch, check_units

_ANYWHERE = Place()
_NOTHING_BOUND: Mapping[str, Bound] = {}
_COMPARISON = 4
_BINDS = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6}
_BINDS |= dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in", "between", "is", "not"), 4)
_BINDS_NOT = 3
_BINDS_SIGN = 7


def parse(
    text: str,
    scope: Scope,
    *,
    place: Place = _ANYWHERE,
    bound: Mapping[str, Bound] = _NOTHING_BOUND,
) -> Node:
    """Parse an expression, check its kinds and units; names in `bound` become constants.

    Raises ExpressionError with line, column, the piece and, for a name, the nearest known one.
    """
    return _Parser(Cursor(Source(text, place)), Resolver(scope, bound)).whole()


class _Parser:
    def __init__(self, cursor: Cursor, resolver: Resolver) -> None:
        self._cursor = cursor
        self._resolver = resolver

    def whole(self) -> Node:
        node = self._expression(0, 0)
        end = self._cursor.peek()
        if end.kind != "end":
            raise self._cursor.error(end, "expected an operator or the end here")
        over_budget = excess(node)
        if over_budget is not None:
            raise self._cursor.error(end, over_budget)
        return node

    def _expression(self, least: int, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._too_deep(self._cursor.peek())
        left = self._prefix(depth)
        compared = False
        while (binding := self._binding()) > least:
            if binding == _COMPARISON and compared:
                raise self._cursor.error(
                    self._cursor.peek(), "comparisons do not chain; write 'a < b and b < c'"
                )
            compared = binding == _COMPARISON
            left = self._infix(left, binding, depth + 1)
        return left

    def _binding(self) -> int:
        token = self._cursor.peek()
        return _BINDS.get(token.piece, 0) if token.kind in ("mark", "word") else 0

    def _prefix(self, depth: int) -> Node:
        token = self._cursor.next()
        match token.kind, token.piece:
            case "number", _:
                return self._number(token)
            case "text", piece:
                return Text(piece[1:-1])
            case "name", _:
                return self._named(token, depth)
            case "word", "true" | "false":
                return Truth(token.piece == "true")
            case "word", "not":
                return self._made(Not(self._expression(_BINDS_NOT, depth + 1)), token)
            case "mark", "-":
                return self._made(Negative(self._expression(_BINDS_SIGN, depth + 1)), token)
            case "mark", "(":
                return self._parenthesised(depth)
            case _:
                raise self._cursor.error(
                    token, "expected a value here: a name, a number, a text or '('"
                )

    def _parenthesised(self, depth: int) -> Node:
        inner = self._expression(0, depth + 1)
        self._cursor.expect(")")
        return inner

    def _infix(self, left: Node, binding: int, depth: int) -> Node:
        token = self._cursor.next()
        match token.piece:
            case "and" | "or":
                return self._logic(left, token, binding, depth)
            case "+" | "-" | "*" | "/":
                right = self._expression(binding, depth)
                made = Arithmetic(token.piece, left, right)
                return self._made(made, token)
            case "is":
                return self._presence(left, token)
            case "in" | "between":
                return self._range_or_set(left, token, depth)
            case "not":
                inner = self._range_or_set(left, self._cursor.next(), depth)
                return self._made(Not(inner), token)
            case _:
                right = self._expression(binding, depth)
                return self._made(Compare(cast(Comparison, token.piece), left, right), token)

    def _logic(self, left: Node, token: Token, binding: int, depth: int) -> Node:
        operands = [left, self._expression(binding, depth)]
        while self._cursor.takes(token.piece):
            operands.append(self._expression(binding, depth))
        return self._made(Logic("and" if token.piece == "and" else "or", tuple(operands)), token)

    def _range_or_set(self, left: Node, token: Token, depth: int) -> Node:
        if token.kind == "word" and token.piece == "in":
            return self._in(left, token)
        if token.kind == "word" and token.piece == "between":
            low = self._expression(_COMPARISON, depth)
            self._cursor.expect("and")
            high = self._expression(_COMPARISON, depth)
            return self._made(Between(left, low, high), token)
        raise self._cursor.error(token, "after 'not' expected 'in' or 'between'")

    def _in(self, left: Node, token: Token) -> Node:
        name = self._cursor.peek()
        if name.kind == "name" and name.piece.startswith(PREFIX):
            return self._resolver.listed(left, self._cursor.next(), self._cursor)
        node = In(left, read_members(self._cursor, self._resolver))
        over_budget = excess_members(node)
        if over_budget is not None:
            raise self._cursor.error(name, over_budget)
        return self._made(node, token)

    def _presence(self, left: Node, token: Token) -> Node:
        word = self._cursor.next()
        if word.kind != "word" or word.piece not in ("missing", "present"):
            raise self._cursor.error(word, "after 'is' expected 'missing' or 'present'")
        if not isinstance(left, Name | Absent | Number | Text | Truth):
            raise self._cursor.error(token, "only a name is missing or present")
        return Presence(left, word.piece == "present")

    def _named(self, token: Token, depth: int) -> Node:
        if not self._cursor.takes("("):
            return self._resolver.value(token, self._cursor)
        if token.piece not in FUNCTIONS:
            near = suggest(token.piece, FUNCTIONS)
            raise self._cursor.error(
                token, f"no such function.{near} Functions: {', '.join(FUNCTIONS)}"
            )
        arguments = [self._expression(0, depth + 1)]
        while self._cursor.takes(","):
            arguments.append(self._expression(0, depth + 1))
        self._cursor.expect(")")
        return self._made(Call(cast(Function, token.piece), tuple(arguments)), token)

    def _number(self, token: Token) -> Number:
        value = float(token.piece.replace("_", ""))
        if not math.isfinite(value):
            raise self._cursor.error(token, "this number is too large")
        return Number(value)

    def _made(self, node: Node, token: Token) -> Node:
        try:
            check(node)
            check_units(node)
        except (KindMismatch, UnitMismatch) as mismatch:
            raise self._cursor.error(token, str(mismatch)) from None
        return node

    def _too_deep(self, token: Token) -> ExpressionError:
        return self._cursor.error(token, too_deep())
