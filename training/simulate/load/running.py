"""Plays a history against a service and a channel, as a command asks."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from features.history import order_from_row, read_history
from features.history_schema import AS_OF
from features.progress import Progress, silent
from features.times import to_us
from rules.packs import load_packs
from training.simulate.channel.loopback import loopback_url
from training.simulate.channel.protocol import Callback, ChannelError
from training.simulate.channel.registry import Fate, load_registry
from training.simulate.load.clients import ChannelClient, Service
from training.simulate.load.clock_file import ClockFile
from training.simulate.load.conduct import Conduct, Reviewer
from training.simulate.load.course import Played
from training.simulate.load.inbox import open_inbox
from training.simulate.load.player import Ends, Player, Timed
from training.simulate.load.worth import Worth, worth_of


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
    """A clock file that the service runs by; without it the service sees one long burst."""
    reviewer: Reviewer | None = None


@dataclass(frozen=True, slots=True)
class LoadRun:
    """Every order of a run, and what it sums up to."""

    played: dict[str, Played]
    worth: Worth


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
    return asyncio.run(_play(plan, service, channel, orders, registry.fates, progress))


async def _play(
    plan: LoadPlan,
    service_url: str,
    channel_url: str,
    orders: Sequence[Timed],
    fates: Mapping[str, Fate],
    progress: Progress,
) -> LoadRun:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        channel = ChannelClient(client, channel_url)
        await _check_channels(channel, orders)
        ends = Ends(
            service=Service(client, service_url),
            channel=channel,
            packs=load_packs(),
            move_clock=ClockFile(plan.clock).move_to if plan.clock else lambda _us: None,
        )
        reviewer = plan.reviewer or Reviewer(plan.seed)
        conduct = Conduct(reviewer if plan.obey else None)
        players: list[Player] = []

        async def take(callback: Callback) -> None:
            for player in players:
                await player.take(callback)

        async with open_inbox(take) as notify_url:
            player = Player(ends, conduct, notify_url)
            players.append(player)
            await player.play(orders, fates, plan.rate, progress)
        worth = worth_of(
            list(player.played.values()),
            obeyed=plan.obey,
            ledger=await channel.ledger(),
            seed=plan.seed,
        )
    return LoadRun(player.played, worth)


async def _check_channels(channel: ChannelClient, orders: Sequence[Timed]) -> None:
    running = set((await channel.about())["channels"])
    needed = {timed.order.channel for timed in orders}
    missing = sorted(needed - running)
    if missing:
        raise ChannelError(
            f"the history needs channel {', '.join(missing)}, which does not run there; start "
            f"preflight simulate channel {' '.join(f'--pack {name}' for name in sorted(needed))}"
        )
