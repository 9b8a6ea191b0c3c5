"""The commands of the service: run, serve, score, replay."""

from os import environ
from pathlib import Path
from typing import Annotated

import typer

from serving.settings import read_settings

app = typer.Typer(add_completion=False)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command()
def run(
    orders: Annotated[int, typer.Option(help="Orders to simulate where no model is.")] = 20_000,
    days: Annotated[int, typer.Option(help="Days that they span.")] = 60,
    seed: Annotated[int, typer.Option(help="Seed of the simulated world.")] = 7,
) -> None:
    """Simulate, train, serve and score three examples, in one go; then keep serving."""
    from serving.first_run import Simulated, prepare
    from serving.running import end_on_sigterm, serve_until_stopped

    end_on_sigterm()
    settings = read_settings(environ)
    prepare(settings, Simulated(orders, days, seed))
    serve_until_stopped(settings, with_examples=True)


@app.command()
def serve() -> None:
    """Serve decisions over HTTP until Ctrl-C or SIGTERM."""
    from serving.running import end_on_sigterm, serve_until_stopped

    end_on_sigterm()
    serve_until_stopped(read_settings(environ), with_examples=False)


@app.command()
def score(
    file: Annotated[Path, typer.Argument(help="One order as JSON, an array, or JSON lines.")],
    as_json: AsJson = False,
) -> None:
    """Score the orders of a file, without a service: nothing is written or counted."""
    import msgspec
    from rich.console import Console

    from serving.answers import ScoreAnswer
    from serving.offline import score_file
    from serving.printing import answer_panel

    console = Console()
    for answer in score_file(read_settings(environ), file):
        if as_json:
            print(answer.decode())
        else:
            decoded = msgspec.json.decode(answer, type=ScoreAnswer)
            console.print(answer_panel(decoded, str(file)))


@app.command()
def replay(
    decision_id: Annotated[
        str | None, typer.Argument(help="The id of a decision in the ledger; default: all.")
    ] = None,
    recorded_lists: Annotated[
        bool, typer.Option("--recorded-lists", help="Ask the lists as they were, not as they are.")
    ] = False,
    every: Annotated[
        int, typer.Option(min=1, help="Only each so-many-th decision, of a large ledger.")
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """Decide recorded orders again, from what was known then; exit 1 where an answer differs."""
    import msgspec

    from serving.replay import replay as replay_decisions

    total = different = 0
    settings = read_settings(environ)
    asked = replay_decisions(settings, decision_id, recorded_lists=recorded_lists, every=every)
    for found in asked:
        total += 1
        different += bool(found.differs)
        if as_json:
            print(msgspec.json.encode(found).decode())
        elif found.differs or decision_id is not None:
            print(found.in_words())
    if not as_json:
        print(f"{total:,} decided again, {different:,} differ")
    if different:
        raise typer.Exit(1)
