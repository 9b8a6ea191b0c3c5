"""Faults planted into the planner; each is one that a hurried hand could make."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import pytest

from features.outcome import OutcomeClass
from rules.codes import MappedOutcome
from rules.decision import Advice, Retry
from rules.packs import Packs
from rules.retry import calls, evidence, plan
from rules.retry.history import Asked, Heard, History
from rules.retry.numbers import next_number
from rules.retry.policy import RetryPolicy
from tests.retry.explorer import Plan, shipped
from tests.retry.rails import Again, Rail, jd_payout, lakala_payout, wechat_pay
from tests.retry.world import Bounds, Merchant

REFUSED = MappedOutcome(
    outcome_class=OutcomeClass.VALIDATION,
    subclass=None,
    final=True,
    next_action="fix_then_new",
    source=None,
    grade=None,
)
_Misreads = Callable[[Heard], bool]
_Patch = pytest.MonkeyPatch
CAREFUL = Merchant()
FORGETFUL = Merchant(writes_down=False)


@dataclass(frozen=True)
class Fault:
    """One fault, and the smallest world in which it pays twice."""

    name: str
    plant: Callable[[_Patch], Plan]
    rail: Rail
    bounds: Bounds
    merchant: Merchant = CAREFUL


def taking_for_refused(misreads: _Misreads) -> Callable[[_Patch], Plan]:
    """Take some answers for a final refusal of the call."""

    def read(one: Heard) -> Heard:
        if not misreads(one):
            return one
        return replace(one, meaning=REFUSED, code="X", asked=Asked.SUBMIT, http_status=None)

    def advise(past: History, packs: Packs, now_us: int) -> Retry | None:
        return shipped(replace(past, heard=tuple(map(read, past.heard))), packs, now_us)

    return lambda _: advise


def seeing_only(kept: Callable[[History], History]) -> Callable[[_Patch], Plan]:
    """Plan by a part of the history."""
    return lambda _: lambda past, packs, now_us: shipped(kept(past), packs, now_us)


def _last_number(past: History) -> History:
    return past.of(past.numbers[-1])


def _last_answer(past: History) -> History:
    return replace(past, sent=(), heard=past.heard[-1:])


def _no_payment_before_a_refusal(past: History) -> History:
    """Let the latest word count, whatever was heard before."""
    refusals = [n for n, one in enumerate(past.heard) if one.meaning.final and not _paid(one)]
    if not refusals:
        return past
    heard = tuple(one for n, one in enumerate(past.heard) if n > refusals[-1] or not _paid(one))
    return replace(past, heard=heard)


def _paid(one: Heard) -> bool:
    return one.meaning.outcome_class is OutcomeClass.ACCEPTED


def _new_after_not_found(_: _Patch) -> Plan:
    def advise(past: History, packs: Packs, now_us: int) -> Retry | None:
        retry = shipped(past, packs, now_us)
        if retry is None or not past.heard[-1].found_nothing:
            return retry
        name = next_number(past, packs[past.channel])
        return msgspec.structs.replace(retry, advice=Advice.NEW_ID, number=name, not_before=None)

    return advise


def _no_patience(_: _Patch) -> Plan:
    hasty = RetryPolicy(under_way_us=0)
    return lambda past, packs, now_us: plan(past, packs[past.channel], now_us, hasty)


def _naming_no_number(_: _Patch) -> Plan:
    def advise(past: History, packs: Packs, now_us: int) -> Retry | None:
        retry = shipped(past, packs, now_us)
        if retry is None or retry.advice is not Advice.NEW_ID:
            return retry
        return msgspec.structs.replace(retry, number=None)

    return advise


def _patched(owner: object, name: str, answer: object) -> Callable[[_Patch], Plan]:
    def plant(monkeypatch: _Patch) -> Plan:
        monkeypatch.setattr(owner, name, lambda *_: answer)
        return shipped

    return plant


SMALL = Bounds(calls=2, queries=1, repeats=0, waits=1)
FAULTS = (
    Fault(
        "a time-out is failed",
        taking_for_refused(lambda one: one.is_silence),
        jd_payout(Again.ECHO),
        SMALL,
    ),
    Fault(
        "processing is failed",
        taking_for_refused(lambda one: one.meaning.subclass in ("processing", "in_flight")),
        jd_payout(Again.ECHO),
        SMALL,
    ),
    Fault(
        "a system error is failed",
        taking_for_refused(lambda one: one.meaning.subclass == "system"),
        jd_payout(Again.ECHO),
        SMALL,
    ),
    Fault(
        "a duplicate number is refused",
        taking_for_refused(lambda one: (one.meaning.subclass or "").startswith("duplicate")),
        jd_payout(Again.DUPLICATE),
        Bounds(calls=3, queries=0, repeats=0, waits=0),
        FORGETFUL,
    ),
    Fault("a new number after not found", _new_after_not_found, jd_payout(Again.ECHO), SMALL),
    Fault(
        "an error of the query is the payout's",
        _patched(evidence, "_tells_of_trade", True),
        jd_payout(Again.ECHO),
        SMALL,
    ),
    Fault(
        "only the last number is remembered",
        seeing_only(_last_number),
        replace(lakala_payout(Again.ECHO), lies=True),
        Bounds(calls=2, queries=0, repeats=0, waits=0),
    ),
    Fault(
        "only the last answer counts",
        seeing_only(_last_answer),
        wechat_pay(Again.REOPENS),
        Bounds(calls=3, queries=0, repeats=0, waits=0),
    ),
    Fault(
        "a refusal undoes a payment",
        seeing_only(_no_payment_before_a_refusal),
        wechat_pay(Again.REOPENS),
        Bounds(calls=3, queries=0, repeats=1, waits=0),
    ),
    Fault(
        "an earlier call of the number is forgotten",
        _no_patience,
        wechat_pay(Again.REOPENS),
        Bounds(calls=3, queries=1, repeats=0, waits=0),
    ),
    Fault(
        "an answer without its call is the only call's",
        _patched(calls, "_invites", False),
        wechat_pay(Again.REOPENS),
        Bounds(calls=3, queries=1, repeats=0, waits=0),
        Merchant(says_all=False),
    ),
    Fault(
        "the new number is not named",
        _naming_no_number,
        jd_payout(Again.ECHO),
        Bounds(calls=3, numbers=3, queries=0, repeats=0, waits=0),
        FORGETFUL,
    ),
)
