"""The commands `preflight bench …`."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Measure Preflight against other ways.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure Preflight against other ways to do the same, on this machine."""


@app.command()
def features(
    rows: Annotated[int, typer.Option(min=1_000, help="Orders to generate.")] = 1_000_000,
    per_customer: Annotated[
        int, typer.Option(min=1, help="Of one customer, in half a year.")
    ] = 350,
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each; the best counts.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the generated orders.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Compute four windows with distinct counts in five ways, and compare their speed."""
    from training.bench.side_by_side import SAMPLED, compare

    compared = compare(rows, rounds, seed, per_customer)
    if as_json:
        print(json.dumps(compared.as_json(), indent=2))
        return
    print(f"{'':<12}{'rows':>12}{'seconds':>10}{'rows/s':>12}{'slower':>9}{'processor':>11}")
    for speed in compared.speeds:
        print(
            f"{speed.name:<12}{speed.rows:>12,}{speed.seconds:>10.2f}"
            f"{speed.rows_per_second:>12,.0f}{compared.times_slower(speed):>8,.1f}×"
            f"{compared.times_processor(speed):>10,.1f}×"
        )
    print(f"All five say the same. {' and '.join(SAMPLED)} had fewer rows; their rate is per row.")
    print(
        f"Not counted: the first call compiles, {compared.first_call_seconds:.1f} s; where the "
        f"kernels were compiled before it takes {compared.cached_first_call_seconds:.1f} s."
    )


@app.command()
def rules(
    orders: Annotated[int, typer.Option(min=100, help="Orders to ask about.")] = 1_000,
    history_rows: Annotated[
        int, typer.Option(min=1_000, help="Orders of the history.")
    ] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each; the best counts.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the orders and of the books.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Ask every rule engine that is installed for all hits of the same orders."""
    from training.bench.rule_report import measure_rules

    report = measure_rules(orders, history_rows, rounds, seed)
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
        return
    print("\n".join(report.lines()))


@app.command()
def book(
    orders: Annotated[int, typer.Option(min=100, help="Orders of each scenario.")] = 4_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulated histories.")] = 77,
    scenario: Annotated[
        list[Path] | None,
        typer.Option(help="A shipped scenario by name, or a file; repeat it. Default: all."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--book", help="A folder of rules. Default: the shipped book.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Count which simulated faults a rule book catches, and which clean orders it touches.

    Status 1 where a scenario misses a target.
    """
    from features.progress import progress_bar
    from rules.book import load_book
    from training.bench.book_report import measure_book
    from training.simulate.scenario_file import load_scenario, shipped_scenarios

    worlds = [load_scenario(which) for which in scenario or shipped_scenarios()]
    with progress_bar("bench book") as progress:
        report = measure_book(load_book(folder), worlds, orders, seed, progress)
    print(json.dumps(report.as_json(), indent=2) if as_json else "\n".join(report.lines()))
    if not report.meets_targets:
        raise typer.Exit(1)


@app.command()
def publish(
    orders: Annotated[int, typer.Option(min=100, help="Orders to send.")] = 100_000,
    publications: Annotated[int, typer.Option(min=1, help="Publications during it.")] = 12,
    kills: Annotated[int, typer.Option(min=0, help="Publications that are killed.")] = 8,
    stops: Annotated[int, typer.Option(min=0, help="Stops of a channel.")] = 5,
    in_flight: Annotated[int, typer.Option(min=1, help="Orders under way at a time.")] = 16,
    seed: Annotated[int, typer.Option(help="Of the orders and of the moments.")] = 1,
    every: Annotated[
        int, typer.Option(min=1, help="Each so-many-th order is decided again afterwards.")
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Publish books in turn into a service under load; status 1 if an order fails or mixes."""
    from features.progress import progress_bar
    from training.bench.publish_load import Plan
    from training.bench.publish_report import measure_publish

    plan = Plan(orders, in_flight, publications, kills, stops, seed, every)
    with progress_bar("bench publish") as progress:
        report = measure_publish(plan, progress)
    print(json.dumps(report.as_json(), indent=2) if as_json else "\n".join(report.lines()))
    if not report.holds:
        raise typer.Exit(1)


@app.command()
def repairs(
    orders: Annotated[int, typer.Option(min=100, help="Orders of each scenario.")] = 4_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulated histories.")] = 78,
    scenario: Annotated[
        list[Path] | None,
        typer.Option(help="A shipped scenario by name, or a file; repeat it. Default: all."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--book", help="A folder of rules. Default: the shipped book.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Count which faults the offered repairs put right, against the true orders.

    Status 1 where a scenario misses a target.
    """
    from features.progress import progress_bar
    from rules.book import load_book
    from training.bench.repair_report import measure_repairs
    from training.simulate.scenario_file import load_scenario, shipped_scenarios

    worlds = [load_scenario(which) for which in scenario or shipped_scenarios()]
    with progress_bar("bench repairs") as progress:
        report = measure_repairs(load_book(folder), worlds, orders, seed, progress)
    print(json.dumps(report.as_json(), indent=2) if as_json else "\n".join(report.lines()))
    if not report.meets_targets:
        raise typer.Exit(1)
