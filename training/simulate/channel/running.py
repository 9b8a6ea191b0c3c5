"""Builds the channels that a command asks for, and serves them until stopped."""

import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from features.times import now_us
from rules.packs import Pack, load_packs
from training.simulate.channel.app import build_app
from training.simulate.channel.channel import Channel, Temper
from training.simulate.channel.clock import Clock
from training.simulate.channel.crowd import CONGESTION, Capacity
from training.simulate.channel.house import House
from training.simulate.channel.kinds import Kind
from training.simulate.channel.protocol import ChannelError
from training.simulate.channel.registry import RISK_POLICY, Registry, load_registry
from training.simulate.channel.script import Script, read_script
from training.simulate.channel.sheet import AnswerSheet
from training.simulate.channel.spells import Spells, spells_of
from training.simulate.channel.suspicion import Suspicion
from training.simulate.channel.verdict import Judge
from training.simulate.scenario import Scenario

_TEN_MINUTES_US = 600_000_000
_MINUTE_US = 60_000_000
_SHARE_OF_AN_OPTION = 1.0
"""Hit at twice the capacity that `--capacity` sets: nothing gets through any more."""
_YEAR_US = 365 * 86_400_000_000


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """What `preflight simulate channel` was asked for."""

    packs: Sequence[str]
    port: int
    seed: int
    scenario: Scenario
    history: Path | None = None
    script: Path | None = None
    per_second: int | None = None
    per_minute: int | None = None
    """Capacity; default: the scenario's, where a history is played."""
    speed: float | None = None
    """Default: 1, and 0 where a history is played."""
    start_us: int | None = None
    """Default: now, and the first order of a history that is played."""
    hang_s: float = 3.0
    is_rough: bool = False


def build_house(plan: ChannelPlan) -> House:
    """Build the channels; raises PreflightError naming what cannot be used."""
    packs = load_packs()
    registry = None if plan.history is None else load_registry(plan.history)
    script = read_script(plan.script) if plan.script else Script()
    start_us = plan.start_us
    if start_us is None:
        start_us = now_us() if registry is None else registry.begins_us
    speed = (1.0 if registry is None else 0.0) if plan.speed is None else plan.speed
    clock = Clock(start_us=start_us, speed=speed, seconds=time.monotonic)
    channels = {}
    for name in dict.fromkeys(plan.packs):
        capacity = _capacity(plan, packs[name], registry)
        judge = Judge(
            packs[name],
            _suspicion(plan, name, registry, start_us),
            registry,
            seed=plan.seed,
            takes_test_numbers=registry is None,
            anew=frozenset({RISK_POLICY} | ({CONGESTION} if capacity else set())),
            spells=_spells(plan, name, registry),
        )
        temper = Temper(plan.seed, script, plan.per_second, plan.is_rough, capacity)
        channels[name] = Channel(packs[name], judge, temper, start_us)
    return House(channels, clock)


def serve_channels(plan: ChannelPlan) -> None:
    """Serve on 127.0.0.1 until SIGINT or SIGTERM. Raises ChannelError where the port is taken."""
    end_on_sigterm()
    listener = _bind(plan.port)
    try:
        app = build_app(build_house(plan), hang_s=plan.hang_s)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=2
        )
        port = listener.getsockname()[1]
        sys.stderr.write(f"Channel {', '.join(plan.packs)} on http://127.0.0.1:{port}\n")
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()


def _spells(plan: ChannelPlan, name: str, registry: Registry | None) -> Spells | None:
    """Find the bad times of the history that is played; None where none is, or an older one."""
    if registry is None or registry.world is None:
        return None
    return spells_of(plan.scenario, name, registry.world, plan.seed)


def _suspicion(
    plan: ChannelPlan, name: str, registry: Registry | None, start_us: int
) -> Suspicion | None:
    policy = {str(channel): one for channel, one in plan.scenario.policies.items()}.get(name)
    if policy is None:
        return None
    period_us = (start_us, start_us + _YEAR_US) if registry is None else registry.period_us
    return Suspicion(policy, plan.seed, period_us)


def _capacity(plan: ChannelPlan, pack: Pack, registry: Registry | None) -> Capacity | None:
    """Take the option; else the scenario's own, where a history tells the mean rate."""
    codes = _busy_codes(plan.scenario, pack)
    if plan.per_minute is not None:
        return Capacity(plan.per_minute, _MINUTE_US, _SHARE_OF_AN_OPTION, codes)
    spec = {str(channel): one for channel, one in plan.scenario.congestion.items()}.get(
        pack.channel
    )
    if spec is None or registry is None:
        return None
    mean = registry.mean_sent(pack.channel, _TEN_MINUTES_US)
    most = max(spec.at_least, spec.times_mean * mean)
    return Capacity(most, _TEN_MINUTES_US, spec.share, codes)


def _busy_codes(scenario: Scenario, pack: Pack) -> list[str]:
    """List the codes that say "busy", final ones first of all, as often as the scenario weighs."""
    answers = {str(channel): kinds for channel, kinds in scenario.answers.items()}
    options = answers.get(pack.channel, {}).get("busy", [])
    final = [one for one in options if pack.map_outcome(None, one.code).final]
    codes = [one.code for one in final or options for _ in range(max(1, round(one.weight)))]
    sheet = AnswerSheet(pack)
    fallback = sheet.code_of(Kind.RATE_LIMITED) or sheet.code_of(Kind.OUTAGE)
    return codes or [str(fallback)]


def _bind(port: int) -> socket.socket:
    # The protocol is named so that asyncio turns Nagle's algorithm off: it costs 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise ChannelError(
            f"port {port} cannot be used ({error.strerror}): choose another by --port"
        ) from error
    return listener


def end_on_sigterm() -> None:
    """Make SIGTERM end the process in order, so that what it started ends too."""
    signal.signal(signal.SIGTERM, _end)


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
