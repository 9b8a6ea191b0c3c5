"""One order before the rules: what is known of it in one channel as of one instant, and what fires.

A decision hears the same order several times: as sent, as repaired, later, in another channel.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from features.facts import order_facts
from features.kinds import Value
from features.live_changes import Changes
from features.order import Order
from rules.judge import Findings, Judge, judge_of
from rules.pack import Pack
from rules.pack_facts import check_facts
from rules.terms import Terms

Row = Mapping[str, Value]


class StateView(Protocol):
    """What was known of the order's entities. Reading changes nothing.

    `decide` reads the order as it was sent exactly once, before anything else.
    """

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Compute the features of an order; missing ones are absent."""
        ...

    def read_windows(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int
    ) -> dict[str, Value]:
        """Compute the named window features alone."""
        ...

    def changes_after(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int, until_us: int
    ) -> Changes:
        """Give instants in `(as_of_us, until_us]` at which windows behind the names change."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """One order as it is judged: as sent, or as changed."""

    order: Order
    facts: Row
    features: Row
    findings: Findings


@dataclass(frozen=True, slots=True)
class Court:
    """Everything that stays the same while one order and its repairs are judged."""

    terms: Terms
    pack: Pack
    judge: Judge
    is_stateless: bool
    as_of_us: int

    def facts(self, order: Order) -> Row:
        """Give all that the order itself says, as the book's catalog means it."""
        return self.terms.book.facts.complete(order_facts(order))

    def hear(self, order: Order, features: Row, facts: Row) -> Case:
        """Judge an order of which these facts and features are known."""
        checks = check_facts(facts, self.pack, order, self.as_of_us)
        known = {**facts, **features, **checks}
        lists, paused = self.terms.lists, self.terms.holds.paused(self.as_of_us)
        findings = self.judge.find(known, lists, self.as_of_us, paused)
        return Case(order, facts, features, findings)

    def probabilities(self, case: Case) -> dict[str, float]:
        """Ask the model; without state it sees the facts of the order alone."""
        scorer = self.terms.scorer
        if scorer is None:
            return {}
        return scorer.probabilities(case.facts if self.is_stateless else case.features)


def court_of(terms: Terms, channel: str, as_of_us: int, *, is_stateless: bool) -> Court:
    """Prepare to judge orders of a channel as of an instant; raises UnknownChannel."""
    pack = terms.packs[channel].at(as_of_us)
    return Court(terms, pack, judge_of(terms.book, pack, terms.engine), is_stateless, as_of_us)
