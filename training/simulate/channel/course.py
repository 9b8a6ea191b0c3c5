"""The course of one submission: what is answered, what follows, and when the money moves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from training.simulate.channel.kinds import Trouble
from training.simulate.channel.luck import lognormal_us

SECOND_US = 1_000_000
_PAID_AFTER_S = {"order": (6.0, 1.1), "payout": (1_500.0, 1.0)}
"""Median seconds and spread from the submission to the money (assumed)."""
_LATE_US = 4 * 3_600 * SECOND_US
_CALLBACK_US = SECOND_US
_REPEAT_US = 60 * SECOND_US


@dataclass(frozen=True, slots=True)
class Turn:
    """From this instant on, a query says this; `pays` when the money moves with it."""

    at_us: int
    code: str
    pays: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One callback: when it is posted, and which turn it tells of."""

    at_us: int
    turn: int
    event: int
    """The same for a repeated callback."""


@dataclass(frozen=True, slots=True)
class Course:
    """Everything that will happen to one submission; its turns in their order of time."""

    turns: tuple[Turn, ...]
    calls: tuple[Call, ...]
    is_silent: bool = False
    """The submission itself gets no answer."""

    def at(self, now_us: int) -> Turn:
        """Say how things stand."""
        reached = [turn for turn in self.turns if turn.at_us <= now_us]
        return reached[-1] if reached else self.turns[0]


def course_of(turns: Sequence[Turn]) -> Course:
    """Call back a moment after each turn but a mere first "in flight"."""
    told = range(1 if len(turns) > 1 else 0, len(turns))
    calls = tuple(Call(turns[n].at_us + _CALLBACK_US, n, n) for n in told)
    return Course(tuple(turns), calls)


def paying(now_us: int, kind: str, drawn: float, in_flight: str, paid: str) -> Course:
    """In flight at first, paid some seconds or, for a payout, minutes later."""
    median_s, sigma = _PAID_AFTER_S[kind]
    paid_us = now_us + lognormal_us(drawn, median_s, sigma)
    return course_of([Turn(now_us, in_flight), Turn(paid_us, paid, pays=True)])


def troubled(course: Course, trouble: Trouble, in_flight: str) -> Course:
    """Let an answer go astray; the money is not touched by it."""
    match trouble:
        case Trouble.TIMEOUT_PAID | Trouble.TIMEOUT_REFUSED:
            return replace(course, is_silent=True)
        case Trouble.NEVER_SETTLED:
            return Course((Turn(course.turns[0].at_us, in_flight),), ())
        case Trouble.LATE_CALLBACK:
            late = tuple(replace(call, at_us=call.at_us + _LATE_US) for call in course.calls)
            return replace(course, calls=late)
        case Trouble.DUPLICATE_CALLBACK:
            again = (replace(call, at_us=call.at_us + _REPEAT_US) for call in course.calls)
            return replace(course, calls=(*course.calls, *again))
        case Trouble.OUT_OF_ORDER_CALLBACK:
            after = Call(course.turns[-1].at_us + _REPEAT_US, 0, len(course.turns))
            return replace(course, calls=(*course.calls, after))
        case Trouble.LOST_CALLBACK:
            return replace(course, calls=())
        case Trouble.TIMEOUT_LOST | Trouble.DOWN | Trouble.TOO_MANY:
            return course
