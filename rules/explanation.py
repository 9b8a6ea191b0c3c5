"""What each part of a condition comes to on some facts."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from features.errors import RuleError
from features.expression import walk
from features.expression.syntax import Arithmetic, Call, Name, Negative, Node, children
from features.kinds import Value
from rules.book import Book, Rule
from rules.entries import Example
from rules.packs import Packs
from rules.proof import prepared
from rules.tree import written


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a condition, its depth in it, and its value; None is missing."""

    part: str
    depth: int
    value: Value | None

    @property
    def shown(self) -> str:
        """The value as people read it."""
        match self.value:
            case None:
                return "missing"
            case bool():
                return "true" if self.value else "false"
            case float():
                return f"{self.value:.15g}"
            case _:
                return str(self.value)


def read_facts(text: str) -> Example:
    """Read facts from JSON; raises RuleError with the way out."""
    try:
        return msgspec.json.decode(text, type=Example)
    except msgspec.DecodeError as error:
        raise RuleError(
            f"the facts are no JSON object of facts ({error}); "
            'write them as {"amount_minor": 9, "record.amount_minor": 10}'
        ) from None


def explained(rule: Rule, facts: Example, book: Book, packs: Packs) -> tuple[Part, ...]:
    """Give the parts of a rule's condition with their values, the whole condition first.

    Raises RuleError for facts that are no row of facts.
    """
    case = prepared(rule, facts, book, packs)
    return tuple(
        Part(written(node), depth, walk(node, case.facts)) for node, depth in _parts(case.condition)
    )


def _parts(node: Node, depth: int = 0) -> Iterator[tuple[Node, int]]:
    """Give what has a value worth showing: conditions, sums and names, no constants."""
    yield node, depth
    for child in children(node):
        if isinstance(child, Name | Arithmetic | Call | Negative) or children(child):
            yield from _parts(child, depth + 1)
