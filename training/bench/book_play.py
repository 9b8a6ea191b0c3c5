"""Plays a simulated history through a rule book, in order of arrival, beside its truth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl

from features.facts import order_facts
from features.history import History
from features.history_schema import order_from_row
from features.live import LiveState
from features.order import Order
from features.progress import Progress, silent
from features.times import to_us
from rules.book import Book
from rules.decide import decide
from rules.decision import Action, Decision, Severity, Status
from rules.packs import Packs
from rules.terms import Terms

_BATCH = 100
_DISPERSED_GROUP = "gift_sender"


class Part(StrEnum):
    """What an order truly is; each is exactly one of these."""

    DECIDABLE = "decidable"
    """It was held up, and what was known before submission told so."""
    QUERY_FIRST = "query_first"
    """An earlier attempt is unresolved, whatever else is probable: query before sending again."""
    PROBABLE = "probable"
    """It was held up, and that was only more or less probable."""
    UNNOTICED = "unnoticed"
    """It had a fault that the channel let pass."""
    DISPERSED = "dispersed"
    """Clean, of an honest sender to many places."""
    CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class Judged:
    """One order: what it truly is, what held it up, what was advised, which rules fired."""

    part: Part
    cause: str | None
    action: Action
    hits: tuple[tuple[str, Severity], ...]

    @property
    def is_put_off(self) -> bool:
        """Whether a rule blocks it as it is, and the advice is to send it later or elsewhere."""
        blocked = any(severity is Severity.BLOCK for _, severity in self.hits)
        return blocked and self.action in (Action.WAIT, Action.REROUTE)


def part_of(truth: Mapping[str, Any], *, is_open: bool) -> Part:
    """Tell what an order is, from its row of truth; `is_open`: an earlier attempt is unresolved."""
    if truth["cause"] is not None and truth["decidable"]:
        return Part.DECIDABLE
    if is_open:
        return Part.QUERY_FIRST
    if truth["cause"] is not None:
        return Part.PROBABLE
    if truth["fault"] is not None:
        return Part.UNNOTICED
    return Part.DISPERSED if truth["group"] == _DISPERSED_GROUP else Part.CLEAN


@dataclass(slots=True)
class Answers:
    """The outcomes of a history, told to the state up to an instant; and whose are final."""

    rows: Iterator[tuple[str, str, bool, int]]
    final: set[str] = field(default_factory=set)
    _next: tuple[str, str, bool, int] | None = None

    def tell(self, state: LiveState, until_us: int) -> None:
        """Apply every outcome that arrived before `until_us`."""
        answer = self._next or next(self.rows, None)
        while answer is not None and answer[3] < until_us:
            state.apply_outcome(*answer)
            if answer[2]:
                self.final.add(answer[0])
            answer = next(self.rows, None)
        self._next = answer


def play(
    history: History,
    truth: Mapping[str, Mapping[str, Any]],
    book: Book,
    packs: Packs,
    progress: Progress = silent,
) -> Iterator[Judged]:
    """Decide on every order by the rules alone, as it arrived; `truth` is by order id."""
    terms = Terms(book, packs)
    state, answers = LiveState(book.catalog), Answers(outcomes_of(history))
    for done, row in enumerate(history.orders.iter_rows(named=True)):
        order, as_of_us = order_from_row(row), to_us(row["as_of"])
        answers.tell(state, as_of_us)
        decision = decide(order, state, terms, as_of_us)
        state.apply_order(order_facts(order), as_of_us)
        yield _judged(truth[order.order_id], order, decision, answers.final, book)
        if done % _BATCH == 0:
            progress(done, history.orders.height, "decide")


def outcomes_of(history: History) -> Iterator[tuple[str, str, bool, int]]:
    """Give the outcomes of a history in order of arrival: order, class, final, instant."""
    columns = ("order_id", "outcome_class", "final", pl.col("received_at").dt.epoch("us"))
    return history.outcomes.select(*columns).iter_rows()


def _judged(
    truth: Mapping[str, Any], order: Order, decision: Decision, final: set[str], book: Book
) -> Judged:
    """Sort one order; what no rule of the book says is none of the book's hits."""
    is_open = bool(order.attempts) and order.order_id not in final
    return Judged(
        part_of(truth, is_open=is_open),
        truth["cause"],
        decision.action,
        tuple(
            (reason.code, reason.severity)
            for reason in decision.reasons
            if reason.status is Status.HIT and reason.code in book.bases
        ),
    )
