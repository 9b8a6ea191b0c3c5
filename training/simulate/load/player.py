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
from itertools import count
from typing import Any

import msgspec

from features.edge import encode_order
from features.order import Order
from features.times import from_us, to_us
from rules.decision import Action
from rules.decision import Advice as RetryAdvice
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
from training.simulate.load.conduct import Conduct, mended
from training.simulate.load.course import Played

_MINUTE_US = 60_000_000
_QUERY_AFTER_US = tuple(_MINUTE_US * minutes for minutes in (1, 10, 60, 360, 1_440, 4_320, 14_400))
"""After an answer that settles nothing: when it is asked again, the last time after ten days."""
_AGAIN_AFTER_US = _MINUTE_US
_MOST_TRIES = 20
_REPORTED_BUSY = frozenset({"processing", "in_flight"})
"""An answer that only says "wait" is no outcome yet and is not reported."""


class _Next(Enum):
    QUERY = "query"
    SEND_AGAIN = "send again"


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
Said = Reply | NotTaken | NoAnswer


class Player:
    """Knows every order that is played, and what has to be followed up."""

    def __init__(self, ends: Ends, conduct: Conduct, notify_url: str) -> None:
        self._ends = ends
        self._conduct = conduct
        self._notify_url = notify_url
        self._bodies: dict[str, _Body] = {}
        self._due: list[tuple[int, str, int, _Next]] = []
        self._numbers = count()
        self._now_us = 0
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.played: dict[str, Played] = {}

    def lock(self, order_id: str) -> asyncio.Lock:
        """Give the lock that keeps the events of one order apart; callbacks wait for it too."""
        return self._locks[order_id]

    async def score(self, order: Order, fate: Fate) -> Played:
        """Ask for advice and decide by it; `sent_minor` of the result tells whether to submit."""
        advice = await self._ends.service.score(encode_order(order))
        if await self._was_never_sent(order, advice):
            order = msgspec.structs.replace(order, attempts=())
            advice = await self._ends.service.score(encode_order(order))
        played = Played(order.order_id, order.channel, _party(order), order.amount_minor, fate)
        played.action = advice.action
        played.is_reviewed = self._conduct.reviews(advice)
        played.held = self._conduct.held(advice, fate)
        self.played[order.order_id] = played
        if played.held is None:
            self._prepare(played, order, advice)
        return played

    async def submit(self, played: Played, at_us: int, turn: str) -> Said:
        """Hand an order over at a simulated instant, in its turn."""
        body = self._bodies[played.order_id] | {"sent_at": from_us(at_us)}
        return await self._ends.channel.submit(played.channel, body, turn)

    async def hear(self, played: Played, said: Said, at_us: int) -> None:
        """Report what was said to a submission, and plan what has to follow."""
        match said:
            case Reply():
                await self._learn(played, said.raw_code, at_us)
                if played.outcome is None:
                    self._plan(played, _Next.QUERY, at_us + _QUERY_AFTER_US[0])
            case NoAnswer():
                played.timeouts += 1
                silence = {"http_status": said.status} if said.status else {}
                await self._ends.service.report(played.order_id, silence)
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
                await self._learn(played, callback.raw_code, to_us(callback.occurred_at))

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

    def _prepare(self, played: Played, order: Order, advice: Advice) -> None:
        fix = self._conduct.fix(advice)
        played.is_fixed = fix is not None
        sent = mended(msgspec.json.decode(encode_order(order)), fix)
        channel = advice.reroute.channel if advice.reroute and self._conduct.obeys else None
        played.channel = channel or order.channel
        played.sent_minor = sent["amount_minor"]
        self._bodies[order.order_id] = {
            "order_id": order.order_id,
            "purchase_id": order.order_id,
            "amount": render_amount(self._ends.packs[played.channel], sent["amount_minor"]),
            "currency": order.currency,
            "order": sent,
            "notify_url": self._notify_url,
        }

    async def _was_never_sent(self, order: Order, advice: Advice) -> bool:
        """Query first, where that is the advice about an earlier attempt; then score again."""
        asked = advice.retry is not None and advice.retry.advice is RetryAdvice.QUERY_FIRST
        if not (asked and self._conduct.obeys and advice.action is Action.STOP):
            return False
        said = await self._ends.channel.query(order.channel, order.order_id)
        return isinstance(said, NeverArrived)

    async def _follow_up(self, order_id: str, what: _Next) -> None:
        played = self.played[order_id]
        if what is _Next.SEND_AGAIN:
            await self._send_again(played)
        elif not _is_settled(played):
            await self._query(played)

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
            await self._learn(played, said.raw_code, self._now_us)
        if not _is_settled(played) and played.queries < len(_QUERY_AFTER_US):
            after_us = _QUERY_AFTER_US[played.queries]
            self._plan(played, _Next.QUERY, self._now_us + after_us)

    async def _learn(self, played: Played, raw_code: str | None, occurred_us: int) -> None:
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
            said = {"raw_code": raw_code, "channel": played.channel}
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
