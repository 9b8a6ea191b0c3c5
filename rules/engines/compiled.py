"""The engine of live answers: the whole book as one Python function."""

from collections.abc import Mapping

from features.expression.compiled import compile_book
from features.kinds import Value
from rules.bound import BoundBook
from rules.engines.engine import Verdict


class CompiledEngine:
    """One function for all rules; each fact is read once."""

    name = "compiled"

    def __init__(self, book: BoundBook) -> None:
        self._function = compile_book(book.conditions)

    def evaluate(self, row: Mapping[str, Value | None]) -> Verdict:
        """Evaluate every rule on one row."""
        hits, missing = self._function(row)
        return Verdict(frozenset(hits), frozenset(missing))
