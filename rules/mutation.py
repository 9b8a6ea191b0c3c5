"""The mutation report: which change of a condition does no example of its rule notice?"""

from dataclasses import dataclass

from features.expression.syntax import Node
from features.progress import Progress, silent
from rules.book import Book, Rule
from rules.mutants import Mutant, mutants
from rules.packs import Packs
from rules.proof import Prepared, prepared, told
from rules.tree import changed

_OF_THE_KIND = 1
"""`Rule.condition` puts the check of the order's kind before the rule's own condition."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change that was tried; `noticed` if some example no longer does what it should."""

    code: str
    what: str
    noticed: bool


@dataclass(frozen=True, slots=True)
class MutationReport:
    """All changes that were tried on a book."""

    mutations: tuple[Mutation, ...]

    @property
    def unnoticed(self) -> tuple[Mutation, ...]:
        """The changes that no example notices."""
        return tuple(one for one in self.mutations if not one.noticed)

    @property
    def noticed_share(self) -> float:
        """The share of changes that some example notices, 0 to 1; 1 where nothing can change."""
        total = len(self.mutations)
        return 1 - len(self.unnoticed) / total if total else 1.0


def mutate_book(book: Book, packs: Packs, progress: Progress = silent) -> MutationReport:
    """Try every change of every condition against the rule's own examples."""
    mutations: list[Mutation] = []
    for number, rule in enumerate(book):
        progress(number, len(book.rules), rule.code)
        mutations += mutate_rule(rule, book, packs)
    return MutationReport(tuple(mutations))


def mutate_rule(rule: Rule, book: Book, packs: Packs) -> tuple[Mutation, ...]:
    """Try every change of one rule's condition."""
    cases = [(prepared(rule, example, book, packs), fires) for example, fires in told(rule)]
    values = {name: one.value for name, one in rule.entry.thresholds.items()}
    return tuple(
        Mutation(rule.code, mutant.what, _is_noticed(mutant, cases))
        for mutant in mutants(rule.open_condition(book.scope), values)
    )


def _is_noticed(mutant: Mutant, cases: list[tuple[Prepared, bool]]) -> bool:
    def change(tree: Node) -> Node:
        return changed(tree, (_OF_THE_KIND,), mutant.apply)

    return any(case.answer(change) is not fires for case, fires in cases)
