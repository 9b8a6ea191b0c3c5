"""Plans how to send an order again after all that is known of it. Pure.

Never a new number, unless every number that was ever sent is finally and surely refused; once any
of them was paid, never again. A late answer goes before an earlier one. While a number is open
only that number may be sent again, and only where the channel asks for it or lost the call.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from features.outcome import OutcomeClass
from features.times import US_PER_SECOND, from_us
from rules.codes import NO_ANSWER
from rules.decision import Advice, Retry, Text
from rules.pack import Pack
from rules.retry import phrases
from rules.retry.actions import SAYS_SAME, next_action
from rules.retry.evidence import Mark, forbids
from rules.retry.history import Heard, History
from rules.retry.numbers import next_number
from rules.retry.policy import POLICY, RetryPolicy
from rules.retry.standing import Case, Standing, case_of
from rules.retry.timing import query_from_us, send_from_us, tries_left


@dataclass(frozen=True, slots=True)
class _Step:
    """What to do, about which number, because of which answer."""

    advice: Advice
    what: Text
    by: Heard | None
    number: str | None = None
    from_us: int | None = None
    at_most: int | None = None
    then: Text | None = None


@dataclass(frozen=True, slots=True)
class _View:
    """Everything that one plan is made of."""

    past: History
    cases: Sequence[Case]
    pack: Pack
    now_us: int
    policy: RetryPolicy

    @property
    def calls_left(self) -> int:
        """Further calls before a person decides."""
        return max(0, self.policy.most_calls - sum(len(case.calls) for case in self.cases))


def plan(past: History, pack: Pack, now_us: int, policy: RetryPolicy = POLICY) -> Retry | None:
    """Say how to go on with an order as of an instant; None where it was never sent."""
    cases = tuple(case_of(number, past, policy) for number in past.numbers)
    if not cases:
        return None
    return _retry(_step(_View(past, cases, pack, now_us, policy)), now_us)


def _step(view: _View) -> _Step:
    paid = next((case for case in view.cases if case.standing is Standing.PAID), None)
    if paid is not None:
        return _Step(Advice.NEVER, phrases.PAID, paid.by, paid.number.text)
    unsettled = [case for case in view.cases if case.standing is not Standing.REFUSED]
    forbidding = [one for one in view.past.heard if forbids(one)]
    if forbidding:
        return _forbidden(forbidding[-1], unsettled)
    if len(unsettled) > 1:
        return _ask(view, unsettled[0], phrases.SEVERAL_OPEN)
    if unsettled:
        return _go_on(view, unsettled[0])
    return _start_anew(view)


def _forbidden(by: Heard, unsettled: Sequence[Case]) -> _Step:
    is_risk = next_action(by.meaning.next_action).advice is not Advice.NEVER
    what = phrases.RISK if is_risk else phrases.STOP
    still_open = [case.number.text for case in unsettled if case.standing is Standing.OPEN]
    if still_open:
        return _Step(Advice.NEVER, what, by, still_open[0], then=phrases.STILL_OPEN)
    return _Step(Advice.NEVER, what, by)


def _go_on(view: _View, case: Case) -> _Step:
    """Advise on the one number that is left: query it, or send it once more."""
    if _is_forgotten(view, case):
        return _ask(view, case, phrases.RECONCILE)
    by = case.by
    if by is not None and case.standing is Standing.TURNED_AWAY:
        return _same(view, case, by, next_action(by.meaning.next_action).text)
    if by is not None and _asks_for_same(case, by):
        return _same(view, case, by, phrases.SAYS_SAME)
    if by is not None and _is_lost(case, view.policy):
        return _same(view, case, by, phrases.LOST)
    return _ask(view, case, _why_open(case))


def _is_forgotten(view: _View, case: Case) -> bool:
    """Tell whether the channel may no longer know the number: then it may take it as a new one."""
    keeps = view.pack.number("query_keeps_seconds")
    first_us = min(call.at_us for call in case.calls)
    return keeps is not None and view.now_us - first_us > keeps * US_PER_SECOND


def _asks_for_same(case: Case, by: Heard) -> bool:
    """Tell whether the channel's last word was to call again, and whether tries are left."""
    if by is not case.answers[-1].heard or by.meaning.next_action != SAYS_SAME:
        return False
    return tries_left(case.heard, by, next_action(SAYS_SAME)) != 0


def _is_lost(case: Case, policy: RetryPolicy) -> bool:
    """Tell whether queries found nothing, often and late enough, since anything else was heard."""
    sent_us, missing = case.last_sent_us, 0
    for one in case.answers:
        if one.mark is Mark.NOT_FOUND and one.heard.at_us >= sent_us:
            missing += 1
        elif one.mark is Mark.OPEN:
            missing = 0
    last = case.answers[-1]
    is_late = last.heard.at_us >= sent_us + policy.not_found_after_us
    return last.mark is Mark.NOT_FOUND and is_late and missing >= policy.not_found_times


def _why_open(case: Case) -> Text:
    if case.by is None or case.by.is_silence:
        return phrases.ASK
    if case.by.found_nothing:
        return phrases.NOT_FOUND
    meant = next_action(case.by.meaning.next_action)
    if meant.advice is Advice.QUERY_FIRST:
        return meant.text
    if case.by.meaning.outcome_class is OutcomeClass.UNCLASSIFIED:
        return phrases.VAGUE
    return phrases.AGAIN_OPEN if len(case.calls) > 1 else phrases.ASK


def _ask(view: _View, case: Case, what: Text) -> _Step:
    at_us = query_from_us(case, view.pack, view.policy)
    return _Step(Advice.QUERY_FIRST, what, case.by, case.number.text, at_us)


def _same(view: _View, case: Case, by: Heard, what: Text) -> _Step:
    does = next_action(by.meaning.next_action)
    at_most = _fewer(view.calls_left, tries_left(case.heard, by, does))
    if not at_most:
        return _Step(Advice.NEVER, phrases.USED_UP, by, case.number.text)
    at_us = send_from_us(by, len(case.calls), does, view.pack, view.policy)
    return _Step(Advice.SAME_ID, what, by, case.number.text, at_us, at_most)


def _start_anew(view: _View) -> _Step:
    """Advise on an order whose every number is surely refused."""
    said = sorted((c.by for c in view.cases if c.by is not None), key=lambda one: one.at_us)
    by = said[-1]
    does = next_action(by.meaning.next_action)
    at_most = _fewer(view.calls_left, tries_left(said, by, does))
    if not at_most:
        return _Step(Advice.NEVER, phrases.USED_UP, by)
    at_us = send_from_us(by, len(view.cases), does, view.pack, view.policy)
    number = next_number(view.past, view.pack)
    return _Step(Advice.NEW_ID, does.text, by, number, at_us, at_most)


def _fewer(ours: int, theirs: int | None) -> int:
    return ours if theirs is None else min(ours, theirs)


_THEN = {
    Advice.QUERY_FIRST: phrases.QUERY_THEN,
    Advice.SAME_ID: phrases.SAME_THEN,
    Advice.NEW_ID: phrases.NEW_THEN,
    Advice.NEVER: phrases.NEVER_THEN,
}


def _retry(step: _Step, now_us: int) -> Retry:
    meaning = NO_ANSWER if step.by is None else step.by.meaning
    waits = step.from_us is not None and step.from_us > now_us
    return Retry(
        advice=step.advice,
        text=phrases.said(step.what, step.then or _THEN[step.advice]),
        outcome_class=meaning.outcome_class.value,
        next_action=meaning.next_action,
        not_before=from_us(step.from_us) if step.from_us is not None and waits else None,
        at_most=step.at_most,
        number=step.number,
    )
