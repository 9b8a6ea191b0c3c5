"""The commands `preflight simulate …`."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from training.cli_play import channel, circle, instant_of, load

app = typer.Typer(help="Make a merchant's world with known causes.", no_args_is_help=True)


@app.callback()
def simulate() -> None:
    """Make a merchant's history with known causes."""


@app.command()
def history(
    out: Annotated[Path, typer.Option(help="Folder of the new history.")],
    orders: Annotated[int, typer.Option(help="How many orders.")] = 20_000,
    days: Annotated[int, typer.Option(help="Over how many days.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    end: Annotated[
        str | None, typer.Option(help="When the history ends, such as 2026-11-01T00:00:00+08:00.")
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="A shipped scenario by name, or a file of your own.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Simulate orders, their faults and what the channels answered; the truth lies beside them."""
    from training.simulate.history import simulate_history
    from training.simulate.scenario_file import load_scenario

    world = load_scenario(scenario) if scenario else None
    report = simulate_history(
        orders, days, seed, out, None if end is None else instant_of("--end", end), world
    )
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
        return
    print(
        f"Simulated {report.orders:,} orders in {out}: {report.refused:,} refused "
        f"({report.refused / report.orders:.1%}), {report.unresolved:,} still unanswered."
    )
    for cause, count in report.causes.items():
        print(f"  {count:>7,}  {cause}")


@app.command()
def plots(
    history: Annotated[Path, typer.Option(help="A simulated history.")],
    out: Annotated[Path, typer.Option(help="Folder of the pictures.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print their paths as JSON.")] = False,
) -> None:
    """Draw a simulated history: who orders when, true causes, and what a naive rule gets wrong."""
    from training.simulate.pictures import draw_pictures

    drawn = [str(path) for path in draw_pictures(history, out)]
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(drawn) + b"\n")
        return
    for path in drawn:
        print(path)


app.command()(channel)
app.command()(load)
app.command()(circle)
