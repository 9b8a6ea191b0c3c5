"""From when the next step makes sense, and how often it may be taken at most."""

from collections.abc import Sequence
from typing import assert_never

from features.outcome import OutcomeClass
from features.times import US_PER_SECOND
from rules.pack import Pack
from rules.retry.actions import NextAction, Pace
from rules.retry.evidence import Mark
from rules.retry.history import Asked, Heard
from rules.retry.policy import (
    CODE_WAITS_US,
    ISSUER_MOST,
    ISSUER_SOURCE,
    ISSUER_WITHIN_US,
    BackOff,
    RetryPolicy,
    next_day_us,
    next_month_us,
)
from rules.retry.standing import Case

_ZONE = "Asia/Shanghai"
"""For a channel that does not state its own (H)."""
_DAY_PREFIX, _MONTH_PREFIX = "daily", "monthly"


def query_from_us(case: Case, pack: Pack, policy: RetryPolicy) -> int:
    """Give the instant of the next query: by the channel's own rhythm while it states one."""
    asked = [one.heard for one in case.answers if one.heard.asked is Asked.QUERY]
    since = [heard for heard in asked if heard.at_us >= case.last_sent_us]
    last_us = max([case.last_sent_us, *(one.heard.at_us for one in case.answers)])
    stated = _stated_us(case, pack, len(since), last_us)
    return last_us + (policy.queries.after(len(since)) if stated is None else stated)


def send_from_us(
    last: Heard, tries: int, does: NextAction, pack: Pack, policy: RetryPolicy
) -> int | None:
    """Give the instant of the next call; None where no clock says when.

    `tries` counts the calls that ended as the last one did.
    """
    match pace_of(last, does):
        case Pace.ON_CHANGE | Pace.ASK:
            return None
        case Pace.BACK_OFF:
            return last.at_us + _step(policy.crowded, tries)
        case Pace.LATER:
            return last.at_us + _step(policy.later, tries)
        case Pace.NEXT_DAY:
            return next_day_us(last.at_us, pack.text("time_zone") or _ZONE)
        case Pace.NEXT_MONTH:
            return next_month_us(last.at_us, pack.text("time_zone") or _ZONE)
        case Pace.BY_CODE:
            known = CODE_WAITS_US.get(last.code or "")
            return last.at_us + (_step(policy.later, tries) if known is None else known)
        case other:
            assert_never(other)


def tries_left(answers: Sequence[Heard], last: Heard, does: NextAction) -> int | None:
    """Count the further tries that the channel or the scheme allows; None where nobody says."""
    alike = [one for one in answers if one.meaning.next_action == last.meaning.next_action]
    if does.at_most is not None:
        further = len([one for one in alike if one.asked is not Asked.QUERY]) - 1
        return max(0, does.at_most - further)
    if last.meaning.source == ISSUER_SOURCE:
        recent = [one for one in answers if one.at_us > last.at_us - ISSUER_WITHIN_US]
        return max(0, ISSUER_MOST + 1 - len(recent))
    return None


def _stated_us(case: Case, pack: Pack, asked: int, last_us: int) -> int | None:
    first = pack.number("query_after_seconds")
    if not asked:
        return None if first is None else int(first * US_PER_SECOND)
    every, until = pack.number("query_every_seconds"), pack.number("query_until_seconds")
    waits_for_payer = any(
        one.heard.meaning.outcome_class is OutcomeClass.PAYER_ACTION
        for one in case.answers
        if one.mark is Mark.OPEN
    )
    if every is None or until is None or not waits_for_payer:
        return None
    is_within = last_us - case.last_sent_us < until * US_PER_SECOND
    return int(every * US_PER_SECOND) if is_within else None


def pace_of(last: Heard, does: NextAction) -> Pace:
    """Tell from when; a limit's own name tells its period, where the next action does not."""
    if does.pace is not Pace.LATER or last.meaning.outcome_class is not OutcomeClass.LIMIT:
        return does.pace
    subclass = last.meaning.subclass or ""
    if subclass.startswith(_DAY_PREFIX):
        return Pace.NEXT_DAY
    return Pace.NEXT_MONTH if subclass.startswith(_MONTH_PREFIX) else does.pace


def _step(steps: BackOff, tries: int) -> int:
    return steps.after(max(0, tries - 1))
