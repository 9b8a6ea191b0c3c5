"""Plays orders one after another: score, act, submit, follow up, report back.

Everything runs on simulated time: the instant of the order that is played. What is due before it
(a query after a time-out, another try) is done before it. The same number is kept throughout, so
nothing is paid twice.
"""

import asyncio
import heapq
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import count
from typing import Any

import msgspec

from features.edge import encode_order
from features.order import Order
from features.progress import Progress
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


class Player:
    """Plays orders in their order of time, one at a time."""

    def __init__(self, ends: Ends, conduct: Conduct, notify_url: str) -> None:
        self._ends = ends
        self._conduct = conduct
        self._notify_url = notify_url
        self._bodies: dict[str, _Body] = {}
        self._due: list[tuple[int, int, str, _Next]] = []
        self._numbers = count()
        self._now_us = 0
        self.played: dict[str, Played] = {}

    async def play(
        self, orders: Sequence[Timed], fates: Mapping[str, Fate], rate: float, progress: Progress
    ) -> None:
        """Play all orders at up to `rate` a second of real time, then follow up to the end."""
        started = time.monotonic()
        for number, timed in enumerate(orders):
            ahead_s = number / rate - (time.monotonic() - started)
            if ahead_s > 0:
                await asyncio.sleep(ahead_s)
            await self._reach(timed.at_us)
            await self._play(timed.order, fates[timed.order.order_id])
            progress(number + 1, len(orders), "orders")
        await self._finish()

    async def take(self, callback: Callback) -> None:
        """Take a callback; a repeated one changes nothing."""
        played = self.played.get(callback.order_id)
        if played is None or callback.event_id in played.events:
            return
        played.events.add(callback.event_id)
        await self._hear(played, callback.raw_code, to_us(callback.occurred_at))

    async def _play(self, order: Order, fate: Fate) -> None:
        advice = await self._ends.service.score(encode_order(order))
        if await self._was_never_sent(order, advice):
            order = msgspec.structs.replace(order, attempts=())
            advice = await self._ends.service.score(encode_order(order))
        played = Played(order.order_id, order.channel, _party(order), order.amount_minor, fate)
        played.action = advice.action
        played.is_reviewed = self._conduct.reviews(advice)
        played.held = self._conduct.held(advice, fate)
        self.played[order.order_id] = played
        if played.held is not None:
            return
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
        await self._send(played)

    async def _was_never_sent(self, order: Order, advice: Advice) -> bool:
        """Query first, where that is the advice about an earlier attempt; then score again."""
        asked = advice.retry is not None and advice.retry.advice is RetryAdvice.QUERY_FIRST
        if not (asked and self._conduct.obeys and advice.action is Action.STOP):
            return False
        said = await self._ends.channel.query(order.channel, order.order_id)
        return isinstance(said, NeverArrived)

    async def _send(self, played: Played) -> None:
        body = self._bodies[played.order_id] | {"sent_at": from_us(self._now_us)}
        said = await self._ends.channel.submit(played.channel, body)
        match said:
            case Reply():
                await self._hear(played, said.raw_code, self._now_us)
                if played.outcome is None:
                    self._plan(played, _Next.QUERY, _QUERY_AFTER_US[0])
            case NoAnswer():
                played.timeouts += 1
                silence = {"http_status": said.status} if said.status else {}
                await self._ends.service.report(played.order_id, silence)
                self._plan(played, _Next.QUERY, _QUERY_AFTER_US[0])
            case NotTaken() if played.resent < _MOST_TRIES:
                played.resent += 1
                self._plan(played, _Next.SEND_AGAIN, _AGAIN_AFTER_US * played.resent)
            case NotTaken():
                pass  # never taken: it stays without an outcome

    async def _query(self, played: Played) -> None:
        if _is_settled(played):
            return
        played.queries += 1
        said = await self._ends.channel.query(played.channel, played.order_id)
        if isinstance(said, NeverArrived):
            if played.resent < _MOST_TRIES:
                played.resent += 1
                await self._send(played)
            return
        if isinstance(said, Reply):
            await self._hear(played, said.raw_code, self._now_us)
        if not _is_settled(played) and played.queries < len(_QUERY_AFTER_US):
            self._plan(played, _Next.QUERY, _QUERY_AFTER_US[played.queries])

    async def _hear(self, played: Played, raw_code: str | None, occurred_us: int) -> None:
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

    def _plan(self, played: Played, what: _Next, after_us: int) -> None:
        due = (self._now_us + after_us, next(self._numbers), played.order_id, what)
        heapq.heappush(self._due, due)

    async def _reach(self, instant_us: int) -> None:
        """Do what is due before an instant, then move all clocks there."""
        while self._due and self._due[0][0] <= instant_us:
            at_us, _, order_id, what = heapq.heappop(self._due)
            await self._move_to(at_us)
            played = self.played[order_id]
            await (self._query(played) if what is _Next.QUERY else self._send(played))
        await self._move_to(instant_us)

    async def _move_to(self, instant_us: int) -> None:
        """Callbacks that are due by then arrive meanwhile."""
        self._now_us = max(self._now_us, instant_us)
        self._ends.move_clock(self._now_us)
        await self._ends.channel.move_clock(from_us(self._now_us))

    async def _finish(self) -> None:
        """Follow up until nothing is due; tries are bounded, so this ends."""
        while self._due:
            await self._reach(self._due[0][0])
        await self._reach(self._now_us + 2 * _QUERY_AFTER_US[-1])


def _is_settled(played: Played) -> bool:
    return played.outcome is not None


def _party(order: Order) -> str:
    if order.payout is not None:
        return f"payee {order.payout.payee.id}"
    return f"buyer {order.buyer.id if order.buyer else order.order_id}"
