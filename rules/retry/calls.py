"""The calls that were made under one number, each with the answers to it.

Where a report does not say which call it answers, it counts as a call of its own: a call too many
only makes us wait, a call too few might pay twice.
"""

from dataclasses import dataclass

from rules.retry.actions import SAYS_SAME
from rules.retry.evidence import Mark, answers_its_call, is_turned_away, mark_of
from rules.retry.history import Asked, Heard, History, Sent


@dataclass(slots=True)
class Call:
    """One call under a number; `at_us` is the latest instant at which it can have been sent."""

    at_us: int
    attempt_no: int | None
    mark: Mark | None = None
    """What its own answer said last; None where there was none."""

    @property
    def is_stray(self) -> bool:
        """Tell whether it may still be under way."""
        return self.mark in (None, Mark.SILENCE)

    def hear(self, mark: Mark) -> None:
        """Take an answer of its own; a silence never undoes an answer."""
        if mark is not Mark.SILENCE or self.mark is None:
            self.mark = mark


@dataclass(frozen=True, slots=True)
class Marked:
    """One answer with what it proves, and the call that it answers, if it is a call's."""

    heard: Heard
    mark: Mark
    call: Call | None
    may_be_of_another_call: bool = False
    """Nobody said whose answer it is, and by then the number could have been sent again."""


def marked(past: History) -> tuple[tuple[Call, ...], tuple[Marked, ...]]:
    """Read the history of one number: its calls, and what every answer proves."""
    calls = [_call_of(one) for one in past.sent]
    answers: list[Marked] = []
    is_untaken, is_invited = True, False
    for heard in past.heard:
        one = _marked(heard, calls, is_untaken=is_untaken, is_invited=is_invited)
        is_untaken = is_untaken and is_turned_away(heard)
        is_invited = is_invited or _invites(one)
        answers.append(one)
    if not calls:  # told of by queries alone: somebody must have sent it
        calls.append(Call(past.heard[0].at_us, None))
    return tuple(calls), tuple(answers)


def _marked(heard: Heard, calls: list[Call], *, is_untaken: bool, is_invited: bool) -> Marked:
    is_own = answers_its_call(heard, after_no_call_taken=is_untaken)
    mark = mark_of(heard, is_own=is_own)
    is_own = is_own or mark is Mark.SILENCE
    is_doubtful = not is_own and heard.asked is Asked.UNTOLD and is_invited
    if not is_own and not (is_doubtful and mark is Mark.OPEN):
        return Marked(heard, mark, None, is_doubtful)
    call = _found(calls, heard, mark)
    call.hear(mark)
    return Marked(heard, mark, call, is_doubtful)


def _invites(one: Marked) -> bool:
    """Tell whether, after an answer, the same number may have been sent again."""
    says_same = one.heard.meaning.next_action == SAYS_SAME
    return says_same or one.mark in (Mark.NOT_FOUND, Mark.TURNED_AWAY)


def _call_of(sent: Sent) -> Call:
    return Call(sent.at_us, sent.attempt_no)


def _found(calls: list[Call], heard: Heard, mark: Mark) -> Call:
    """Find the call that an answer belongs to, or count another one."""
    for call in calls:
        if call.attempt_no is not None and call.attempt_no == heard.attempt_no:
            return call
    if heard.attempt_no is None:
        for call in calls:
            if _may_be_its(call, heard, mark):
                return call
    calls.append(Call(heard.at_us, heard.attempt_no))
    return calls[-1]


def _may_be_its(call: Call, heard: Heard, mark: Mark) -> bool:
    """Tell whether an answer without a number of its call can be that of a written-down call."""
    unheard = call.mark is None or (call.mark is mark is Mark.SILENCE)
    return call.attempt_no is not None and unheard and call.at_us <= heard.at_us
