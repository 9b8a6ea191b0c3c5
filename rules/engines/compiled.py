"""The engine of live answers: the whole book as one Python function."""

from collections.abc import Mapping

from features.expression.compiled import compile_book
from features.kinds import Value
from rules.bound import BoundBook
from rules.engines.engine import Verdict
from rules.scope import check_kinds


class CompiledEngine:
    """One function for all rules; each fact is read, and its kind checked, once."""

    name = "compiled"

    def __init__(self, book: BoundBook) -> None:
        kinds = book.kinds
        self._function = compile_book(book.conditions, lambda row: check_kinds(row, kinds))

    def evaluate(self, row: Mapping[str, Value | None]) -> Verdict:
        """Evaluate every rule on one row; raises RuleError for a fact of the wrong kind."""
        hits, missing = self._function(row)
        return Verdict(hits, missing)
