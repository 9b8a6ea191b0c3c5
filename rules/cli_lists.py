"""Commands about block, allow and exempt lists."""

from collections.abc import Iterator
from getpass import getuser
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from features.errors import RuleError
from features.masking import Masker, load_or_make_key
from features.progress import progress_bar
from features.times import from_us, now_us
from rules.book import Book, load_book
from rules.cli_printing import AsJson, print_json
from rules.lists.changes import (
    Desk,
    add_entry,
    import_csv,
    nature_of,
    remove_value,
    stored_value,
)
from rules.lists.declared import check_uses
from rules.lists.kept import Entry, ListHead
from rules.lists.lists import load_lists
from rules.lists.store import ListStore, store_of
from rules.releases.loading import book_in_force

lists_app = typer.Typer(help="Keep block, allow and exempt lists.", no_args_is_help=True)

REFUSED = 1
"""Exit status where some rows of an import were refused."""
DEFAULT_HOME = Path(".preflight")
_SHOWN = 20

Name = Annotated[str, typer.Argument(help="The list's name, such as blocked_buyers.")]
Home = Annotated[
    Path, typer.Option("--home", envvar="PREFLIGHT_HOME", help="Where the lists are kept.")
]
By = Annotated[
    str | None,
    typer.Option("--by", envvar="PREFLIGHT_BY", help="Who changes it; your login if none."),
]
Kind = Annotated[str | None, typer.Option("--kind", help="block, allow or exempt; for a new list.")]
Fact = Annotated[
    str | None, typer.Option("--fact", help="What it holds: buyer.id, device.ip, words …; if new.")
]
Rules = Annotated[
    list[str] | None, typer.Option("--rule", help="A rule that an exempt list silences; repeat it.")
]
BookFolder = Annotated[
    Path | None, typer.Option("--book", help="The rules that an exempt list may name.")
]
Value = Annotated[str, typer.Argument(help="A value; secret numbers whole or as their hash.")]


@lists_app.command("import")
def import_list(  # noqa: PLR0913 - one parameter per option is how typer reads them
    name: Name,
    file: Annotated[Path, typer.Option("--file", help="A CSV file in UTF-8 with a header.")],
    kind: Kind = None,
    fact: Fact = None,
    rule: Rules = None,
    by: By = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where refused rows go; beside the file if left out.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep what the list already has.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Change nothing where a row is refused.")
    ] = False,
    book: BookFolder = None,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Replace a list by a CSV file's rows; exit 1 where some were refused, 2 where all were."""
    desk = _desk(home, by, book)
    nature = nature_of(desk.store, name, kind, fact, tuple(rule or ()))
    place = rejects or file.with_name(f"{file.stem}.rejects.csv")
    with progress_bar(f"import {name}") as progress:
        reading, head = import_csv(
            desk, file, nature, keep=keep, strict=strict, rejects=place, progress=progress
        )
    if head is None:
        raise RuleError(_none_taken(file, reading.rows, len(reading.refused), place, strict))
    report = _head_row(head) | {
        "rows": reading.rows,
        "repeated": reading.repeated,
        "refused": len(reading.refused),
        "rejects": str(place) if reading.refused else None,
    }
    if as_json:
        print_json(report)
    else:
        print(f"{_head_line(head)}: {reading.rows:,} rows, {reading.repeated:,} said twice")
        if reading.refused:
            print(f"{len(reading.refused):,} rows were refused; {place} says why")
    if reading.refused:
        raise typer.Exit(REFUSED)


@lists_app.command("list")
def list_lists(home: Home = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """List every list: kind, fact, entries, version."""
    store = store_of(home)
    heads = [store.head(name) for name in store.names()]
    if as_json:
        print_json([_head_row(head) for head in heads])
        return
    for head in heads:
        print(_head_line(head))
    if not heads:
        print(f"no lists in {store.folder}")


@lists_app.command("show")
def show_list(
    name: Name,
    value: Annotated[
        str | None, typer.Option("--value", help="Show only the entry of this value.")
    ] = None,
    version: Annotated[str | None, typer.Option("--version", help="An earlier version.")] = None,
    most: Annotated[int, typer.Option("--most", help="How many entries to show.")] = _SHOWN,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Show a list and its first entries, or the entry of one value; exit 1 if it has none."""
    store = store_of(home)
    head = store.head(name, version)
    entries = list(islice(_wanted(store, head, home, value), most))
    if as_json:
        print_json(_head_row(head) | {"shown": entries})
    else:
        print(_head_line(head))
        for entry in entries:
            print(f"  {_entry_line(entry)}")
        if value is None and head.entries > len(entries):
            print(f"  … {head.entries - len(entries):,} more")
    if value is not None and not entries:
        raise typer.Exit(REFUSED)


@lists_app.command("add")
def add(  # noqa: PLR0913 - one parameter per option is how typer reads them
    name: Name,
    value: Value,
    until: Annotated[
        str, typer.Option("--until", help="Until when it holds: 2027-01-31T00:00:00+08:00")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    rule: Rules = None,
    kind: Kind = None,
    fact: Fact = None,
    by: By = None,
    book: BookFolder = None,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Add one value, or say something else of it; with --kind and --fact makes the list."""
    desk = _desk(home, by, book)
    is_new = desk.store.current(name) is None
    codes = tuple(rule or ())
    nature = nature_of(desk.store, name, kind, fact, codes if is_new else ())
    cells = {"value": value, "until": until, "reason": reason}
    if not is_new:
        cells["rules"] = " ".join(codes)
    _say(add_entry(desk, nature, cells), as_json)


@lists_app.command("remove")
def remove(
    name: Name,
    value: Value,
    by: By = None,
    book: BookFolder = None,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Take one value out of a list."""
    _say(remove_value(_desk(home, by, book), name, value), as_json)


@lists_app.command("versions")
def versions(name: Name, home: Home = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """Say who changed a list, when, and to which version; the current one is marked."""
    store = store_of(home)
    current, changes = store.need(name), store.audit(name)
    if as_json:
        kept = store.versions(name)
        print_json({"list": name, "current": current, "kept": kept, "changes": changes})
        return
    for line in changes:
        mark = "*" if line.after == current else " "
        print(
            f"{mark} {line.after}  {line.at:%Y-%m-%d %H:%M:%S}Z  {line.verb:8} "
            f"{line.entries:>9,} entries  by {line.by}  {line.note}".rstrip()
        )


@lists_app.command("rollback")
def rollback(
    name: Name,
    to: Annotated[str | None, typer.Option("--to", help="Which version; the last if none.")] = None,
    by: By = None,
    book: BookFolder = None,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Make an earlier version of a list current again."""
    _say(_desk(home, by, book).roll_back(name, to), as_json)


def _desk(home: Path, by: str | None, book: Path | None) -> Desk:
    masker = Masker(load_or_make_key(home))
    bases = (book_in_force(home) if book is None else load_book(book)).bases
    return Desk(store_of(home), masker, bases, by or login(), from_us(now_us()))


def login() -> str:
    """Name the person who is logged in; raises RuleError where the account has no name."""
    try:
        return getuser()
    except (KeyError, OSError):
        raise RuleError("this account has no name; say who it is with --by") from None


def _wanted(store: ListStore, head: ListHead, home: Path, value: str | None) -> Iterator[Entry]:
    if value is None:
        yield from store.entries(head)
        return
    wanted = stored_value(store, Masker(load_or_make_key(home)), head.name, value)
    yield from (entry for entry in store.entries(head) if entry.value == wanted)


def _say(head: ListHead, as_json: bool) -> None:
    if as_json:
        print_json(_head_row(head))
    else:
        print(_head_line(head))


def _head_row(head: ListHead) -> dict[str, Any]:
    return {
        "list": head.name,
        "kind": head.kind,
        "fact": head.fact,
        "entries": head.entries,
        "version": head.version,
        "rules": sorted(head.codes),
    }


def _head_line(head: ListHead) -> str:
    silences = f"  silences {', '.join(sorted(head.codes))}" if head.codes else ""
    return (
        f"{head.name:24} {head.kind:7} {head.fact:24} {head.entries:>9,} entries  "
        f"{head.version}{silences}"
    )


def _entry_line(entry: Entry) -> str:
    said = msgspec.to_builtins(entry)
    value = said.pop("value")
    told = "  ".join(f"{name}: {one}" for name, one in said.items())
    return f"{value}  {told}".rstrip()


def _none_taken(file: Path, rows: int, refused: int, place: Path, strict: bool) -> str:
    if not rows:
        return f"{file} has no rows; nothing was changed"
    why = f"--strict, and {refused:,} of {rows:,} rows are refused" if strict else "all are refused"
    return f"{file}: {why}; {place} says why, nothing was changed"


def lists_for(book: Book, home: Path) -> dict[str, str]:
    """Give the version of each list that a book asks, or that exempts.

    Raises RuleError for a list that is here something else than the book says.
    """
    lists = load_lists(store_of(home))
    check_uses(lists, book.lists)
    return lists.versions(book.asked_lists)
