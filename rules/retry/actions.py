"""What each `next_action` of the code tables asks for: which number, in what time, how often."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from rules.codes import QUERY
from rules.decision import Advice, Text
from rules.retry import phrases


class Pace(Enum):
    """From when the next step makes sense."""

    ASK = "ask"
    """As a query: soon, then ever more rarely."""
    BACK_OFF = "back off"
    """As a crowded channel: a minute, then ever more rarely."""
    LATER = "later"
    NEXT_DAY = "next day"
    NEXT_MONTH = "next month"
    BY_CODE = "by code"
    """The channel names a time of its own for each code."""
    ON_CHANGE = "on change"
    """As soon as the cause is removed; no clock says when."""


@dataclass(frozen=True, slots=True)
class NextAction:
    """What follows once the number's fate is certain; while it is open, a query always does.

    `at_most` is how many more times the channel allows, where a source says so.
    """

    advice: Advice
    pace: Pace
    text: Text
    at_most: int | None = None
    source: str = ""


def _same(pace: Pace, text: Text, at_most: int | None = None, source: str = "") -> NextAction:
    return NextAction(Advice.SAME_ID, pace, text, at_most, source)


def _new(pace: Pace, text: Text, at_most: int | None = None, source: str = "") -> NextAction:
    return NextAction(Advice.NEW_ID, pace, text, at_most, source)


def _ask(text: Text) -> NextAction:
    return NextAction(Advice.QUERY_FIRST, Pace.ASK, text)


_MENDED = _new(Pace.ON_CHANGE, phrases.MEND)
_LIMITED = _new(Pace.ON_CHANGE, phrases.LIMIT)
_STATE = _ask(phrases.READ_STATE)
_REASON = _new(Pace.ON_CHANGE, phrases.READ_REASON)
_NEVER = NextAction(Advice.NEVER, Pace.ON_CHANGE, phrases.STOP)
_ASKED = _ask(phrases.ASK)

SAYS_SAME = "same_id_retry"
"""The channel itself asks for the same number, although the result is not known."""
RECONCILE = "reconcile"
UNLISTED = _new(Pace.ON_CHANGE, phrases.CAUSE)
"""For what no table names, such as a user's own word."""
NEXT_ACTIONS: Mapping[str, NextAction] = {
    "backoff": _same(Pace.BACK_OFF, phrases.CROWDED),
    "backoff_same_id": _same(Pace.BACK_OFF, phrases.CROWDED),
    "later_same_order": _same(Pace.LATER, phrases.CLOSED_NOW),
    "top_up_same_id": _same(Pace.ON_CHANGE, phrases.TOP_UP),
    "fix_config": _same(Pace.ON_CHANGE, phrases.CONFIG),
    SAYS_SAME: _same(Pace.BACK_OFF, phrases.SAYS_SAME, 3, "S5 (twice or three times)"),
    "check_params_then_new": _MENDED,
    "fix_amount": _LIMITED,
    "fix_then_new": _MENDED,
    "reduce": _LIMITED,
    "reduce_or_switch": _LIMITED,
    "later_or_reduce": _new(Pace.LATER, phrases.LIMIT),
    "later_or_switch": _new(Pace.LATER, phrases.LIMIT_RESETS),
    "next_day": _new(Pace.NEXT_DAY, phrases.LIMIT_RESETS),
    "next_month": _new(Pace.NEXT_MONTH, phrases.LIMIT_RESETS),
    "later": _new(Pace.LATER, phrases.CLOSED_NOW),
    "soft_retry": _new(Pace.LATER, phrases.ISSUER),
    "retry_once": _new(Pace.BACK_OFF, phrases.ONCE, 1, "S10 (once, then another method)"),
    "timed_retry": _new(Pace.BY_CODE, phrases.ISSUER),
    "contact": _new(Pace.ON_CHANGE, phrases.CONTACT),
    "top_up": _new(Pace.ON_CHANGE, phrases.TOP_UP),
    "payer_action": _new(Pace.ON_CHANGE, phrases.PAYER),
    "payee_action": _new(Pace.ON_CHANGE, phrases.PAYEE),
    "step_up": _new(Pace.ON_CHANGE, phrases.PAYER),
    "switch_method": _new(Pace.ON_CHANGE, phrases.METHOD),
    "switch_payer": _new(Pace.ON_CHANGE, phrases.PAYER),
    "switch_payee_card": _new(Pace.ON_CHANGE, phrases.PAYEE),
    "new_id": _new(Pace.ON_CHANGE, phrases.CLOSED),
    "none": UNLISTED,
    "parse_msg": _REASON,
    "read_trade_respcode": _REASON,
    "check_id": _ask(phrases.NOT_FOUND),
    "query": _ASKED,
    QUERY: _ASKED,
    "query_then_switch": _ASKED,
    RECONCILE: _ask(phrases.RECONCILE),
    "read_status": _STATE,
    "read_trade_state": _STATE,
    "read_trade_status": _STATE,
    "never": _NEVER,
    "stop": _NEVER,
}


def next_action(name: str) -> NextAction:
    """Give what a next action asks for."""
    return NEXT_ACTIONS.get(name, UNLISTED)
