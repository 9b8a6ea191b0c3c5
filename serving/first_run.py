"""What `run` does where no model is yet: simulate, then train and fill the ledger side by side.

Each step is a process of its own: the service never imports what they need.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from features.errors import PreflightError
from models.bundle import champion_folder, read_bundle
from serving.server import bind
from serving.settings import Settings
from serving.wiring import champion_bundle

SIMULATED_NOTE = (
    "数据是模拟的，不含任何真实商户、买家或渠道 · "
    "The data is simulated: no real merchant, buyer or channel is in it."
)


@dataclass(frozen=True, slots=True)
class Simulated:
    """The world to simulate."""

    orders: int
    days: int
    seed: int


def prepare(settings: Settings, world: Simulated) -> None:
    """Make sure that a champion is there; where one is, only say what it was trained on.

    Raises PreflightError when the port is taken (before the work, not after) or a step fails.
    """
    bind(settings).close()
    console = Console()
    if champion_bundle(settings) is None:
        _make_champion(settings, world, console)
    if read_bundle(champion_folder(settings.home)).manifest.training.simulated:
        console.print(SIMULATED_NOTE)


def _make_champion(settings: Settings, world: Simulated, console: Console) -> None:
    history = settings.home / "history"
    if not (history / "manifest.json").is_file():
        console.print(f"Simulating {world.orders:,} orders of {world.days} days")
        _finish([_simulation(history, world)])
    console.print("Training, and bringing the history into the ledger")
    _finish([_training(settings, history), _ledger_import(settings, history)])


def _simulation(history: Path, world: Simulated) -> subprocess.Popen[bytes]:
    arguments = ("--orders", world.orders, "--days", world.days, "--seed", world.seed)
    return _start("preflight", "simulate", "history", *arguments, "--out", history)


def _training(settings: Settings, history: Path) -> subprocess.Popen[bytes]:
    return _start("preflight", "train", "--history", history, "--home", settings.home)


def _ledger_import(settings: Settings, history: Path) -> subprocess.Popen[bytes]:
    return _start("features.ledger_import", history, settings.ledger_url)


def _start(module: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", module, *map(str, arguments)])


def _finish(steps: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait for steps that run side by side; none of them outlives a failure of one."""
    try:
        for step in steps:
            if step.wait() != 0:
                raise PreflightError(f"a step of the first run failed, see above: {step.args!r}")
    finally:
        for step in steps:
            if step.poll() is None:
                step.terminate()
                step.wait()
