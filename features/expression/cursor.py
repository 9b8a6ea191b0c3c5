"""A reading position over the tokens of one expression."""

from features.errors import ExpressionError
from features.expression.tokens import Source, Token, tokens


class Cursor:
    """Steps through tokens, the `end` token for ever after the last one."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._pieces = list(tokens(source))
        self._at = 0

    def peek(self) -> Token:
        """Look at the next token without taking it."""
        return self._pieces[self._at]

    def next(self) -> Token:
        """Take the next token."""
        token = self._pieces[self._at]
        self._at += token.kind != "end"
        return token

    def takes(self, piece: str) -> bool:
        """Take the next token if it is this mark or word."""
        if self.peek().kind not in ("mark", "word") or self.peek().piece != piece:
            return False
        self._at += 1
        return True

    def expect(self, piece: str) -> None:
        """Take this mark or word; raises ExpressionError if another stands here."""
        if not self.takes(piece):
            raise self.error(self.peek(), f"expected {piece!r} here")

    def error(self, token: Token, problem: str) -> ExpressionError:
        """Make the error that names a token's place and the problem."""
        return self._source.error(token.offset, token.piece, problem)
