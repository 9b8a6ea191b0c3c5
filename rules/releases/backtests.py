"""Starts a backtest of a draft in a process of its own, and keeps its report beside the draft."""

import subprocess
from pathlib import Path

import msgspec
from msgspec import Struct

from features.errors import PreflightError
from rules.packs import OWN_PACKS_FOLDER
from rules.releases.audit import Verb
from rules.releases.checking import unpacked
from rules.releases.costs_file import COSTS_FILE
from rules.releases.desk import Desk
from rules.releases.drafts import Draft
from rules.releases.kinds import BOOK, COSTS, PACKS, Kind
from rules.releases.loading import folder_in_force
from rules.releases.store import version_of

PAGES_FOLDER = "backtests"


class Backtest(Struct, frozen=True, kw_only=True):
    """Where the report of a backtest lies, and what it was about."""

    kind: str
    draft: str
    content: str
    orders: str
    """The history's folder, or the ledger."""
    report: str
    """The fingerprint of the kept report, whose file is `path`."""
    path: str
    page: str
    """The folder with the report for people."""
    summary: msgspec.Raw
    """The report itself, as the backtest printed it."""


class BacktestFailed(PreflightError):
    """The backtest ended without a report."""


def backtest(
    desk: Desk, draft: Draft, history: Path | None = None, ledger: str | None = None
) -> Backtest:
    """Hold a draft to what runs, over a history or a ledger (`home`: the data folder's own).

    Raises BacktestFailed where there is no report.
    """
    if (history is None) == (ledger is None):
        raise BacktestFailed("name either --history or --ledger, not both and not neither")
    orders = ("--history", str(history)) if history else ("--ledger", str(ledger))
    files = draft.files()
    content = version_of(draft.kind.name, files)
    page = desk.home / PAGES_FOLDER / f"{draft.kind.word}-{draft.name}-{content}"
    with unpacked(files) as folder:
        sides = _sides(desk, draft.kind, folder)
        report = _run(desk, (*orders, *sides, "--out", str(page)))
    with desk.store.writing():
        name = desk.store.keep_report(report)
        line = desk.line(
            Verb.BACKTEST,
            draft.kind,
            draft=draft.name,
            content=content,
            evidence={"report": name, "orders": orders[1], "against": desk.current(draft.kind)},
        )
        desk.store.log.append(line)
    return Backtest(
        kind=draft.kind.name,
        draft=draft.name,
        content=content,
        orders=orders[1],
        report=name,
        path=str(desk.store.report_path(name)),
        page=str(page),
        summary=msgspec.Raw(report),
    )


def _run(desk: Desk, arguments: tuple[str, ...]) -> bytes:
    """Run the command line's backtest; its progress goes where ours goes."""
    home = ("--home", str(desk.home))
    command = [*desk.command_line, "backtest", *arguments, *home, "--json"]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if ended.returncode != 0:
        raise BacktestFailed(
            f"the backtest ended with {ended.returncode}, see above; nothing was recorded. It was: "
            f"preflight backtest {' '.join(arguments)}"
        )
    try:
        return bytes(msgspec.json.decode(ended.stdout, type=msgspec.Raw))
    except msgspec.DecodeError as error:
        raise BacktestFailed(f"the backtest printed no JSON ({error}); not recorded") from None


def _sides(desk: Desk, kind: Kind, folder: Path) -> tuple[str, ...]:
    """Name both sides whole: what runs, and the same with the draft in the place of its kind."""
    if kind.name not in _PLACES:
        raise BacktestFailed(f"a backtest cannot tell what {kind.name} change; compare by diff")
    told: list[str] = []
    for one in (BOOK, PACKS, COSTS):
        running = folder_in_force(one, desk.store)
        new = folder if one is kind else running
        for option, place in zip(_OPTIONS[one.name], (new, running), strict=True):
            if place is not None:
                told += (option, str(place / _PLACES[one.name]))
    return tuple(told)


_PLACES = {BOOK.name: "", PACKS.name: OWN_PACKS_FOLDER, COSTS.name: COSTS_FILE}
"""Where in a version's folder lies what the backtest asks for."""
_OPTIONS = {
    BOOK.name: ("--book", "--against"),
    PACKS.name: ("--packs", "--against-packs"),
    COSTS.name: ("--costs", "--against-costs"),
}
"""What the backtest calls the new side and the old one."""
