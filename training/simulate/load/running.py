"""Plays a history against a service and a channel, as a command asks."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex

from features.history import order_from_row, read_history
from features.history_schema import AS_OF
from features.progress import Progress, silent
from features.times import to_us
from rules.packs import load_packs
from training.simulate.channel.loopback import loopback_url
from training.simulate.channel.protocol import Callback, ChannelError
from training.simulate.channel.registry import Fate, load_registry
from training.simulate.channel.wire import Wire
from training.simulate.load.clients import ChannelClient, Service
from training.simulate.load.clock_file import ClockFile
from training.simulate.load.conduct import Conduct, Reviewer
from training.simulate.load.course import Played
from training.simulate.load.in_step import play_in_step
from training.simulate.load.inbox import Take, open_inbox
from training.simulate.load.pace import Pace
from training.simulate.load.paced import PacedLoad, Tempo
from training.simulate.load.player import Ends, Player, Timed
from training.simulate.load.worth import Worth, worth_of

_SERVICE_TIMEOUT_S = 30.0
_CHANNEL_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What `preflight simulate load` was asked for."""

    history: Path
    service: str
    channel: str
    rate: float
    obey: bool
    seed: int = 1
    most: int | None = None
    clock: Path | None = None
    """A clock file that the service runs by: then orders are played one after another. Without
    it they are played at the rate, many at a time, and the service sees one long burst."""
    reviewer: Reviewer | None = None
    most_in_flight: int = 256


@dataclass(frozen=True, slots=True)
class LoadRun:
    """Every order of a run, and what it sums up to."""

    played: dict[str, Played]
    worth: Worth
    pace: Pace | None
    """Only of a load at a rate: in step with a clock nothing is measured."""


def play(plan: LoadPlan, progress: Progress = silent) -> LoadRun:
    """Play a history to its end.

    Raises ChannelError for a foreign or silent address, or for channels that do not run there.
    """
    service = loopback_url(plan.service, "--to")
    channel = loopback_url(plan.channel, "--channel")
    if plan.rate <= 0:
        raise ChannelError(f"--rate is {plan.rate:g}; it must be more than 0 orders a second")
    registry = load_registry(plan.history)
    rows = read_history(plan.history).orders.to_dicts()[: plan.most]
    orders = [Timed(to_us(row[AS_OF]), order_from_row(row)) for row in rows]
    asked = replace(plan, service=service, channel=channel)
    return asyncio.run(_play(asked, orders, registry.fates, progress))


async def _play(
    plan: LoadPlan, orders: Sequence[Timed], fates: Mapping[str, Fate], progress: Progress
) -> LoadRun:
    service = Wire(plan.service, timeout_s=_SERVICE_TIMEOUT_S)
    till = Wire(plan.channel, timeout_s=_CHANNEL_TIMEOUT_S)
    channel = ChannelClient(till, token_hex(4))
    await _check_channels(channel, orders)
    ends = Ends(
        service=Service(service),
        channel=channel,
        packs=load_packs(),
        move_clock=ClockFile(plan.clock).move_to if plan.clock else lambda _us: None,
    )
    try:
        player, pace = await _played(plan, ends, orders, fates, progress)
        played = {timed.order.order_id: player.played[timed.order.order_id] for timed in orders}
        ledger = await channel.ledger()
    finally:
        await service.close()
        await till.close()
    worth = worth_of(list(played.values()), obeyed=plan.obey, ledger=ledger, seed=plan.seed)
    return LoadRun(played, worth, pace)


async def _played(
    plan: LoadPlan,
    ends: Ends,
    orders: Sequence[Timed],
    fates: Mapping[str, Fate],
    progress: Progress,
) -> tuple[Player, Pace | None]:
    conduct = Conduct((plan.reviewer or Reviewer(plan.seed)) if plan.obey else None)
    takers: list[Take] = []

    async def take(callback: Callback) -> None:
        for taker in takers:
            await taker(callback)

    async with open_inbox(take) as notify_url:
        player = Player(ends, conduct, notify_url)
        if plan.clock is not None:
            takers.append(player.take)
            await play_in_step(player, ends, orders, fates, plan.rate, progress)
            return player, None
        load = PacedLoad(player, ends, Tempo(plan.rate, plan.most_in_flight))
        takers.append(load.take)
        return player, await load.play(orders, fates, progress)


async def _check_channels(channel: ChannelClient, orders: Sequence[Timed]) -> None:
    running = set((await channel.about())["channels"])
    needed = {timed.order.channel for timed in orders}
    missing = sorted(needed - running)
    if missing:
        raise ChannelError(
            f"the history needs channel {', '.join(missing)}, which does not run there; start "
            f"preflight simulate channel {' '.join(f'--pack {name}' for name in sorted(needed))}"
        )
