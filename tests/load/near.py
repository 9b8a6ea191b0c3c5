"""A service and a channel without HTTP between, and orders to play against them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec

from features.edge import order_from_dict
from features.masking import Masker
from features.order import Order
from features.progress import silent
from features.times import to_us
from rules.decision import Action, Fix
from rules.packs import load_packs
from training.simulate.channel.channel import Channel, Silence, Temper
from training.simulate.channel.luck import luck
from training.simulate.channel.protocol import Callback, Reply, parse_submission
from training.simulate.channel.registry import Fate, Registry
from training.simulate.channel.script import Script
from training.simulate.channel.suspicion import Suspicion
from training.simulate.channel.turnstile import Turnstile
from training.simulate.channel.verdict import Judge
from training.simulate.load.clients import Advice, NeverArrived, NoAnswer, NotTaken
from training.simulate.load.conduct import Conduct
from training.simulate.load.in_step import play_in_step
from training.simulate.load.pace import Pace
from training.simulate.load.paced import PacedLoad, Tempo
from training.simulate.load.player import Ends, Player, Timed
from training.simulate.load.worth import Worth, worth_of

MASKER = Masker(bytes(32))
PACKS = load_packs()
NOTIFY = "http://127.0.0.1:1/callback"
CLEAN = Fate("ordinary", None, None, 31_000, 31_000, ((6_000_000, "status=2"),))
WRONG = Fate("ordinary", "wrong_unit", "wrong_unit", 31_000, 310, ((1_000, "JMPT200056"),))
RISKY = Fate("ring", None, "risk_policy", 31_000, 31_000, ((1_000, "JMPT200019"),))
Said = tuple[str, str]
"""What happened, and to which order."""


@dataclass
class Jitter:
    """Real delays that differ by seed: what answers first is another order each time."""

    seed: int
    most_s: float = 0.0

    async def wait(self, part: str, order_id: str) -> None:
        if self.most_s:
            await asyncio.sleep(self.most_s * luck(self.seed, part, order_id))


class FixedService:
    """Gives the same advice for all orders, and keeps what was reported."""

    def __init__(
        self, action: Action, fix: Fix | None = None, jitter: Jitter | None = None
    ) -> None:
        self._action, self._fix, self._jitter = action, fix, jitter or Jitter(0)
        self.reports: list[tuple[str, dict[str, Any]]] = []
        self.seen: list[Said] = []

    async def score(self, order: bytes) -> Advice:
        order_id = msgspec.json.decode(order)["order_id"]
        self.seen.append(("score", order_id))
        await self._jitter.wait("score", order_id)
        return Advice(order_id=order_id, action=self._action, fix=self._fix)

    async def report(self, order_id: str, said: dict[str, Any]) -> None:
        await self._jitter.wait("report", order_id)
        self.reports.append((order_id, said))
        self.seen.append(("report", order_id))


class NearChannel:
    """A real channel behind a turnstile; calls back into the player."""

    def __init__(self, channel: Channel, now_us: int, jitter: Jitter, seen: list[Said]) -> None:
        self.channel, self.now_us = channel, now_us
        self.take: Callable[[Callback], Awaitable[None]] | None = None
        self._jitter, self._seen = jitter, seen
        self._turnstile, self._numbers = Turnstile(), count(1)

    @property
    def next_due_us(self) -> int | None:
        return self.channel.next_due_us

    def next_turn(self) -> str:
        return f"run {next(self._numbers)}"

    async def submit(
        self, _name: str, body: dict[str, Any], turn: str
    ) -> Reply | NotTaken | NoAnswer:
        submission, order = parse_submission(msgspec.json.encode(body))
        self._seen.append(("submit", submission.order_id))
        await self._jitter.wait("way", submission.order_id)
        await self._turnstile.wait(turn)
        assert submission.sent_at is not None
        self.now_us = max(self.now_us, to_us(submission.sent_at))
        said = self.channel.submit(submission, order, self.now_us)
        self._turnstile.done(turn)
        await self._call_back()
        await self._jitter.wait("answer", submission.order_id)
        match said:
            case Silence.TIMEOUT:
                return NoAnswer(504)
            case Silence.DOWN | Silence.RATE_LIMITED:
                return NotTaken(503)
            case _:
                return said

    async def query(self, _name: str, order_id: str) -> Reply | NeverArrived:
        self._seen.append(("query", order_id))
        return self.channel.query(order_id, self.now_us) or NeverArrived()

    async def move_clock(self, instant_us: int) -> None:
        turn = self.next_turn()
        await self._turnstile.wait(turn)
        self.now_us = max(self.now_us, instant_us)
        self._turnstile.done(turn)
        await self._call_back()

    async def _call_back(self) -> None:
        for _, callback in list(self.channel.advance(self.now_us)):
            self._seen.append(("callback", callback.order_id))
            if self.take is not None:
                await self.take(callback)

    @property
    def ledger(self) -> dict[str, Any]:
        books = self.channel.books
        row = {"payments": len(list(books)), "paid_twice": books.paid_twice()}
        return {"channels": {"jd_pay": row}}


def orders(*ids: str, apart_s: int = 1) -> list[Order]:
    return [
        order_from_dict(
            {
                "order_id": order_id,
                "merchant_id": "110234567001",
                "channel": "jd_pay",
                "placed_at": f"2026-03-11T{10 + at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}Z",
                "amount_minor": 31_000,
                "currency": "CNY",
                "buyer": {"id": f"buyer-{number % 5}"},
                "device": {"id": f"device-{number % 3}"},
            },
            MASKER,
        )
        for number, order_id in enumerate(ids)
        for at in [number * apart_s]
    ]


def timed(fates: Mapping[str, Fate], apart_s: int = 1) -> list[Timed]:
    return [Timed(to_us(order.placed_at), order) for order in orders(*fates, apart_s=apart_s)]


@dataclass
class Run:
    """One play: the player, whom it played against, and all that happened."""

    player: Player
    near: NearChannel
    service: FixedService
    pace: Pace | None

    @property
    def seen(self) -> list[Said]:
        return self.service.seen

    def worth(self, *, obeyed: bool = True) -> Worth:
        played = [self.player.played[order_id] for order_id in sorted(self.player.played)]
        return worth_of(played, obeyed=obeyed, ledger=self.near.ledger, seed=1)


def run(
    service: FixedService,
    fates: Mapping[str, Fate],
    conduct: Conduct,
    *,
    tempo: Tempo | None = None,
    jitter: Jitter | None = None,
    temper: Temper | None = None,
    suspicion: Suspicion | None = None,
    is_tested: bool = False,
    apart_s: int = 1,
) -> Run:
    """Play: in step, or with a tempo at that pace."""
    played = timed(fates, apart_s)
    registry = None if is_tested else Registry(fates, {})
    judge = Judge(PACKS["jd_pay"], suspicion, registry, seed=1, takes_test_numbers=is_tested)
    start_us = played[0].at_us
    rough = temper or Temper(seed=1, script=Script(), is_rough=True)
    channel = Channel(PACKS["jd_pay"], judge, rough, start_us)
    near = NearChannel(channel, start_us, jitter or Jitter(0), service.seen)
    ends: Any = Ends(service, near, PACKS, lambda _us: None)  # type: ignore[arg-type] # fakes
    player = Player(ends, conduct, NOTIFY)
    if tempo is None:
        near.take = player.take
        asyncio.run(play_in_step(player, ends, played, fates, 1e6, silent))
        return Run(player, near, service, None)
    load = PacedLoad(player, ends, tempo)
    near.take = load.take
    return Run(player, near, service, asyncio.run(load.play(played, fates, silent)))
