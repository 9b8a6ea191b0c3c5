"""A book as one channel sees it: its rules, their checked conditions, the facts they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from features.errors import RuleError
from features.expression.budget import nodes_of
from features.expression.lists import Membership, membership_of, memberships_of
from features.expression.syntax import Node, facts_of, names_of
from features.kinds import Kind
from rules.book import Book, Rule
from rules.lists.lists import FORBIDDEN_WORDS, FORBIDDEN_WORDS_LIST
from rules.packs import Pack

MAX_STEPS = 100_000
"""Most nodes of a bound book: the steps that the judgement of one order takes at most."""


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
    def memberships(self) -> tuple[Membership, ...]:
        """The questions to lists that some condition asks, each once; engines read the answers."""
        asked = (one for node in self.conditions.values() for one in memberships_of(node))
        return tuple(dict.fromkeys(asked))

    @cached_property
    def steps(self) -> int:
        """How many nodes there are: what judging one order costs at most, whatever it holds."""
        return sum(map(nodes_of, self.conditions.values()))

    @cached_property
    def asked(self) -> tuple[Membership, ...]:
        """The questions to lists that some condition asks, each once."""
        found = map(membership_of, self.kinds)
        return tuple(question for question in found if question is not None)

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The names of the lists that some condition asks."""
        words = (FORBIDDEN_WORDS_LIST,) if self.counts_words else ()
        return tuple(dict.fromkeys((*(question.list_name for question in self.asked), *words)))

    @cached_property
    def counts_words(self) -> bool:
        """Whether some condition counts forbidden words."""
        return FORBIDDEN_WORDS in self.kinds

    @cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """What each condition reads, unknown values of the channel included."""
        return {code: names_of(node) for code, node in self.conditions.items()}


def bind(book: Book, pack: Pack) -> BoundBook:
    """Bind a book to a channel; raises ExpressionError with file and line, RuleError for its size.

    The step budget is one for the whole book.
    """
    rules = {rule.code: rule for rule in book if rule.applies_to(pack)}
    bound = BoundBook(
        version=f"{book.version}+{pack.version}",
        rules=rules,
        conditions={
            code: rule.condition(book.scope, pack.bindings) for code, rule in rules.items()
        },
    )
    _check_steps(bound)
    return bound


def _check_steps(bound: BoundBook) -> None:
    if bound.steps <= MAX_STEPS:
        return
    largest = max(bound.conditions, key=lambda code: nodes_of(bound.conditions[code]))
    raise RuleError(
        f"The book's {len(bound.rules)} rules have {bound.steps} nodes, at most {MAX_STEPS} are "
        f"evaluated for one order; make parts of them features, {largest} first: it has "
        f"{nodes_of(bound.conditions[largest])}"
    )
