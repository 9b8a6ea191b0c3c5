"""How one number stands: paid, open, turned away or surely refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from rules.retry.calls import Call, Marked, marked
from rules.retry.evidence import REFUSALS, Mark
from rules.retry.history import Asked, Heard, History, Number
from rules.retry.policy import RetryPolicy

_CLOSING = frozenset({Mark.TRADE_REFUSED, Mark.DEAD})


class Standing(Enum):
    """What is certain of a number."""

    PAID = "paid"
    OPEN = "open"
    """It may still be paid."""
    TURNED_AWAY = "turned away"
    """Nothing is under way; it is free to be sent again."""
    REFUSED = "refused"
    """Finally and surely: it is never paid again."""


@dataclass(frozen=True, slots=True)
class Case:
    """One number, how it stands, and by which answer."""

    number: Number
    standing: Standing
    calls: Sequence[Call]
    answers: Sequence[Marked]
    by: Heard | None
    """The answer that says so; None where nothing was heard at all."""

    @property
    def heard(self) -> list[Heard]:
        """Every answer about it."""
        return [one.heard for one in self.answers]

    @property
    def last_sent_us(self) -> int:
        """When it was sent last, at the latest."""
        return max(call.at_us for call in self.calls)


def case_of(number: Number, past: History, policy: RetryPolicy) -> Case:
    """Judge one number by all that is known of it."""
    own = past.of(number)
    calls, answers = marked(own)
    by_state = sorted(answers, key=lambda one: one.heard.as_of_us)
    standing = _standing(calls, by_state, policy)
    return Case(number, standing, calls, answers, _decisive(standing, answers))


def _standing(calls: Sequence[Call], answers: Sequence[Marked], policy: RetryPolicy) -> Standing:
    if any(one.mark is Mark.PAID for one in answers):
        return Standing.PAID
    proof = _last_proof(calls, answers, policy)
    if proof is None or any(one.mark is Mark.OPEN for one in answers[proof + 1 :]):
        return Standing.OPEN
    is_free = answers[proof].mark is Mark.TURNED_AWAY
    return Standing.TURNED_AWAY if is_free else Standing.REFUSED


def _last_proof(
    calls: Sequence[Call], answers: Sequence[Marked], policy: RetryPolicy
) -> int | None:
    """Find the last answer by which every call under the number is settled."""
    places = range(len(answers) - 1, -1, -1)
    return next((n for n in places if _settles(answers[n], calls, answers[:n], policy)), None)


def _settles(
    one: Marked, calls: Sequence[Call], before: Sequence[Marked], policy: RetryPolicy
) -> bool:
    if one.mark not in REFUSALS:
        return False
    if one.mark is Mark.DEAD:
        return True
    if len(calls) == 1 and not one.may_be_of_another_call:
        return one.mark in _CLOSING or not any(early.mark is Mark.OPEN for early in before)
    if one.call is not None:
        return all(call.mark in REFUSALS for call in calls)
    # A state that was read, or called back, late enough to tell of every call there was.
    last_us = max(call.at_us for call in calls)
    is_dated = one.heard.asked is Asked.QUERY or one.heard.occurred_us is not None
    is_late = one.heard.as_of_us >= last_us + policy.under_way_us
    return one.mark in _CLOSING and is_dated and is_late


def _decisive(standing: Standing, answers: Sequence[Marked]) -> Heard | None:
    """Give the answer that the advice is about: the payment, or the last that says anything."""
    wanted = {
        Standing.PAID: frozenset({Mark.PAID}),
        Standing.TURNED_AWAY: frozenset({Mark.TURNED_AWAY}),
        Standing.REFUSED: REFUSALS,
    }.get(standing, frozenset(Mark) - {Mark.NOTHING})
    said = [one.heard for one in answers if one.mark in wanted]
    return said[-1] if said else (answers[-1].heard if answers else None)
