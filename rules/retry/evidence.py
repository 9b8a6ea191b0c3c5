"""What one answer proves about its number. An answer that proves nothing is said to."""

from enum import Enum

from features.outcome import OutcomeClass
from rules.codes import MappedOutcome
from rules.decision import Advice
from rules.retry.actions import RECONCILE, next_action
from rules.retry.history import Asked, Heard


class Mark(Enum):
    """What an answer says."""

    PAID = "paid"
    OPEN = "open"
    """The channel has it, and it may still be paid."""
    SILENCE = "silence"
    NOT_FOUND = "not found"
    TURNED_AWAY = "turned away"
    """This call became no trade; the number can be sent again."""
    CALL_REFUSED = "call refused"
    """This call finally became no trade; it says nothing about another call."""
    TRADE_REFUSED = "trade refused"
    """The trade under this number has finally failed."""
    DEAD = "dead"
    """The number is closed: nothing under it is ever paid again."""
    NOTHING = "nothing"
    """About the query itself, or about something else than the payment."""


REFUSALS = frozenset({Mark.TURNED_AWAY, Mark.CALL_REFUSED, Mark.TRADE_REFUSED, Mark.DEAD})
_OTHER_APIS = frozenset({"refund", "profitsharing"})
_STATE_APIS = frozenset({"trade", "trade_state", "trade_query", "settle"})
_STATE_SUBCLASSES = frozenset({"see_respcode", "read_message", "order_closed", "revoked"})
"""Rows that tell the trade's own state, not how a call went."""
_USED_BEFORE = frozenset({"duplicate", "duplicate_id", "idempotency_conflict", "buyer_mismatch"})
"""The number is known already, by a call whose fate this answer does not tell."""
_OF_TRADE = frozenset(
    {
        OutcomeClass.ACCOUNT_STATE,
        OutcomeClass.LIMIT,
        OutcomeClass.RISK_BLOCK,
        OutcomeClass.FRAUD,
        OutcomeClass.UNCLASSIFIED,
    }
)
"""Classes of refusals that judge the order; the others may as well be about the call."""
_OF_QUERIES = frozenset({OutcomeClass.LIMIT})
"""A limit that turns away is one on requests: a query meets it just as well."""
_NEVER_FINAL = frozenset({OutcomeClass.UNKNOWN, OutcomeClass.PAYER_ACTION, OutcomeClass.ACCEPTED})


def mark_of(heard: Heard, *, is_own: bool) -> Mark:
    """Tell what an answer proves; `is_own` says that it is that of the call itself."""
    if heard.found_nothing:
        return Mark.NOT_FOUND
    if heard.is_silence:
        return Mark.NOTHING if heard.asked is Asked.QUERY else Mark.SILENCE
    if heard.meaning.api in _OTHER_APIS:
        return Mark.NOTHING
    found = _of_meaning(heard.meaning)
    if found is Mark.TRADE_REFUSED and _is_vague(heard):
        return Mark.OPEN
    if is_own or found not in REFUSALS:
        return found
    is_about_query = found is Mark.TURNED_AWAY and heard.meaning.outcome_class in _OF_QUERIES
    return found if _tells_of_trade(heard) and not is_about_query else Mark.NOTHING


def answers_its_call(heard: Heard, *, after_no_call_taken: bool) -> bool:
    """Tell whether an answer is that of the call itself.

    Where that is not said, by what it follows: nobody queries before the first answer, nor after
    calls that were all turned away.
    """
    if heard.asked is not Asked.UNTOLD:
        return heard.asked is Asked.SUBMIT
    return after_no_call_taken


def is_turned_away(heard: Heard) -> bool:
    """Tell whether, by its meaning alone, a call became no trade and can be made again."""
    return _of_meaning(heard.meaning) is Mark.TURNED_AWAY


def forbids(heard: Heard) -> bool:
    """Tell whether an answer forbids every further try, under whatever number."""
    meaning = heard.meaning
    is_risk = meaning.outcome_class in (OutcomeClass.RISK_BLOCK, OutcomeClass.FRAUD)
    return (is_risk and meaning.final) or next_action(meaning.next_action).advice is Advice.NEVER


def _is_vague(heard: Heard) -> bool:
    """Tell whether a general refusal was not confirmed: only a query or a callback can."""
    if heard.meaning.outcome_class is not OutcomeClass.UNCLASSIFIED or _tells_state(heard.meaning):
        return False
    return heard.asked not in (Asked.QUERY, Asked.CALLBACK)


def _tells_state(meaning: MappedOutcome) -> bool:
    return meaning.api in _STATE_APIS or meaning.subclass in _STATE_SUBCLASSES


def _of_meaning(meaning: MappedOutcome) -> Mark:
    if meaning.outcome_class is OutcomeClass.ACCEPTED:
        is_paid = meaning.final or meaning.next_action == RECONCILE
        return Mark.PAID if is_paid else Mark.OPEN
    if meaning.outcome_class in _NEVER_FINAL or meaning.subclass in _USED_BEFORE:
        return Mark.OPEN
    if next_action(meaning.next_action).advice is Advice.SAME_ID:
        return Mark.TURNED_AWAY
    if not meaning.final:
        return Mark.OPEN
    if meaning.outcome_class is OutcomeClass.CANCELLED:
        return Mark.DEAD
    return Mark.TRADE_REFUSED if meaning.outcome_class in _OF_TRADE else Mark.CALL_REFUSED


def _tells_of_trade(heard: Heard) -> bool:
    """Tell whether an answer that may be a query's own error is about the trade all the same."""
    if _tells_state(heard.meaning):
        return True
    is_of_trade = heard.meaning.outcome_class in _OF_TRADE | {OutcomeClass.CANCELLED}
    return is_of_trade and heard.query_errors_prove
