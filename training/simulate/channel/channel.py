"""One channel: idempotent by order number, with its books, and callbacks that may go astray."""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from hashlib import blake2b
from typing import assert_never

import msgspec

from features.order import Order
from features.times import from_us, to_us
from rules.packs import Pack
from training.simulate.channel.amounts import read_amount
from training.simulate.channel.books import ZONE, Books, Payment
from training.simulate.channel.course import SECOND_US, Call, Course, Turn, troubled
from training.simulate.channel.crowd import Capacity, Crowd, Strain
from training.simulate.channel.kinds import Kind, Trouble
from training.simulate.channel.luck import luck
from training.simulate.channel.protocol import Callback, ChannelError, Reply, Submission
from training.simulate.channel.script import Script, What, rough
from training.simulate.channel.verdict import Judge, Verdict


class Silence(Enum):
    """A submission that gets no answer of the channel."""

    TIMEOUT = "timeout"
    DOWN = "down"
    RATE_LIMITED = "rate_limited"


@dataclass(frozen=True, slots=True)
class Temper:
    """How a channel behaves: its seed, its script, its limit, and whether days are rough."""

    seed: int
    script: Script
    per_second: int | None = None
    is_rough: bool = False
    capacity: Capacity | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One order number: what was sent under it, and what becomes of it."""

    submission: Submission
    digest: bytes
    verdict: Verdict
    course: Course

    @property
    def trade_no(self) -> str:
        """The channel's own number for it."""
        return blake2b(self.submission.order_id.encode(), digest_size=8).hexdigest()


_NEVER_TAKEN: Mapping[str | None, Silence] = {
    Trouble.TIMEOUT_LOST: Silence.TIMEOUT,
    Trouble.DOWN: Silence.DOWN,
    Trouble.TOO_MANY: Silence.RATE_LIMITED,
}
_STRAINED: Mapping[Strain | None, Trouble] = {
    Strain.LOST: Trouble.TIMEOUT_LOST,
    Strain.TAKEN_UNANSWERED: Trouble.TIMEOUT_PAID,
}
_Due = tuple[int, int, Case, Turn | Call]


class Channel:
    """Takes submissions at simulated instants that never go back."""

    def __init__(self, pack: Pack, judge: Judge, temper: Temper, start_us: int) -> None:
        self.pack = pack
        self.books = Books()
        self._judge = judge
        self._temper = temper
        self._start_us = start_us
        self._cases: dict[str, Case] = {}
        self._tries: Counter[str] = Counter()
        self._due: list[_Due] = []
        self._numbered = 0
        self._second = 0
        self._in_second = 0
        self._crowd = Crowd(temper.capacity, temper.seed)

    def submit(self, submission: Submission, order: Order, now_us: int) -> Reply | Silence:
        """Take a submission, or say again what was said of its number."""
        known = self._cases.get(submission.order_id)
        if known is not None:
            same = known.digest == _digest(submission)
            return self._said(known, now_us) if same else self._duplicate(submission, now_us)
        if self._is_over_limit(now_us):
            return Silence.RATE_LIMITED
        strain = self._crowd.strain(submission.order_id, now_us)
        went_wrong = _STRAINED.get(strain) or self._trouble(submission, now_us)
        if went_wrong in _NEVER_TAKEN:
            return _NEVER_TAKEN[went_wrong]
        if strain is Strain.BUSY:
            case: Case | Silence = self._busy(submission, now_us)
        else:
            case = self._decide(submission, order, went_wrong, now_us)
        if isinstance(case, Silence):
            return case
        self._cases[submission.order_id] = case
        self._plan(case)
        return Silence.TIMEOUT if case.course.is_silent else self._said(case, now_us)

    def query(self, order_id: str, now_us: int) -> Reply | None:
        """Say how an order number stands; None where it never arrived."""
        case = self._cases.get(order_id)
        return None if case is None else self._said(case, now_us)

    def advance(self, now_us: int) -> Iterator[tuple[str, Callback]]:
        """Move money that is due, and yield each callback that is, with its notify URL."""
        while self._due and self._due[0][0] <= now_us:
            _, _, case, event = heapq.heappop(self._due)
            match event:
                case Turn():
                    self._pay(case, event)
                case Call():
                    if case.submission.notify_url is not None:
                        yield case.submission.notify_url, _callback(case, event)
                case _:
                    assert_never(event)

    def settlement(self, day: date, now_us: int) -> str:
        """Give a day's payments as CSV.

        Raises ChannelError before the day is over in Beijing: settlement comes at T+1.
        """
        ready = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(days=1)
        if now_us < to_us(ready):
            raise ChannelError(f"the settlement of {day} is ready at {ready.isoformat()}")
        return self.books.settlement(day)

    @property
    def next_due_us(self) -> int | None:
        """When money moves or a callback goes out next; None while nothing is planned."""
        return self._due[0][0] if self._due else None

    @property
    def slowness(self) -> float:
        """How slow it answers now, by congestion: from 0 to 1, as slow as a time-out."""
        return self._crowd.over

    @property
    def rate_limited_code(self) -> str | None:
        """The raw code that goes with HTTP 429, where the channel has one."""
        return self._judge.sheet.code_of(Kind.RATE_LIMITED)

    def _busy(self, submission: Submission, now_us: int) -> Case:
        """Turn it away at the door: the policy never sees it."""
        code = self._crowd.busy_code(submission.order_id) or self._judge.in_flight()
        course = Course((Turn(now_us, code),), ())
        return Case(submission, _digest(submission), Verdict(course, "busy"), course)

    def _decide(
        self, submission: Submission, order: Order, went_wrong: Trouble | What | None, now_us: int
    ) -> Case | Silence:
        verdict = self._judge.judge(submission, order, now_us)
        if went_wrong == "refuse":
            code = self._judge.sheet.code_of(Kind.OUTAGE) or self._judge.in_flight()
            course = Course((Turn(now_us, code),), ())
            return Case(submission, _digest(submission), verdict, course)
        trouble = verdict.trouble or (Trouble(went_wrong) if went_wrong else None)
        if trouble in _NEVER_TAKEN:
            return _NEVER_TAKEN[trouble]
        course = verdict.course
        if trouble is not None:
            course = troubled(course, trouble, self._judge.in_flight())
        return Case(submission, _digest(submission), verdict, course)

    def _trouble(self, submission: Submission, now_us: int) -> Trouble | What | None:
        drawn = luck(self._temper.seed, "script", submission.order_id)
        seconds = (now_us - self._start_us) / SECOND_US
        scripted = self._temper.script.at(seconds, drawn)
        if scripted is not None or not self._temper.is_rough:
            return scripted
        self._tries[submission.order_id] += 1
        part = f"rough {self._tries[submission.order_id]}"
        return rough(luck(self._temper.seed, part, submission.order_id))

    def _is_over_limit(self, now_us: int) -> bool:
        second = now_us // SECOND_US
        self._in_second = self._in_second + 1 if second == self._second else 1
        self._second = second
        limit = self._temper.per_second
        return limit is not None and self._in_second > limit

    def _said(self, case: Case, now_us: int) -> Reply:
        return Reply(
            order_id=case.submission.order_id,
            raw_code=case.course.at(now_us).code,
            answered_at=from_us(now_us),
            raw_message=case.verdict.because,
            trade_no=case.trade_no,
        )

    def _duplicate(self, submission: Submission, now_us: int) -> Reply:
        return Reply(
            order_id=submission.order_id,
            raw_code=self._judge.sheet.code_of(Kind.DUPLICATE),
            answered_at=from_us(now_us),
            raw_message="this number was used for another payload",
        )

    def _plan(self, case: Case) -> None:
        events: list[Turn | Call] = [turn for turn in case.course.turns if turn.pays]
        for event in [*events, *case.course.calls]:
            self._numbered += 1
            heapq.heappush(self._due, (event.at_us, self._numbered, case, event))

    def _pay(self, case: Case, turn: Turn) -> None:
        sent = case.submission
        self.books.enter(
            Payment(
                trade_no=case.trade_no,
                order_id=sent.order_id,
                purchase_id=sent.purchase_id or sent.order_id,
                amount_minor=read_amount(self.pack, sent.amount) or 0,
                currency=sent.currency,
                paid_us=turn.at_us,
            )
        )


def _callback(case: Case, call: Call) -> Callback:
    turn = case.course.turns[call.turn]
    return Callback(
        event_id=f"{case.trade_no}-{call.event}",
        order_id=case.submission.order_id,
        raw_code=turn.code,
        occurred_at=from_us(turn.at_us),
        trade_no=case.trade_no,
    )


def _digest(submission: Submission) -> bytes:
    """Fingerprint what was sent; when it was sent and where the answer goes are no part of it."""
    content = (submission.amount, submission.currency, submission.order)
    return blake2b(msgspec.json.encode(content, order="deterministic"), digest_size=16).digest()
