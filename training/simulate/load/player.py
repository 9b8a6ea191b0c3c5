"""Plays single orders: score, act, submit, follow up, report back; in this order for each of them.

Which order is played when is decided elsewhere: one after another (`in_step`) or many at a time
(`paced`). What is due later, a query after a time-out or another try, waits here with its
simulated instant. The same number is kept throughout, so nothing is paid twice.
"""

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from itertools import count
from typing import Any, Literal

import msgspec

from features.edge import encode_order
from features.order import Order
from features.times import from_us, to_us
from rules.packs import Packs
from training.simulate.channel.amounts import render_amount
from training.simulate.channel.protocol import Callback, Reply
from training.simulate.channel.registry import Fate
from training.simulate.load.clients import (
    Advice,
    ChannelClient,
    NeverArrived,
    NoAnswer,
    NotTaken,
    Service,
)
from training.simulate.load.conduct import (
    Conduct,
    Held,
    document_of,
    grounds_of,
    mended,
    queries_first,
)
from training.simulate.load.course import Played

_MINUTE_US = 60_000_000
_QUERY_AFTER_US = tuple(_MINUTE_US * minutes for minutes in (1, 10, 60, 360, 1_440, 4_320, 14_400))
"""After an answer that settles nothing: when it is asked again, the last time after ten days."""
_AGAIN_AFTER_US = _MINUTE_US
_MOST_TRIES = 20
_ASK_AFTER_US = 10 * _MINUTE_US
"""Where the advice is to wait and does not say until when."""
_MOST_WAITS = 50
_MOST_TURNS = 3
"""Patches and channels that are gone through for one order before it is left where it is."""
_REPORTED_BUSY = frozenset({"processing", "in_flight"})
"""An answer that only says "wait" is no outcome yet and is not reported."""


class _Next(Enum):
    QUERY = "query"
    SEND_AGAIN = "send again"
    ASK_AGAIN = "ask again"


@dataclass(frozen=True, slots=True)
class Ends:
    """Whom a load plays against; `move_clock` is the service's own clock, where it is steered."""

    service: Service
    channel: ChannelClient
    packs: Packs
    move_clock: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Timed:
    """An order, and when it was known: its own `placed_at` may be a slip of a clock."""

    at_us: int
    order: Order


_Body = dict[str, Any]
_Asked = Literal["submit", "query", "callback"]
Said = Reply | NotTaken | NoAnswer


class Player:
    """Knows every order that is played, and what has to be followed up."""

    def __init__(self, ends: Ends, conduct: Conduct, notify_url: str) -> None:
        self._ends = ends
        self._conduct = conduct
        self._notify_url = notify_url
        self._bodies: dict[str, _Body] = {}
        self._waiting: dict[str, Timed] = {}
        """Orders that wait, with the instant at which they were asked about last."""
        self._due: list[tuple[int, str, int, _Next]] = []
        self._numbers = count()
        self._now_us = 0
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.played: dict[str, Played] = {}

    def lock(self, order_id: str) -> asyncio.Lock:
        """Give the lock that keeps the events of one order apart; callbacks wait for it too."""
        return self._locks[order_id]

    async def score(self, timed: Timed, fate: Fate) -> Played:
        """Ask for advice and decide by it; `sent_minor` of the result tells whether to submit."""
        order = timed.order
        played = Played(order.order_id, order.channel, _party(order), order.amount_minor, fate)
        self.played[order.order_id] = played
        await self._decide(played, timed)
        return played

    async def submit(self, played: Played, at_us: int, turn: str) -> Said:
        """Hand an order over at a simulated instant, in its turn."""
        body = self._bodies[played.order_id] | {"sent_at": from_us(at_us)}
        return await self._ends.channel.submit(played.channel, body, turn)

    async def hear(self, played: Played, said: Said, at_us: int) -> None:
        """Report what was said to a submission, and plan what has to follow."""
        match said:
            case Reply():
                await self._learn(played, said.raw_code, at_us, "submit")
                if played.outcome is None:
                    self._plan(played, _Next.QUERY, at_us + _QUERY_AFTER_US[0])
            case NoAnswer():
                played.timeouts += 1
                silence = {"http_status": said.status} if said.status else {}
                told = {**silence, "channel": played.channel, "asked": "submit"}
                await self._ends.service.report(played.order_id, told)
                self._plan(played, _Next.QUERY, at_us + _QUERY_AFTER_US[0])
            case NotTaken() if played.resent < _MOST_TRIES:
                played.resent += 1
                self._plan(played, _Next.SEND_AGAIN, at_us + _AGAIN_AFTER_US * played.resent)
            case NotTaken():
                pass  # never taken: it stays without an outcome

    async def take(self, callback: Callback) -> None:
        """Take a callback, after what its order is doing; a repeated one changes nothing."""
        played = self.played.get(callback.order_id)
        if played is None:
            return
        async with self.lock(callback.order_id):
            if callback.event_id not in played.events:
                played.events.add(callback.event_id)
                at_us = to_us(callback.occurred_at)
                await self._learn(played, callback.raw_code, at_us, "callback")

    async def reach(self, instant_us: int) -> None:
        """Do what is due before an instant in the order of time, then move all clocks there.

        The channel's clock is moved for what is due there; a submission tells it the rest.
        """
        while (at_us := self._next_us()) is not None and at_us <= instant_us:
            self._move_to(at_us)
            if _is_due(self._ends.channel.next_due_us, self._now_us):
                await self._ends.channel.move_clock(self._now_us)
            while self._due and self._due[0][0] <= self._now_us:
                _, order_id, _, what = heapq.heappop(self._due)
                await self._follow_up(order_id, what)
        self._move_to(instant_us)

    async def finish(self) -> None:
        """Follow up until nothing is due; tries are bounded, so this ends."""
        while self._due:
            await self.reach(self._due[0][0])
        await self.reach(self._now_us + 2 * _QUERY_AFTER_US[-1])

    async def _decide(self, played: Played, timed: Timed) -> None:
        """Obey the advice: patch and ask again, send elsewhere, wait, or prepare to send."""
        order, advice = await self._advice(played, timed.order)
        first = advice
        for _ in range(_MOST_TURNS):
            patch = self._conduct.turn(advice)
            if not patch:
                break
            played.is_fixed = played.is_fixed or self._conduct.fix(advice) is not None
            order = msgspec.convert(mended(document_of(order), patch), Order)
            order, advice = await self._advice(played, order)
        played.action = played.action or first.action
        played.is_reviewed = played.is_reviewed or self._conduct.reviews(advice)
        if played.is_reviewed and played.review_us == 0:
            played.review_us = self._conduct.review_us
        played.because = grounds_of(advice)
        played.held = self._conduct.held(advice, played.fate)
        if played.held is None:
            self._prepare(played, order, advice)
        elif played.held is Held.WAITING:
            self._put_off(played, Timed(timed.at_us, order), advice)

    def _put_off(self, played: Played, timed: Timed, advice: Advice) -> None:
        """Ask again at the instant that was told, or a little later where none was."""
        if played.waits == _MOST_WAITS:
            return
        played.waits += 1
        until = None if advice.wait is None else advice.wait.until
        at_us = timed.at_us + _ASK_AFTER_US if until is None else to_us(until)
        self._waiting[played.order_id] = timed
        self._plan(played, _Next.ASK_AGAIN, max(at_us, timed.at_us + 1))

    async def _advice(self, played: Played, order: Order) -> tuple[Order, Advice]:
        """Ask for advice; where it is to query first, query, report what was said, and ask again.

        Of a number that the channel never heard of no attempt is stated any more: the service
        remembers them, and says when the same number may be sent.
        """
        advice = await self._ends.service.score(encode_order(order))
        if not (self._conduct.obeys and queries_first(advice)):
            return order, advice
        if not await self._was_found(played, order):
            order = msgspec.structs.replace(order, attempts=())
        return order, await self._ends.service.score(encode_order(order))

    def _prepare(self, played: Played, order: Order, advice: Advice) -> None:
        fix = self._conduct.fix(advice)
        played.is_fixed = played.is_fixed or fix is not None
        sent = mended(document_of(order), () if fix is None else fix.patch)
        if order.channel != played.channel:
            played.rerouted_from, played.channel = played.channel, order.channel
        played.sent_minor = sent["amount_minor"]
        self._bodies[played.order_id] = {
            "order_id": order.order_id,
            "purchase_id": order.order_id,
            "amount": render_amount(self._ends.packs[played.channel], sent["amount_minor"]),
            "currency": order.currency,
            "order": sent,
            "notify_url": self._notify_url,
        }

    async def _was_found(self, played: Played, order: Order) -> bool:
        """Ask the channel about an order's number, and report the answer."""
        played.queried_first = True
        said = await self._ends.channel.query(order.channel, order.order_id)
        told: _Body = {"channel": order.channel, "asked": "query"}
        match said:
            case Reply():
                told["raw_code"] = said.raw_code
            case NeverArrived():
                told["http_status"] = HTTPStatus.NOT_FOUND
            case NoAnswer():
                pass
        await self._ends.service.report(order.order_id, told)
        return not isinstance(said, NeverArrived)

    async def _follow_up(self, order_id: str, what: _Next) -> None:
        played = self.played[order_id]
        if what is _Next.SEND_AGAIN:
            await self._send_again(played)
        elif what is _Next.ASK_AGAIN:
            await self._ask_again(played)
        elif not _is_settled(played):
            await self._query(played)

    async def _ask_again(self, played: Played) -> None:
        """Ask about an order whose wait is over, and send it if nothing holds it any more."""
        before = self._waiting.pop(played.order_id)
        played.waited_us += self._now_us - before.at_us
        await self._decide(played, Timed(self._now_us, before.order))
        if played.was_sent:
            await self._send_again(played)

    async def _send_again(self, played: Played) -> None:
        said = await self.submit(played, self._now_us, self._ends.channel.next_turn())
        await self.hear(played, said, self._now_us)

    async def _query(self, played: Played) -> None:
        await self._ends.channel.move_clock(self._now_us)
        if _is_settled(played):  # by a callback that was due meanwhile
            return
        played.queries += 1
        said = await self._ends.channel.query(played.channel, played.order_id)
        if isinstance(said, NeverArrived):
            if played.resent < _MOST_TRIES:
                played.resent += 1
                await self._send_again(played)
            return
        if isinstance(said, Reply):
            await self._learn(played, said.raw_code, self._now_us, "query")
        if not _is_settled(played) and played.queries < len(_QUERY_AFTER_US):
            after_us = _QUERY_AFTER_US[played.queries]
            self._plan(played, _Next.QUERY, self._now_us + after_us)

    async def _learn(
        self, played: Played, raw_code: str | None, occurred_us: int, asked: _Asked
    ) -> None:
        """Take an answer: the latest final one counts, an open one never replaces it."""
        pack = self._ends.packs[played.channel]
        meaning = pack.map_outcome(None, raw_code)
        if played.outcome is not None and (
            not meaning.final
            or occurred_us < played.settled_us
            or meaning.outcome_class is played.outcome
        ):
            return
        if meaning.final:
            played.outcome, played.settled_us = meaning.outcome_class, occurred_us
        if meaning.final or meaning.subclass not in _REPORTED_BUSY:
            said = {"raw_code": raw_code, "channel": played.channel, "asked": asked}
            await self._ends.service.report(played.order_id, said)

    def _plan(self, played: Played, what: _Next, at_us: int) -> None:
        heapq.heappush(self._due, (at_us, played.order_id, next(self._numbers), what))

    def _next_us(self) -> int | None:
        """When something is due next, here or at the channel."""
        planned = [self._due[0][0]] if self._due else []
        due_us = self._ends.channel.next_due_us
        return min([*planned, *([] if due_us is None else [due_us])], default=None)

    def _move_to(self, instant_us: int) -> None:
        self._now_us = max(self._now_us, instant_us)
        self._ends.move_clock(self._now_us)


def _is_due(at_us: int | None, now_us: int) -> bool:
    return at_us is not None and at_us <= now_us


def _is_settled(played: Played) -> bool:
    return played.outcome is not None


def _party(order: Order) -> str:
    if order.payout is not None:
        return f"payee {order.payout.payee.id}"
    return f"buyer {order.buyer.id if order.buyer else order.order_id}"
