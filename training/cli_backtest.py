"""The command `preflight backtest`."""

import sys
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from training.cli import DEFAULT_HOME, AsJson, CatalogFile, Home

app = typer.Typer(help="Learn what an edit would have done.")
_INSTANTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]

BookA = Annotated[
    Path | None, typer.Option("--book", help="Folder of the new rules. Default: what runs.")
]
BookB = Annotated[
    Path | None, typer.Option("--against", help="Folder of the old rules. Default: what runs.")
]
PacksA = Annotated[
    Path | None, typer.Option("--packs", help="Folder of new packs, before those of the same name.")
]
PacksB = Annotated[Path | None, typer.Option("--against-packs", help="The same, of the old side.")]
CostsA = Annotated[Path | None, typer.Option("--costs", help="File of the new costs.")]
CostsB = Annotated[Path | None, typer.Option("--against-costs", help="The same, of the old side.")]


class WhichLists(StrEnum):
    """Which lists an order is held to."""

    THEN = "then"
    TODAY = "today"
    NONE = "none"


class WhichModel(StrEnum):
    """What `--model` may say instead of a folder."""

    CHAMPION = "champion"
    NONE = "none"


@app.command()
def backtest(  # noqa: PLR0913 - one parameter per option is how typer reads them
    out: Annotated[Path, typer.Option(help="Folder for backtest.json and backtest.html.")],
    history: Annotated[Path | None, typer.Option(help="A history folder.")] = None,
    ledger: Annotated[
        str | None, typer.Option(help="A ledger's URL, or `home` for the one in --home.")
    ] = None,
    book: BookA = None,
    against: BookB = None,
    packs: PacksA = None,
    against_packs: PacksB = None,
    costs: CostsA = None,
    against_costs: CostsB = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=_INSTANTS, help="First instant, UTC.")
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=_INSTANTS, help="Its end, itself outside.")
    ] = None,
    model: Annotated[
        str, typer.Option(help="A bundle's folder, `champion` (if there is one), or `none`.")
    ] = WhichModel.CHAMPION,
    lists: Annotated[
        WhichLists, typer.Option(help="As of each order's date, as they are today, or none.")
    ] = WhichLists.THEN,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes. Default: one for each core.")
    ] = None,
    catalog: CatalogFile = None,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Replay a history under a new and an old book, packs or costs, and compare them."""
    from features.progress import progress_bar
    from training.backtest.asked import Asked, plan_of
    from training.backtest.report import encoded, write_backtest
    from training.backtest.report import lines as told
    from training.backtest.run import run_backtest
    from training.backtest.setting import Sources
    from training.backtest.shares import InProcesses, cores

    asked = Asked(
        history=history,
        ledger=ledger,
        home=home,
        new=Sources(book, packs, costs),
        old=Sources(against, against_packs, against_costs),
        start=start,
        end=end,
        model=model,
        lists=lists.value,
        catalog=catalog,
    )
    with progress_bar("backtest") as progress:
        plan = plan_of(asked, progress)
        in_processes = InProcesses(
            replace(asked, history=plan.history, ledger=None), jobs or cores()
        )
        found = run_backtest(plan, progress, in_processes)
    written = write_backtest(found, out)
    if as_json:
        sys.stdout.buffer.write(encoded(found))
        return
    print("\n".join(told(found)))
    print(f"Written: {', '.join(map(str, written))}")
