"""Many orders in flight at a rate of real time, whatever the answers take: an open loop.

A slow answer delays no other order, as long as fewer than `most_in_flight` are under way; an order
that waits for a place is behind schedule, and its latency counts from its time in the timetable.
Orders are handed to the channel in their order of time, numbered, so what the channel remembers
does not depend on which advice came first. What must be asked or sent again is, after the last
order and in the order of simulated time: then nothing depends on how long an answer took.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.progress import Progress
from training.simulate.channel.protocol import Callback
from training.simulate.channel.registry import Fate
from training.simulate.load.pace import Leg, Pace, pace_of
from training.simulate.load.player import Ends, Player, Timed


@dataclass(frozen=True, slots=True)
class Tempo:
    """Orders a second, and how many may be under way at a time."""

    rate: float
    most_in_flight: int


class PacedLoad:
    """Plays one load. Callbacks are taken without keeping the channel waiting."""

    def __init__(self, player: Player, ends: Ends, tempo: Tempo) -> None:
        self._player = player
        self._ends = ends
        self._tempo = tempo
        self._places = asyncio.Semaphore(tempo.most_in_flight)
        self._group: asyncio.TaskGroup | None = None
        self._started = 0.0

    async def play(
        self, orders: Sequence[Timed], fates: Mapping[str, Fate], progress: Progress
    ) -> Pace:
        """Play all orders at the rate, then follow up to the end."""
        legs = [Leg(number / self._tempo.rate) for number in range(len(orders))]
        self._started = time.perf_counter()
        try:
            async with asyncio.TaskGroup() as self._group:
                await self._send_all(self._group, orders, fates, legs, progress)
                self._group = None  # from here on a callback is taken before it is answered
        except ExceptionGroup as several:
            raise several.exceptions[0] from several
        finally:
            self._group = None
        await self._player.finish()
        return pace_of(legs, self._tempo.rate)

    async def take(self, callback: Callback) -> None:
        """Take a callback; while orders are sent, without keeping the channel waiting for it."""
        if self._group is None:
            await self._player.take(callback)
        else:
            self._group.create_task(self._player.take(callback))

    async def _send_all(
        self,
        group: asyncio.TaskGroup,
        orders: Sequence[Timed],
        fates: Mapping[str, Fate],
        legs: Sequence[Leg],
        progress: Progress,
    ) -> None:
        before = _passed()
        for number, (leg, timed) in enumerate(zip(legs, orders, strict=True), 1):
            await self._place_at(leg.due_s)
            leg.began_s = self._now_s()
            mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            fate = fates[timed.order.order_id]
            group.create_task(self._play(timed, fate, leg, (before, mine)))
            before = mine
            progress(number, len(orders), "orders")
        for _ in range(self._tempo.most_in_flight):
            await self._places.acquire()
        if orders:
            await self._ends.channel.move_clock(orders[-1].at_us)

    async def _place_at(self, due_s: float) -> None:
        await asyncio.sleep(max(0.0, due_s - self._now_s()))
        await self._places.acquire()

    async def _play(
        self,
        timed: Timed,
        fate: Fate,
        leg: Leg,
        gates: tuple["asyncio.Future[None]", "asyncio.Future[None]"],
    ) -> None:
        before, mine = gates
        async with self._player.lock(timed.order.order_id):
            played = await self._player.score(timed, fate)
            leg.scored_s = self._now_s()
            await before
            turn = self._ends.channel.next_turn() if played.was_sent else None
            mine.set_result(None)
            if turn is not None:
                said = await self._player.submit(played, timed.at_us, turn)
                leg.submitted_s = self._now_s()
                await self._player.hear(played, said, timed.at_us)
        leg.done_s = self._now_s()
        self._places.release()

    def _now_s(self) -> float:
        return time.perf_counter() - self._started


def _passed() -> "asyncio.Future[None]":
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future
