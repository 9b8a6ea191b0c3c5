"""A bounded world: one order, a merchant who obeys, a channel, and everything that can go wrong.

Time is whole seconds. A call is under way for half of the planner's own bound at most, and a query
reads a state that is that old at most; callbacks and late answers come whenever they like.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from rules.retry.policy import POLICY
from tests.retry.rails import Again, Rail, Said, Trade

ORDER = "ORDER00001"
SENDS = ("same_id", "new_id")
WINDOW_S = POLICY.under_way_us // 1_000_000
HALF_S = WINDOW_S // 2


class Report(NamedTuple):
    """One outcome as the merchant reports it: this is all that the ledger ever holds."""

    at_s: int
    number: str
    asked: str | None
    said: Said
    attempt_no: int | None
    occurred_s: int | None


class Flight(NamedTuple):
    """A call under way."""

    number: str
    attempt_no: int
    sent_s: int


class Mail(NamedTuple):
    """An answer or a callback on its way back."""

    number: str
    asked: str
    said: Said
    attempt_no: int | None
    occurred_s: int


class Known(NamedTuple):
    """A number at the channel: how it stands, how it stood before, and until when."""

    number: str
    trade: Trade
    before: Trade
    since_s: int


class World(NamedTuple):
    """Everything there is."""

    now_s: int
    reports: tuple[Report, ...]
    known: tuple[Known, ...]
    flights: frozenset[Flight]
    mail: frozenset[Mail]
    calls: int
    queries: int
    repeats: int
    waits: int

    @property
    def paid(self) -> int:
        return sum(one.trade is Trade.PAID for one in self.known)

    @property
    def payable(self) -> int:
        """How many numbers are paid or can still be, if nothing more is sent."""
        under_way = {flight.number for flight in self.flights}
        live = {one.number for one in self.known if one.trade in (Trade.PAID, Trade.PENDING)}
        return len(under_way | live)

    @property
    def numbers(self) -> int:
        return len({one.number for one in self.reports} | {one.number for one in self.known})

    def at(self, number: str) -> Known:
        fresh = Known(number, Trade.ABSENT, Trade.ABSENT, 0)
        return next((one for one in self.known if one.number == number), fresh)


@dataclass(frozen=True)
class Bounds:
    """How far the world is explored."""

    calls: int = 3
    numbers: int = 2
    queries: int = 2
    repeats: int = 1
    waits: int = 2


@dataclass(frozen=True)
class Merchant:
    """How much is said in a report, and whether a call is written down before it is made."""

    says_all: bool = True
    writes_down: bool = True
    tells_calls_only: bool = False
    """As an order's own attempts do: no query and no callback is told."""


class Step(NamedTuple):
    """What happened, and the world after it."""

    what: str
    world: World


class Advice(NamedTuple):
    """The part of the retry advice that the merchant obeys."""

    does: str
    number: str | None
    from_s: int


def start(bounds: Bounds) -> World:
    """Begin before the first call."""
    return World(
        1_000_000, (), (), frozenset(), frozenset(), 0, bounds.queries, bounds.repeats, bounds.waits
    )


@dataclass(frozen=True)
class Game:
    """The rules by which a world goes on; `advise` is the planner over a ledger's rows."""

    rail: Rail
    merchant: Merchant
    bounds: Bounds

    def steps(self, world: World, advice: Advice) -> Iterator[Step]:
        """Yield everything that can happen next, where it can still come to a second payment."""
        is_over = world.calls == self.bounds.calls and world.payable < 2
        if is_over and not self.rail.lies:
            return
        yield from self._merchant(world, advice)
        yield from self._channel(world)
        yield from self._post(world)
        if world.waits and not world.flights:
            yield Step(
                "a day goes by",
                world._replace(now_s=world.now_s + WINDOW_S, waits=world.waits - 1),
            )

    def is_broken(self, world: World, advice: Advice) -> bool:
        """Tell whether it was paid twice, or is to be sent although a payment is known.

        A channel that pays what it has refused can always be paid twice; then the rest counts.
        """
        is_known = any(report.said == self.rail.paid for report in world.reports)
        return (world.paid > 1 and not self.rail.lies) or (is_known and advice.does in SENDS)

    def _merchant(self, world: World, advice: Advice) -> Iterator[Step]:
        at_s = max(world.now_s, advice.from_s) + 1
        if any(at_s > flight.sent_s + HALF_S for flight in world.flights):
            return  # by then no call can be under way any more
        later = world._replace(now_s=at_s)
        if advice.does == "query_first" and world.queries and advice.number:
            yield from self._query(later, advice.number)
        if advice.does in SENDS:
            is_more = advice.does == "new_id" and world.numbers >= self.bounds.numbers
            if world.calls < self.bounds.calls and not is_more:
                own = f"{ORDER}P{world.calls}"  # where none is named, whoever sends picks one
                yield from self._send(later, advice.number or own)

    def _send(self, world: World, number: str) -> Iterator[Step]:
        attempt_no = world.calls + 1
        world = world._replace(calls=attempt_no)
        call = f"call {attempt_no} of {_short(number)}"
        for landed, said in self._landed(world, number):
            yield Step(
                f"{call} is answered {said}",
                self._told(landed, number, "submit", said, attempt_no, None),
            )
        flown = world._replace(flights=world.flights | {Flight(number, attempt_no, world.now_s)})
        if self.merchant.writes_down:
            flown = self._told(flown, number, "submit", Said(), attempt_no, None)
            yield Step(f"{call} times out", flown)
        else:
            yield Step(f"{call}, then a crash, and nobody remembers", flown)
            flown = self._told(flown, number, "submit", Said(), attempt_no, None)
            yield Step(f"{call} times out", flown)

    def _query(self, world: World, number: str) -> Iterator[Step]:
        world = world._replace(queries=world.queries - 1)
        known = world.at(number)
        answers = {known.trade}
        if world.now_s - known.since_s <= HALF_S:
            answers.add(known.before)
        said = {self.rail.state(trade) for trade in answers} | {*self.rail.query_errors}
        for one in sorted(said, key=str):
            told = self._told(world, number, "query", one, None, None)
            yield Step(f"a query of {_short(number)} says {one}", told)

    def _channel(self, world: World) -> Iterator[Step]:
        for flight in sorted(world.flights):
            rest = world._replace(flights=world.flights - {flight})
            yield Step(f"call {flight.attempt_no} is lost on its way", rest)
            for landed, said in self._landed(rest, flight.number):
                mail = Mail(flight.number, "submit", said, flight.attempt_no, landed.now_s)
                yield Step(
                    f"call {flight.attempt_no} arrives late: {said}",
                    landed._replace(mail=landed.mail | {mail}),
                )
        for known in world.known:
            for trade in self._next(known.trade):
                settled = self._settled(world, known.number, trade)
                yield Step(f"{_short(known.number)} is {trade.value}", settled)

    def _next(self, trade: Trade) -> Iterator[Trade]:
        """Tell what a trade can become by itself; a closed one stays closed."""
        if trade is Trade.PENDING:
            yield Trade.PAID
            yield Trade.REFUSED
        if trade is Trade.REFUSED and self.rail.lies:
            yield Trade.PAID
        if trade in (Trade.PENDING, Trade.REFUSED) and self.rail.closed is not None:
            yield Trade.CLOSED

    def _landed(self, world: World, number: str) -> Iterator[tuple[World, Said]]:
        """Let a call arrive: how the world and the answer can be then."""
        trade, again = world.at(number).trade, self.rail.again
        is_retried = again is Again.REOPENS and trade is Trade.REFUSED
        if trade not in (Trade.ABSENT, Trade.AWAY) and not is_retried:
            echoed = again is not Again.DUPLICATE
            yield world, self.rail.state(trade) if echoed else self.rail.duplicate
            return
        yield _with(world, number, Trade.PAID), self.rail.paid
        yield _with(world, number, Trade.PENDING), self.rail.pending
        yield _with(world, number, Trade.REFUSED), self.rail.refused_call
        if self.rail.away is not None:
            yield _with(world, number, Trade.AWAY), self.rail.away
        if self.rail.unsure is not None:
            yield world, self.rail.unsure
            yield _with(world, number, Trade.PENDING), self.rail.unsure

    def _settled(self, world: World, number: str, trade: Trade) -> World:
        mail = Mail(number, "callback", self.rail.state(trade), None, world.now_s)
        return _with(world, number, trade)._replace(mail=world.mail | {mail})

    def _post(self, world: World) -> Iterator[Step]:
        later = world._replace(now_s=world.now_s + 1)
        for mail in sorted(world.mail, key=str):
            once = later._replace(mail=later.mail - {mail})
            what = f"a {mail.asked} answer about {_short(mail.number)} comes: {mail.said}"
            told = (mail.number, mail.asked, mail.said, mail.attempt_no, mail.occurred_s)
            yield Step(what, self._told(once, *told))
            if world.repeats and mail.asked == "callback":
                twice = later._replace(repeats=later.repeats - 1)
                yield Step(f"{what}, and will come again", self._told(twice, *told))

    def _told(
        self,
        world: World,
        number: str,
        asked: str,
        said: Said,
        attempt_no: int | None,
        occurred_s: int | None,
    ) -> World:
        """Report an answer to the service; its ledger is all that survives a restart."""
        if asked != "submit" and self.merchant.tells_calls_only:
            return world
        dated = occurred_s if asked == "callback" else None
        report = Report(world.now_s, number, asked, said, attempt_no, dated)
        if not self.merchant.says_all:
            report = report._replace(asked=None, attempt_no=None, occurred_s=None)
        return world._replace(reports=(*world.reports, report))


def _with(world: World, number: str, trade: Trade) -> World:
    known = Known(number, trade, world.at(number).trade, world.now_s)
    others = tuple(one for one in world.known if one.number != number)
    return world._replace(known=tuple(sorted((*others, known), key=lambda one: one.number)))


@cache
def _short(number: str) -> str:
    return "the number" if number == ORDER else f"new number {number[len(ORDER) :][:2]}"
