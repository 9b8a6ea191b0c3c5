"""What an engine is: it answers two sets of codes for one row of facts."""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from features.expression import walk
from features.kinds import Value
from rules.bound import BoundBook
from rules.scope import check_kinds


class Verdict(msgspec.Struct, frozen=True):
    """Codes of the rules that fired, and of those that a missing input left open."""

    hits: frozenset[str]
    missing: frozenset[str]


class Engine(Protocol):
    """Evaluates one bound book; a fact of another kind than its name promises is an error."""

    @property
    def name(self) -> str:
        """What a decision calls it."""
        ...

    def evaluate(self, row: Mapping[str, Value | None]) -> Verdict:
        """Evaluate every rule on one row; raises RuleError as `rules.scope.check_kinds`."""
        ...


EngineMaker = Callable[[BoundBook], Engine]


class OracleEngine:
    """Walks every tree: slow, obvious, what the other engines must equal."""

    name = "oracle"

    def __init__(self, book: BoundBook) -> None:
        self._conditions = book.conditions
        self._kinds = book.kinds

    def evaluate(self, row: Mapping[str, Value | None]) -> Verdict:
        """Evaluate every rule on one row; raises RuleError for a fact of the wrong kind."""
        check_kinds(row, self._kinds)
        answers = {code: walk(node, row) for code, node in self._conditions.items()}
        return Verdict(
            frozenset(code for code, answer in answers.items() if answer is True),
            frozenset(code for code, answer in answers.items() if answer is None),
        )
