"""Sends orders to the real service without a pause, while books are published and channels stop."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

import msgspec
from msgspec import Struct

from features.edge import encode_order
from features.order import Order
from features.progress import Progress
from features.times import to_us
from rules.stopping import CHANNEL_STOPPED
from training.bench.publish_home import BenchHome, Book, Moved
from training.simulate.channel.wire import Wire, WireError

_TIMEOUT_S = 30.0
_SETTLE_SHARE = 0.2
"""Of the orders between two publications: how many still follow after the last one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: what was decided, by which book, when, and how long it took."""

    decision_id: str
    book: str
    as_of_us: int
    codes: tuple[str, ...]
    sent_s: float
    took_s: float


@dataclass(frozen=True, slots=True)
class Switched:
    """A channel was stopped or started; `until_us` is the first decision that shows it."""

    stops: bool
    at_us: int
    until_us: int


@dataclass(slots=True)
class Log:
    """What happened during a load; written by the load alone."""

    seen: list[Seen] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    moved_s: list[float] = field(default_factory=list)
    kills: int = 0
    kills_before: int = 0
    """Of these: the pointer had not moved yet, and the old book went on."""
    switched: list[Switched] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything."""

    orders: int
    in_flight: int
    publications: int
    kills: int
    stops: int
    seed: int
    every: int = 1
    """Each so-many-th order is decided again afterwards."""


class Load:
    """One load; `run` returns when every order was answered."""

    def __init__(self, plan: Plan, home: BenchHome, books: Sequence[Book], url: str) -> None:
        self._plan, self._home, self._books = plan, home, books
        self._wire = Wire(url, timeout_s=_TIMEOUT_S)
        self._chance = random.Random(plan.seed)
        self.log = Log()

    async def run(self, orders: Sequence[Order], progress: Progress) -> Log:
        """Send all orders, and do everything else meanwhile."""
        bodies = _bodies(orders, self._plan.orders)
        async with asyncio.TaskGroup() as group:
            for _ in range(self._plan.in_flight):
                group.create_task(self._send(bodies, progress))
            group.create_task(self._publish(orders[0].channel))
        await self._wire.close()
        return self.log

    async def _send(self, bodies: Iterator[bytes], progress: Progress) -> None:
        for body in bodies:
            began_s = time.perf_counter()
            try:
                answer = await self._wire.post("/v1/score", body)
            except WireError as error:
                self.log.failures.append(str(error))
                continue
            took_s = time.perf_counter() - began_s
            if answer.status == HTTPStatus.OK:
                self.log.seen.append(_seen(answer.body, began_s, took_s))
            else:
                self.log.failures.append(f"{answer.status}: {answer.text}")
            progress(len(self.log.seen), self._plan.orders, "orders")

    async def _publish(self, channel: str) -> None:
        """Publish, kill publications, stop and start a channel, spread over the load."""
        tasks = [self._roll] * self._plan.publications + [self._kill] * self._plan.kills
        steps: list[Callable[[], None]] = [
            *tasks,
            *[lambda: self._stop(channel)] * self._plan.stops,
        ]
        self._chance.shuffle(steps)
        for number, step in enumerate(steps):
            await self._reached((number + _SETTLE_SHARE) / (len(steps) + _SETTLE_SHARE))
            await asyncio.to_thread(step)

    async def _reached(self, share: float) -> None:
        while len(self.log.seen) + len(self.log.failures) < share * self._plan.orders:
            await asyncio.sleep(0.01)

    def _roll(self) -> None:
        other = self._chance.choice(self._home.others(self._books))
        self._note(self._home.roll_to(other))

    def _kill(self) -> None:
        moved = self._home.roll_and_kill(self._books, self._chance)
        self.log.kills += 1
        if moved is None:
            self.log.kills_before += 1
        else:
            self._note(moved)

    def _note(self, moved: Moved) -> None:
        self.log.moved.append(moved)
        self.log.moved_s.append(time.perf_counter())

    def _stop(self, channel: str) -> None:
        self._switch(channel, stops=True)
        self._switch(channel, stops=False)

    def _switch(self, channel: str, *, stops: bool) -> None:
        arguments = ("stop", channel, "--why", "bench") if stops else ("start", channel)
        at_us = self._home.switch(*arguments, "--by", "ana")
        until_us = self._first_after(at_us, stops=stops)
        if until_us is not None:
            self.log.switched.append(Switched(stops, at_us, until_us))

    def _first_after(self, at_us: int, *, stops: bool) -> int | None:
        """Wait for the first decision that shows it; None where the load ended before."""
        while len(self.log.seen) + len(self.log.failures) < self._plan.orders:
            time.sleep(0.01)
            later = [one for one in self.log.seen[-2_000:] if one.as_of_us >= at_us]
            shown = [one for one in later if (CHANNEL_STOPPED in one.codes) is stops]
            if shown:
                return min(one.as_of_us for one in shown)
        return None


def _bodies(orders: Sequence[Order], count: int) -> Iterator[bytes]:
    for number in range(count):
        order = orders[number % len(orders)]
        yield encode_order(msgspec.structs.replace(order, order_id=f"BENCH{number:08d}"))


class _Versions(Struct):
    book: str


class _Reason(Struct):
    code: str


class _Answer(Struct):
    decision_id: str
    as_of: datetime
    versions: _Versions
    reasons: tuple[_Reason, ...]


def _seen(body: bytes, sent_s: float, took_s: float) -> Seen:
    answer = msgspec.json.decode(body, type=_Answer)
    codes = tuple(reason.code for reason in answer.reasons)
    as_of_us = to_us(answer.as_of)
    return Seen(answer.decision_id, answer.versions.book, as_of_us, codes, sent_s, took_s)
