"""The full circle: simulate, train, serve, and play against a channel with and without obeying.

Every part runs as a process of its own, through the command line that a user has.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from features.history import read_history
from features.ledger import sqlite_url
from features.progress import Progress, silent
from features.times import from_us, to_us
from training.simulate.channel.protocol import ChannelError
from training.simulate.load.clock_file import ClockFile
from training.simulate.load.conduct import Reviewer
from training.simulate.load.contrast import Contrast, contrast_of
from training.simulate.load.cut import cut_history, share_played
from training.simulate.load.processes import Children, free_port
from training.simulate.load.routing import publish_routes
from training.simulate.load.running import LoadPlan, LoadRun, play
from training.simulate.load.worth import Worth

MOST_SCENARIOS = 5
_RATE = 100_000.0


@dataclass(frozen=True, slots=True)
class CirclePlan:
    """What `preflight simulate circle` was asked for."""

    out: Path
    scenarios: Sequence[str]
    orders: int
    days: int
    seed: int
    reviewer: Reviewer


class CircleReport(Struct, frozen=True, kw_only=True):
    """One scenario: what both runs were worth, and how they compare."""

    scenario: str
    seed: int
    learned_from: int
    played: int
    ignoring: Worth
    obeying: Worth
    contrast: Contrast


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one scenario's circle keeps its things."""

    folder: Path
    scenario: str | None
    seed: int

    @property
    def past(self) -> Path:
        return self.folder / "past"

    @property
    def future(self) -> Path:
        return self.folder / "future"

    @property
    def scenario_options(self) -> tuple[str, ...]:
        return () if self.scenario is None else ("--scenario", self.scenario)


def run_circle(plan: CirclePlan, progress: Progress = silent) -> list[CircleReport]:
    """Run the circle on each scenario, each with another seed.

    Raises ChannelError for too many scenarios, a folder in the way, or a step that fails.
    """
    if len(plan.scenarios) > MOST_SCENARIOS:
        raise ChannelError(
            f"{len(plan.scenarios)} scenarios were named; at most {MOST_SCENARIOS} run at a time"
        )
    if plan.out.exists():
        raise ChannelError(f"{plan.out} exists; name another folder by --out")
    named: Sequence[str | None] = plan.scenarios or [None]
    reports = []
    for number, scenario in enumerate(named):
        seed = plan.seed + number
        folder = plan.out / f"{Path(scenario or 'default').stem}-{seed}"
        folder.mkdir(parents=True)
        place = _Place(folder, scenario, seed)
        reports.append(_circle(plan, place, progress))
        (folder / "report.json").write_bytes(msgspec.json.encode(reports[-1]))
    return reports


def _circle(plan: CirclePlan, place: _Place, progress: Progress) -> CircleReport:
    with Children(place.folder / "log.txt") as children:
        _learn(plan, place, children, progress)
        begins_us = to_us(read_history(place.future).orders["as_of"][0])
        # Both at a time: in each of them only one process works at any moment.
        with ThreadPoolExecutor(2) as pool:
            runs = [
                pool.submit(_run, plan, place, children, begins_us, shown, obey=obey)
                for obey, shown in ((False, silent), (True, progress))
            ]
            try:
                ignoring, obeying = (run.result() for run in runs)
            except BaseException:
                children.stop_all()  # else the pool waits for a play that nobody wants any more
                raise
    return CircleReport(
        scenario=place.scenario or "default",
        seed=place.seed,
        learned_from=read_history(place.past).orders.height,
        played=len(obeying.played),
        ignoring=ignoring.worth,
        obeying=obeying.worth,
        contrast=contrast_of(ignoring.played, obeying.played, place.seed),
    )


def _learn(plan: CirclePlan, place: _Place, children: Children, progress: Progress) -> None:
    whole = place.folder / "history"
    progress(0, 4, "simulating")
    size = ("--orders", plan.orders, "--days", plan.days, "--seed", place.seed)
    children.run("preflight", "simulate", "history", "--out", whole, *size, *place.scenario_options)
    cut_history(whole, place.past, place.future, share_played(plan.orders))
    progress(1, 4, "training")
    home = place.folder / "home"
    children.run("preflight", "train", "--history", place.past, "--home", home)
    publish_routes(read_history(place.past).orders, home, place.folder / "routes", children)


def _run(
    plan: CirclePlan,
    place: _Place,
    children: Children,
    begins_us: int,
    progress: Progress,
    *,
    obey: bool,
) -> LoadRun:
    """Play once, against a service and a channel that have seen nothing of the future."""
    name = "obey" if obey else "ignore"
    ledger = sqlite_url((place.folder / f"ledger-{name}.sqlite").absolute())
    children.run("features.ledger_import", place.past, ledger)
    clock = place.folder / f"clock-{name}"
    ClockFile(clock).move_to(begins_us)
    service_url, channel_url = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    service = children.start(
        "training.simulate.load.steered",
        clock,
        "serve",
        extra={
            "PREFLIGHT_HOME": str(place.folder / "home"),
            "PREFLIGHT_PORT": service_url.rpartition(":")[2],
            "PREFLIGHT_LEDGER_URL": ledger,
        },
    )
    channel = children.start("preflight", *_channel_arguments(place, channel_url, begins_us))
    children.await_url(service, f"{service_url}/readyz")
    children.await_url(channel, f"{channel_url}/")
    load = LoadPlan(
        history=place.future,
        service=service_url,
        channel=channel_url,
        rate=_RATE,
        obey=obey,
        seed=place.seed,
        clock=clock,
        reviewer=plan.reviewer,
    )
    run = play(load, progress)
    children.stop(service)
    children.stop(channel)
    return run


def _channel_arguments(place: _Place, url: str, begins_us: int) -> list[object]:
    channels = read_history(place.future).orders["channel"].unique().sort().to_list()
    return [
        *("simulate", "channel", "--port", url.rpartition(":")[2]),
        *(part for name in channels for part in ("--pack", name)),
        *("--history", place.future, "--seed", place.seed, "--speed", 0, "--hang", 0, "--rough"),
        *("--start", from_us(begins_us).isoformat(), *place.scenario_options),
    ]
