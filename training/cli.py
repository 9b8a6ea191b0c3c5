"""The commands `preflight train`, `experiment`, `ablate` and `promote`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Learn: get a better model, and know that it is one.")

HistoryFolder = Annotated[Path, typer.Option("--history", help="A history folder.")]
CatalogFile = Annotated[
    Path | None, typer.Option("--catalog", help="A catalog of your own instead of the shipped one.")
]
Home = Annotated[
    Path, typer.Option("--home", envvar="PREFLIGHT_HOME", help="Where models and ledgers are kept.")
]
LateLabels = Annotated[
    bool,
    typer.Option(
        "--late-labels",
        help="Learn also from outcomes that arrived after the test began, as published figures do.",
    ),
]
Target = Annotated[str, typer.Option(help="The head: refused, risk_block, … or fraud.")]
TrainFrom = Annotated[str, typer.Option(help="First instant (or ordering id) to learn from.")]
TrainUntil = Annotated[str, typer.Option(help="End of the training period, itself outside.")]
Embargo = Annotated[str, typer.Option(help="Label delay such as 7d; or a number of ids.")]
Filter = Annotated[
    str | None, typer.Option(help="SQL condition on an order (alias o), train and test.")
]
TestFilter = Annotated[str | None, typer.Option(help="A further condition, for the test only.")]
Draws = Annotated[int, typer.Option(min=0, help="Draws for the intervals.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
DEFAULT_HOME = Path(".preflight")


@app.command()
def train(
    history: HistoryFolder,
    catalog: CatalogFile = None,
    home: Home = DEFAULT_HOME,
    seed: Annotated[int, typer.Option(help="The same seed gives the same model.")] = 1,
    promote: Annotated[bool, typer.Option(help="Make it the champion at once.")] = True,
    as_json: AsJson = False,
) -> None:
    """Fit, calibrate and register a model on all of a history; it becomes the champion."""
    from features.progress import progress_bar
    from training.promote import train_and_register
    from training.report import print_json, print_training

    with progress_bar("train") as progress:
        result = train_and_register(
            history, catalog, home, seed=seed, promote=promote, progress=progress
        )
    if as_json:
        print_json(result)
    else:
        print_training(result)


@app.command()
def promote(
    version: Annotated[
        str, typer.Argument(help="A version's number, or champion to export again.")
    ],
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Make a registered version the champion: the one that the service answers with."""
    from training.promote import promote_version
    from training.report import print_json

    result = promote_version(home, version)
    if as_json:
        print_json(result)
    else:
        print(f"Champion is version {result.version}, bundle {result.bundle}.")


@app.command()
def experiment(  # noqa: PLR0913 - one parameter per option is how typer reads them
    history: HistoryFolder,
    target: Target,
    train_from: TrainFrom,
    train_until: TrainUntil,
    test_from: Annotated[str, typer.Option(help="First instant (or ordering id) of the test.")],
    test_until: Annotated[str, typer.Option(help="End of the test, itself outside.")],
    embargo: Embargo = "0",
    catalog: CatalogFile = None,
    features: Annotated[
        str, typer.Option(help="raw: of the order alone; all: the catalog.")
    ] = "all",
    filter: Filter = None,
    test_filter: TestFilter = None,
    entity: Annotated[
        str | None, typer.Option(help="Entity (or fact) for precision_at_100 per day.")
    ] = None,
    late_labels: LateLabels = False,
    seed: Annotated[int, typer.Option(help="The first seed: the headline's.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds, each a model.")] = 1,
    bootstrap: Draws = 200,
    as_json: AsJson = False,
) -> None:
    """Train on one period, test on a later one."""
    from features.progress import progress_bar
    from training.experiment import run_experiment
    from training.plan import Plan
    from training.report import experiment_json, print_experiment, print_json

    plan = Plan(
        history=history,
        target=target,
        train_from=train_from,
        train_until=train_until,
        embargo=embargo,
        test_from=test_from,
        test_until=test_until,
        catalog=catalog,
        features=features,
        filter=filter,
        test_filter=test_filter,
        entity=entity,
        late_labels=late_labels,
        seeds=tuple(range(seed, seed + seeds)),
        bootstrap=bootstrap,
    )
    with progress_bar("experiment") as progress:
        report = run_experiment(plan, progress)
    if as_json:
        print_json(experiment_json(report))
    else:
        print_experiment(report)


@app.command()
def ablate(  # noqa: PLR0913 - one parameter per option is how typer reads them
    history: HistoryFolder,
    target: Target,
    train_from: TrainFrom,
    train_until: TrainUntil,
    test_from: Annotated[str, typer.Option(help="First instant (or ordering id) to measure on.")],
    test_until: Annotated[str, typer.Option(help="End of what is measured on, itself outside.")],
    out: Annotated[Path, typer.Option(help="Folder for ablation.json, .md and .png.")],
    embargo: Embargo = "0",
    catalog: CatalogFile = None,
    filter: Filter = None,
    test_filter: TestFilter = None,
    entity: Annotated[
        str | None, typer.Option(help="Entity (or fact) that intervals redraw as a whole.")
    ] = None,
    late_labels: LateLabels = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 1,
    bootstrap: Draws = 200,
    as_json: AsJson = False,
) -> None:
    """Measure what each family of features adds: without it, and beside the order alone."""
    from features.progress import progress_bar
    from training.ablate import run_ablation
    from training.ablate_report import markdown, write_ablation
    from training.plan import Plan
    from training.report import print_json

    plan = Plan(
        history=history,
        target=target,
        train_from=train_from,
        train_until=train_until,
        embargo=embargo,
        test_from=test_from,
        test_until=test_until,
        catalog=catalog,
        filter=filter,
        test_filter=test_filter,
        entity=entity,
        late_labels=late_labels,
        seeds=(seed,),
        bootstrap=bootstrap,
    )
    with progress_bar("ablate") as progress:
        found = run_ablation(plan, progress)
    written = write_ablation(found, out)
    if as_json:
        print_json(found)
    else:
        print(markdown(found))
        print(f"Written: {', '.join(map(str, written))}")
