"""The command line: one module above all rooms; each room's commands load when called."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from features.errors import PreflightError, suggest

USER_ERROR = 2


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command lives, and the line that `preflight --help` shows for it."""

    module: str
    help: str
    app: str = "app"


COMMANDS = {
    "run": Command("serving.cli", "Simulate, train, serve and score three examples, in one go."),
    "serve": Command("serving.cli", "Serve decisions over HTTP."),
    "score": Command("serving.cli", "Score the order of a file, without a service."),
    "replay": Command("serving.cli", "Decide a recorded order again and show what differs."),
    "import": Command(
        "training.sources.cli", "Turn a table of yours into a history.", "import_command"
    ),
    "train": Command("training.cli", "Train, calibrate and register a model on a history."),
    "experiment": Command("training.cli", "Train on one period, measure on a later one."),
    "ablate": Command("training.cli", "Measure what each family of features adds."),
    "backtest": Command("training.cli_backtest", "Replay a history under an edit and compare."),
    "promote": Command("training.cli", "Make a registered model the champion."),
    "features": Command("features.cli", "List, explain and build the features."),
    "parity": Command("features.cli", "Hold live features to columnar ones, value by value."),
    "rules": Command("rules.cli", "List, check and try the rule book.", "rules_app"),
    "lists": Command(
        "rules.cli_lists", "Import and keep block, allow and exempt lists.", "lists_app"
    ),
    "channels": Command(
        "rules.cli_channels", "List, compare and check the channel packs.", "channels_app"
    ),
    "holds": Command(
        "rules.cli_holds", "List the rules that are paused and the channels stopped.", "holds"
    ),
    "costs": Command(
        "rules.cli_releases", "Keep what a mistake costs you, with its history.", "costs_app"
    ),
    "routes": Command(
        "rules.cli_releases", "Keep which channels stand in for which.", "routes_app"
    ),
    "bench": Command("training.bench.cli", "Measure Preflight against other ways to do the same."),
    "simulate": Command("training.cli_simulate", "Make a merchant's history with known causes."),
}


def load_command(name: str) -> TyperCommand | TyperGroup:
    """Import the room that holds the command, and nothing else."""
    entry = COMMANDS[name]
    room: typer.Typer | Callable[..., None] = getattr(import_module(entry.module), entry.app)
    holder = typer.Typer()
    if isinstance(room, typer.Typer):
        holder.add_typer(room, name=name)
    else:
        holder.command(name)(room)
    found: Any = typer.main.get_group(holder).commands[name]
    command: TyperCommand | TyperGroup = getattr(found, "commands", {}).get(name, found)
    return command


class LazyGroup(TyperGroup):
    """Lists every command from the table above; imports a room only to run its command.

    A context is typer's own private class, hence `Any`.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        entry = COMMANDS.get(cmd_name)
        return TyperCommand(cmd_name, help=entry.help) if entry else None

    def resolve_command(
        self, ctx: Any, args: list[str]
    ) -> tuple[str | None, TyperCommand | TyperGroup | None, list[str]]:
        name = args[0]
        if name not in COMMANDS:
            raise PreflightError(
                f"there is no command {name!r}.{suggest(name, COMMANDS)} See preflight --help"
            )
        return name, load_command(name), args[1:]


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def preflight() -> None:
    """Know before you send it whether a channel will refuse an order, why, and what to do."""


def main() -> None:
    """Run the command line; what Preflight itself refuses is one plain line and exit 2."""
    try:
        app()
    except PreflightError as error:
        sys.stderr.write(f"preflight: {error}\n")
        sys.exit(USER_ERROR)


if __name__ == "__main__":
    main()
