"""The commands `preflight simulate channel`, `load` and `circle`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from features.errors import PreflightError
from rules.costs import DEFAULT_COSTS

AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same answers.")]
Catches = Annotated[
    float,
    typer.Option("--review-catches", min=0, max=1, help="Share of wrong orders a review holds."),
]
Wrongly = Annotated[
    float,
    typer.Option("--review-wrongly", min=0, max=1, help="Share of clean orders it holds too."),
]
_WRONGLY = 0.05
_OWN_CLOCK = (
    "The service read this machine's clock, so a history of days looked like one burst to it; "
    "simulate circle steers its clock."
)


def channel(  # noqa: PLR0913 - one parameter per option is how typer reads them
    pack: Annotated[list[str], typer.Option(help="A channel pack; repeat it for several.")],
    port: Annotated[int, typer.Option(min=1, max=65_535, help="On 127.0.0.1.")] = 9100,
    seed: Seed = 1,
    history: Annotated[
        Path | None,
        typer.Option(help="A simulated history: its truth decides, and test numbers are off."),
    ] = None,
    scenario: Annotated[
        str, typer.Option(help="Whose hidden policy: a file, or a shipped one's name.")
    ] = "default",
    script: Annotated[Path | None, typer.Option(help="A script of bad times, YAML.")] = None,
    rate_limit: Annotated[
        int | None, typer.Option(min=1, help="Submissions in one second of its clock.")
    ] = None,
    capacity: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Submissions in a minute of its clock, above which ever more are turned away. "
            "Default: the scenario's, with --history.",
        ),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Of its clock; 0: it stands until it is moved. Default: 1, 0 with --history.",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(help="Its clock's first instant. Default: now, or --history's."),
    ] = None,
    hang: Annotated[float, typer.Option(min=0, help="Real seconds that a time-out takes.")] = 3.0,
    rough: Annotated[
        bool, typer.Option(help="Now and then no answer, or a callback late, twice or never.")
    ] = False,
) -> None:
    """Serve a payment channel that refuses as its pack, its policy and test numbers say."""
    from features.times import to_us
    from training.simulate.channel.running import ChannelPlan, serve_channels
    from training.simulate.scenario_file import load_scenario

    plan = ChannelPlan(
        packs=pack,
        port=port,
        seed=seed,
        scenario=load_scenario(scenario),
        history=history,
        script=script,
        per_second=rate_limit,
        per_minute=capacity,
        speed=speed,
        start_us=None if start is None else to_us(instant_of("--start", start)),
        hang_s=hang,
        is_rough=rough,
    )
    serve_channels(plan)


def load(  # noqa: PLR0913 - one parameter per option is how typer reads them
    history: Annotated[Path, typer.Option(help="The simulated history to play.")],
    to: Annotated[str, typer.Option(help="The scoring service.")] = "http://127.0.0.1:8000",
    channel: Annotated[str, typer.Option(help="The channel.")] = "http://127.0.0.1:9100",
    rate: Annotated[
        float, typer.Option(help="Orders a second; with --clock at most, else kept to.")
    ] = 50.0,
    in_flight: Annotated[
        int, typer.Option(min=1, help="Most orders under way at a time, without --clock.")
    ] = 256,
    obey: Annotated[bool, typer.Option("--obey/--ignore", help="Act on the advice?")] = True,
    orders: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    clock: Annotated[
        Path | None, typer.Option(help="The clock file that the service runs by.")
    ] = None,
    seed: Seed = 1,
    review_catches: Catches = DEFAULT_COSTS.review_catches,
    review_wrongly: Wrongly = _WRONGLY,
    as_json: AsJson = False,
) -> None:
    """Play a history against the service and a channel, and print what the advice was worth."""
    from features.progress import progress_bar
    from training.simulate.load.conduct import Reviewer
    from training.simulate.load.report import LoadReport, print_json, print_load
    from training.simulate.load.running import LoadPlan, play

    reviewer = Reviewer(seed, review_catches, review_wrongly)
    plan = LoadPlan(history, to, channel, rate, obey, seed, orders, clock, reviewer, in_flight)
    with progress_bar("load") as progress:
        run = play(plan, progress)
    if as_json:
        print_json(LoadReport(worth=run.worth, pace=run.pace))
    else:
        print_load(run.worth, run.pace, reviewer)
        if clock is None:
            print(_OWN_CLOCK)
    _check_books(run.worth.double_payments)


def circle(
    out: Annotated[Path, typer.Option(help="Folder for histories, models, ledgers and logs.")],
    scenario: Annotated[
        list[str] | None, typer.Option(help="A file or a shipped name; repeat it, up to five.")
    ] = None,
    orders: Annotated[int, typer.Option(min=1_000, help="In all; the last fifth is played.")] = (
        20_000
    ),
    days: Annotated[int, typer.Option(min=2, help="Over how many days.")] = 60,
    seed: Seed = 1,
    review_catches: Catches = DEFAULT_COSTS.review_catches,
    review_wrongly: Wrongly = _WRONGLY,
    as_json: AsJson = False,
) -> None:
    """Simulate, train, serve, and play with and without obeying; all on this machine."""
    from features.progress import progress_bar
    from training.simulate.channel.running import end_on_sigterm
    from training.simulate.load.circle import CirclePlan, run_circle
    from training.simulate.load.conduct import Reviewer
    from training.simulate.load.report import print_circle, print_json

    reviewer = Reviewer(seed, review_catches, review_wrongly)
    end_on_sigterm()
    plan = CirclePlan(out, scenario or (), orders, days, seed, reviewer)
    with progress_bar("circle") as progress:
        reports = run_circle(plan, progress)
    if as_json:
        print_json(reports)
    else:
        print_circle(reports, reviewer)
    _check_books(sum(r.ignoring.double_payments + r.obeying.double_payments for r in reports))


def instant_of(option: str, text: str) -> datetime:
    """Read an option that is an instant; raises PreflightError that shows how to write one."""
    try:
        instant: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise PreflightError(
            f"{option} {text!r} is no instant with a time zone; "
            "write it such as 2026-11-01T00:00:00+08:00"
        )
    return instant


def _check_books(double_payments: int) -> None:
    if double_payments:
        raise PreflightError(f"{double_payments} orders were paid twice; this must never happen")
