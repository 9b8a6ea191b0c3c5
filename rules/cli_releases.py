"""The commands of an edit's life, the same for rules, channels, costs and routes."""

from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from features.errors import RuleError
from features.progress import progress_bar
from features.times import from_us, now_us
from rules.cli_lists import DEFAULT_HOME, By, Home, login
from rules.cli_printing import AsJson, print_json
from rules.releases import printed
from rules.releases.approval import approve
from rules.releases.checking import check
from rules.releases.desk import CURRENT, Desk
from rules.releases.drafts import adopt, begin, discard, drafts, find
from rules.releases.history import diff, history
from rules.releases.kinds import Kind, kind_of
from rules.releases.opinion import Status, second_opinion
from rules.releases.publishing import Conditions, publish, roll_back
from rules.releases.sample import MOST_ORDERS, SampleSource

FOUND = 1
"""Exit status where a report finds something to look at."""
Name = Annotated[str, typer.Argument(help="The draft's name, such as weekend-limits.")]
Why = Annotated[str, typer.Option("--why", help="Why, as the audit keeps it.")]
CatalogFile = Annotated[
    Path | None, typer.Option("--catalog", help="The feature catalog; the champion's if none.")
]
History = Annotated[
    Path | None, typer.Option("--history", help="Sample recent orders from this history.")
]
Ledger = Annotated[
    str | None,
    typer.Option("--ledger", envvar="PREFLIGHT_LEDGER_URL", help="Or from this ledger's URL."),
]
Orders = Annotated[int, typer.Option("--orders", help="How many recent orders are sampled.")]


def add_life(app: typer.Typer, word: str, *, besides: tuple[str, ...] = ()) -> None:
    """Give an app the commands of a kind; those named in `besides` it has already."""
    kind = kind_of(word)
    for name, make in _COMMANDS.items():
        if name not in besides:
            app.command(name)(make(kind))


def desk_of(home: Path, by: str | None, catalog: Path | None = None) -> Desk:
    """Sit down at a data folder, as the person who is named or logged in."""
    return Desk(home, by or login(), from_us(now_us()), catalog)


def check_draft(kind: Kind, name: str, desk: Desk, *, as_json: bool) -> None:
    """Check what a draft holds, and say what was found."""
    with progress_bar(f"check {name}") as progress:
        report = check(desk, find(desk, kind, name), progress)
    _say(report, printed.check_lines(report), as_json=as_json)


def print_diff(desk: Desk, kind: Kind, before: str, after: str, *, as_json: bool) -> None:
    """Say what differs between two versions, drafts or folders."""
    found = diff(desk, kind, before, after)
    _say(found, printed.diff_lines(found), as_json=as_json)


def _draft(kind: Kind) -> Callable[..., None]:
    def draft(
        name: Name,
        source: Annotated[
            str, typer.Option("--from", help="current, shipped, a version, or a folder to copy.")
        ] = CURRENT,
        folder: Annotated[
            Path | None, typer.Option("--adopt", help="Edit this folder where it lies instead.")
        ] = None,
        by: By = None,
        why: Why = "",
        home: Home = DEFAULT_HOME,
        as_json: AsJson = False,
    ) -> None:
        """Begin a draft: a working copy to edit."""
        desk = desk_of(home, by)
        begun = (
            begin(desk, kind, name, source, why)
            if folder is None
            else adopt(desk, kind, name, folder, why)
        )
        _say(printed.draft_row(begun), printed.draft_lines(begun), as_json=as_json)

    return draft


def _drafts(kind: Kind) -> Callable[..., None]:
    def list_drafts(home: Home = DEFAULT_HOME, as_json: AsJson = False) -> None:
        """List the open drafts: where each lies, and what was done with it as it stands."""
        found = drafts(Desk(home, "", from_us(now_us())), kind)
        if as_json:
            print_json([printed.draft_row(one) for one in found])
            return
        for one in found:
            _print(printed.draft_lines(one))
        if not found:
            print(f"no drafts; begin one: preflight {kind.word} draft NAME")

    return list_drafts


def _check(kind: Kind) -> Callable[..., None]:
    def check_one(
        name: Name,
        by: By = None,
        catalog: CatalogFile = None,
        home: Home = DEFAULT_HOME,
        as_json: AsJson = False,
    ) -> None:
        """Check a draft: that it loads, fits what else runs, and proves itself."""
        check_draft(kind, name, desk_of(home, by, catalog), as_json=as_json)

    return check_one


def _backtest(kind: Kind) -> Callable[..., None]:
    def run_backtest(
        name: Name,
        orders: Annotated[
            Path | None, typer.Option("--history", help="The history to decide again.")
        ] = None,
        ledger: Annotated[
            str | None, typer.Option("--ledger", help="Or a ledger's URL; `home`: your own.")
        ] = None,
        by: By = None,
        home: Home = DEFAULT_HOME,
        as_json: AsJson = False,
    ) -> None:
        """Hold a draft to what runs, over past orders; in a process of its own; keep the report."""
        from rules.releases.backtests import backtest

        desk = desk_of(home, by)
        found = backtest(desk, find(desk, kind, name), orders, ledger)
        told = f"{name}: {found.content} held to what runs, over {found.orders}"
        _say(found, [told, f"  report {found.report}, for people in {found.page}"], as_json=as_json)

    return run_backtest


def _opinion(kind: Kind) -> Callable[..., None]:
    def opinion(
        name: Name,
        orders: History = None,
        ledger: Ledger = None,
        most: Orders = MOST_ORDERS,
        by: By = None,
        catalog: CatalogFile = None,
        home: Home = DEFAULT_HOME,
        as_json: AsJson = False,
    ) -> None:
        """Ask durable-rules about every example and recent orders; exit 1 where it differs."""
        desk = desk_of(home, by, catalog)
        formed = second_opinion(desk, find(desk, kind, name), SampleSource(orders, ledger, most))
        _say(formed, printed.opinion_lines(formed), as_json=as_json)
        if formed.status is not Status.AGREES:
            raise typer.Exit(FOUND)

    return opinion


def _approve(kind: Kind) -> Callable[..., None]:
    def approve_draft(
        name: Name,
        by: By = None,
        why: Why = "",
        home: Home = DEFAULT_HOME,
        as_json: AsJson = False,
    ) -> None:
        """Approve a draft as it stands; not by its author, and void with the next edit."""
        desk = desk_of(home, by)
        line = approve(desk, find(desk, kind, name), why).line
        reports = ", ".join(
            f"{what}: {report or 'none of this content'}" for what, report in line.evidence.items()
        )
        _say(line, [f"{name}: {line.by} approves {line.content}; {reports}"], as_json=as_json)

    return approve_draft


def _publish(kind: Kind) -> Callable[..., None]:
    def publish_draft(  # noqa: PLR0913 - one parameter per option is how typer reads them
        name: Name,
        by: By = None,
        why: Why = "",
        over: Annotated[
            str | None, typer.Option("--over", help="The version that ran since, to be replaced.")
        ] = None,
        without: Annotated[
            bool,
            typer.Option("--without-second-opinion", help="Where none can be had; recorded."),
        ] = False,
        orders: History = None,
        ledger: Ledger = None,
        most: Orders = MOST_ORDERS,
        catalog: CatalogFile = None,
        home: Home = DEFAULT_HOME,
        as_json: AsJson = False,
    ) -> None:
        """Make an approved draft run, at once and whole; a running service follows by itself."""
        began = perf_counter()
        desk = desk_of(home, by, catalog)
        conditions = Conditions(why, over, without, SampleSource(orders, ledger, most))
        with progress_bar(f"publish {name}") as progress:
            done = publish(desk, find(desk, kind, name), conditions, progress)
        _say(done, printed.published_lines(done, perf_counter() - began), as_json=as_json)

    return publish_draft


def _rollback(kind: Kind) -> Callable[..., None]:
    def rollback(
        to: Annotated[
            str | None, typer.Option("--to", help="A version, or shipped; the one before if none.")
        ] = None,
        by: By = None,
        why: Why = "",
        home: Home = DEFAULT_HOME,
        as_json: AsJson = False,
    ) -> None:
        """Make an earlier version run again, at once."""
        began = perf_counter()
        done = roll_back(desk_of(home, by), kind, to, why)
        _say(done, printed.published_lines(done, perf_counter() - began), as_json=as_json)

    return rollback


def _history(kind: Kind) -> Callable[..., None]:
    def show_history(
        verify: Annotated[
            bool, typer.Option("--verify", help="Check the chain; exit 2 if a line was changed.")
        ] = False,
        home: Home = DEFAULT_HOME,
        as_json: AsJson = False,
    ) -> None:
        """Say who did what, when and why; `*` is what runs, `x` was cut off by a crash."""
        report = history(Desk(home, "", from_us(now_us())), kind)
        if verify and report.faults:
            raise RuleError(f"the audit does not hold: {'; '.join(report.faults)}")
        held = [f"the audit holds; its last line is {report.last or 'not written yet'}"]
        lines = [*printed.history_lines(report), *(held if verify else ())]
        _say(report, lines, as_json=as_json)

    return show_history


def _diff(kind: Kind) -> Callable[..., None]:
    def show_diff(
        before: Annotated[str, typer.Argument(help="current, shipped, a draft, version, folder.")],
        after: Annotated[str, typer.Argument(help="What to compare it with, named likewise.")],
        home: Home = DEFAULT_HOME,
        as_json: AsJson = False,
    ) -> None:
        """Say what differs, field by field: added, removed and changed."""
        desk = Desk(home, "", from_us(now_us()))
        print_diff(desk, kind, before, after, as_json=as_json)

    return show_diff


def _discard(kind: Kind) -> Callable[..., None]:
    def discard_draft(
        name: Name, by: By = None, why: Why = "", home: Home = DEFAULT_HOME, as_json: AsJson = False
    ) -> None:
        """Close a draft; its working copy is removed, a folder of your own stays."""
        desk = desk_of(home, by)
        found = find(desk, kind, name)
        discard(desk, found, why)
        _say({"draft": name}, [f"{name} is closed"], as_json=as_json)

    return discard_draft


_COMMANDS: dict[str, Callable[[Kind], Callable[..., None]]] = {
    "draft": _draft,
    "drafts": _drafts,
    "check": _check,
    "diff": _diff,
    "backtest": _backtest,
    "opinion": _opinion,
    "approve": _approve,
    "publish": _publish,
    "rollback": _rollback,
    "history": _history,
    "discard": _discard,
}


def _say(value: Any, lines: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        _print(lines)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


costs_app = typer.Typer(help="Keep what a mistake costs you.", no_args_is_help=True)
routes_app = typer.Typer(help="Keep which channels may stand in for which.", no_args_is_help=True)
add_life(costs_app, "costs")
add_life(routes_app, "routes")
