"""Cut an expression into tokens; a text that is none is an error with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from features.errors import ExpressionError

MAX_LENGTH = 4_000
"""Longest expression in characters; anything richer becomes a feature."""

_SHOWN = 80
"""Most characters of a piece that an error repeats."""

WORDS = frozenset(
    {"and", "or", "not", "in", "between", "is", "missing", "present", "true", "false"}
)

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      |(?P<number>[0-9][0-9_]*(?:\.[0-9][0-9_]*)?)
      |(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)
      |(?P<text>"[^"\n]*"|'[^'\n]*')
      |(?P<mark>==|!=|<=|>=|[-+*/<>()\[\],])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands, for its errors; line and column count from 1."""

    file: str = "expression"
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of an expression; `kind` is number, name, word, text, mark or end."""

    kind: str
    piece: str
    offset: int


@dataclass(frozen=True, slots=True)
class Source:
    """An expression's text and its place."""

    text: str
    place: Place

    def error(self, offset: int, piece: str, problem: str) -> ExpressionError:
        """Name the place, the piece and the problem."""
        before = self.text[:offset]
        row = before.count("\n")
        column = offset - (before.rfind("\n") + 1) + 1
        first = self.place.column if row == 0 else 1
        shown = repr(_shortened(piece)) if piece else "the end"
        return ExpressionError(
            f"{self.place.file}, line {self.place.line + row}, column {column + first - 1}, "
            f"at {shown}: {problem}"
        )


def _shortened(piece: str) -> str:
    return piece if len(piece) <= _SHOWN else f"{piece[:_SHOWN]}…"


def tokens(source: Source) -> Iterator[Token]:
    """Yield the tokens of an expression, an `end` last; raises ExpressionError."""
    if len(source.text) > MAX_LENGTH:
        raise source.error(
            0,
            source.text[:20],
            f"the expression has {len(source.text)} characters, at most {MAX_LENGTH} are read; "
            "make a part of it a feature",
        )
    offset = 0
    while offset < len(source.text):
        match = _TOKEN.match(source.text, offset)
        if match is None:
            raise _unreadable(source, offset)
        kind = match.lastgroup or ""
        if kind != "space":
            piece = match.group()
            yield Token("word" if kind == "name" and piece in WORDS else kind, piece, offset)
        offset = match.end()
    yield Token("end", "", offset)


def _unreadable(source: Source, offset: int) -> ExpressionError:
    piece = source.text[offset]
    if piece in "\"'":
        return source.error(offset, piece, "this text has no closing quote")
    if piece == "=":
        return source.error(offset, piece, "equality is written '=='")
    return source.error(
        offset, piece, "not part of the language; operators are + - * / == != < <= > >="
    )
