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

from features.history import read_manifest
from features.times import now_us
from rules.packs import load_packs
from training.simulate.channel.app import build_app
from training.simulate.channel.channel import Channel, Temper
from training.simulate.channel.clock import Clock
from training.simulate.channel.house import House
from training.simulate.channel.protocol import ChannelError
from training.simulate.channel.registry import load_registry
from training.simulate.channel.script import Script, read_script
from training.simulate.channel.suspicion import Suspicion
from training.simulate.channel.verdict import Judge
from training.simulate.scenario import Scenario

PERIOD = "simulated_period_us"
"""In a history's manifest: start and end of the world that it was cut from."""
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
    temper = Temper(
        seed=plan.seed,
        script=read_script(plan.script) if plan.script else Script(),
        per_second=plan.per_second,
        is_rough=plan.is_rough,
    )
    start_us = plan.start_us
    if start_us is None:
        start_us = now_us() if registry is None else registry.begins_us
    speed = (1.0 if registry is None else 0.0) if plan.speed is None else plan.speed
    clock = Clock(start_us=start_us, speed=speed, seconds=time.monotonic)
    channels = {}
    for name in dict.fromkeys(plan.packs):
        judge = Judge(
            packs[name],
            _suspicion(plan, name, start_us),
            registry,
            seed=plan.seed,
            takes_test_numbers=registry is None,
        )
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


def _suspicion(plan: ChannelPlan, name: str, start_us: int) -> Suspicion | None:
    policy = {str(channel): one for channel, one in plan.scenario.policies.items()}.get(name)
    if policy is None:
        return None
    manifest = {} if plan.history is None else read_manifest(plan.history)
    start, end = manifest.get(PERIOD, (start_us, start_us + _YEAR_US))
    return Suspicion(policy, plan.seed, (start, end))


def _bind(port: int) -> socket.socket:
    listener = socket.socket()
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
