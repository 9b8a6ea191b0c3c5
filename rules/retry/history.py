"""What is known of one order at its channels: what was sent, under which number; what was heard.

A number is what a channel tells two payments apart by: the attempt's `request_id`, or else the
order's own id. The same text at another channel is another number.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from features.order import Attempt, Order
from features.times import to_us
from rules.codes import NO_ANSWER, UNSEEN, MappedOutcome
from rules.packs import Packs

_US_PER_MS = 1_000


class Asked(StrEnum):
    """What an answer answers."""

    SUBMIT = "submit"
    """The call by which the order was sent."""
    QUERY = "query"
    CALLBACK = "callback"
    UNTOLD = "untold"
    """Whoever reported it did not say."""


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """One number at one channel."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One call that was made, whether it was answered or not."""

    number: Number
    at_us: int
    attempt_no: int


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer, or the silence after a call; `at_us` is when it arrived or was given up."""

    number: Number
    at_us: int
    asked: Asked
    meaning: MappedOutcome
    code: str | None = None
    """Its most precise raw code; None for a silence."""
    http_status: int | None = None
    attempt_no: int | None = None
    occurred_us: int | None = None
    query_errors_prove: bool = True
    """Whether, at this channel, an error code in answer to a query can be the trade's own."""

    @property
    def as_of_us(self) -> int:
        """The instant whose state it tells, as far as is known."""
        return self.at_us if self.occurred_us is None else self.occurred_us

    @property
    def is_silence(self) -> bool:
        """Tell whether nothing came back that can be read."""
        return self.code is None and self.meaning.subclass == NO_ANSWER.subclass

    @property
    def found_nothing(self) -> bool:
        """Tell whether the channel says that it does not know the number."""
        told = self.asked is Asked.QUERY and self.http_status == HTTPStatus.NOT_FOUND
        return self.meaning.subclass == "not_found" or (self.is_silence and told)


@dataclass(frozen=True, slots=True)
class History:
    """All of it, in the order of arrival; `channel` is where the order would go now."""

    order_id: str
    channel: str
    sent: tuple[Sent, ...] = ()
    heard: tuple[Heard, ...] = ()

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Every number that was ever used, the oldest first."""
        used = [(one.at_us, one.number) for one in self.sent]
        used += [(one.at_us, one.number) for one in self.heard]
        return tuple(dict.fromkeys(number for _, number in sorted(used)))

    def of(self, number: Number) -> "History":
        """Give what concerns one number."""
        return History(
            self.order_id,
            self.channel,
            tuple(one for one in self.sent if one.number == number),
            tuple(one for one in self.heard if one.number == number),
        )


def history_of(order: Order, packs: Packs) -> History:
    """Read an order's own attempts, each with the answer to its call.

    An answer of a channel that has no pack is unknown, as every code is that nobody has seen.
    """
    attempts = tuple(order.attempts)
    return history(
        order.order_id,
        order.channel,
        sent=(sent_by(order, one) for one in attempts),
        heard=(_answer(order, one, packs) for one in attempts),
    )


def history(order_id: str, channel: str, sent: Iterable[Sent], heard: Iterable[Heard]) -> History:
    """Put a history together in the order of time; one call that is told twice counts once."""
    calls = {(one.number, one.attempt_no, one.at_us): one for one in sent}
    return History(
        order_id,
        channel,
        tuple(sorted(calls.values(), key=lambda one: one.at_us)),
        tuple(sorted(heard, key=lambda one: one.at_us)),
    )


def sent_by(order: Order, attempt: Attempt) -> Sent:
    """Tell which call an attempt is."""
    return Sent(_number(order, attempt), to_us(attempt.sent_at), attempt.attempt_no)


def answers_in(order: Order, packs: Packs) -> Iterator[Heard]:
    """Yield what an order's attempts heard."""
    return (_answer(order, one, packs) for one in order.attempts)


def _number(order: Order, attempt: Attempt) -> Number:
    return Number(attempt.channel or order.channel, attempt.request_id or order.order_id)


def _answer(order: Order, attempt: Attempt, packs: Packs) -> Heard:
    number = _number(order, attempt)
    pack = packs.by_channel.get(number.channel)
    said = (attempt.raw_code, attempt.raw_sub_code, attempt.raw_message)
    return Heard(
        number=number,
        at_us=to_us(attempt.sent_at) + (attempt.latency_ms or 0) * _US_PER_MS,
        asked=Asked.SUBMIT,
        meaning=UNSEEN if pack is None else pack.map_outcome(None, *said),
        code=attempt.raw_sub_code or attempt.raw_code,
        http_status=attempt.http_status,
        attempt_no=attempt.attempt_no,
    )
