"""A book as one channel sees it: its rules, their checked conditions, the facts they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from features.expression.syntax import Node, facts_of, names_of
from features.kinds import Kind
from rules.book import Book, Rule
from rules.packs import Pack


@dataclass(frozen=True, eq=False)
class BoundBook:
    """Conditions by code, in the book's order, with the channel's values in their place."""

    version: str
    rules: Mapping[str, Rule]
    conditions: Mapping[str, Node]

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """The facts and features that some condition reads, with their kinds."""
        return {
            name: kind for node in self.conditions.values() for name, kind in facts_of(node).items()
        }

    @cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """What each condition reads, unknown values of the channel included."""
        return {code: names_of(node) for code, node in self.conditions.items()}


def bind(book: Book, pack: Pack) -> BoundBook:
    """Bind a book to a channel; raises ExpressionError with file and line."""
    rules = {rule.code: rule for rule in book if rule.applies_to(pack)}
    return BoundBook(
        version=f"{book.version}+{pack.version}",
        rules=rules,
        conditions={
            code: rule.condition(book.scope, pack.bindings) for code, rule in rules.items()
        },
    )
