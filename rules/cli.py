"""Commands about the rule book."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from features.errors import RuleError
from rules.book import Book, load_book
from rules.cli_holds import pause, resume
from rules.cli_library import coverage, explain, lint, report_mutations, write_docs
from rules.cli_lists import DEFAULT_HOME, By, Home, lists_for
from rules.cli_printing import AsJson, Folder, print_json
from rules.cli_releases import CatalogFile, add_life, check_draft, desk_of
from rules.lists.lists import ABSENT
from rules.packs import Packs, load_packs
from rules.proof import check_book, run_examples
from rules.releases.kinds import BOOK
from rules.releases.loading import book_in_force

Running = Annotated[
    Path | None, typer.Argument(help="A folder of rules; the rules that run if left out.")
]
rules_app = typer.Typer(help="List, check and try the rule book.", no_args_is_help=True)
rules_app.command("lint")(lint)
rules_app.command("docs")(write_docs)
rules_app.command("explain")(explain)
rules_app.command("coverage")(coverage)
rules_app.command("pause")(pause)
rules_app.command("resume")(resume)
add_life(rules_app, "rules", besides=("check",))


@rules_app.command("list")
def list_rules(folder: Running = None, home: Home = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """List every rule: code, severity, basis, title."""
    book = _book(folder, home)
    rows = [
        {
            "code": rule.code,
            "severity": rule.entry.severity,
            "basis": rule.entry.basis,
            "grade": rule.entry.grade,
            "outcome_class": rule.entry.outcome_class,
            "title": rule.entry.title,
        }
        for rule in book
    ]
    if as_json:
        print_json(rows)
        return
    for rule in book:
        entry = rule.entry
        print(f"{entry.code:32} {entry.severity:8} {entry.basis:13} {entry.title.en}")


@rules_app.command("show")
def show_rule(
    code: Annotated[str, typer.Argument(help="The rule's code.")],
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Show one rule of those that run: condition, reason, source, thresholds, examples."""
    entry = book_in_force(home)[code].entry
    if as_json:
        print_json(entry)
        return
    print(msgspec.yaml.encode(entry).decode(), end="")


@rules_app.command("check")
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A draft's name or a folder of rules; the rules that run if left out."),
    ] = None,
    by: By = None,
    catalog: CatalogFile = None,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Check names, kinds and examples; exit 2 with file and line if one fails."""
    if folder is not None and not folder.is_dir():
        check_draft(BOOK, str(folder), desk_of(home, by, catalog), as_json=as_json)
        return
    book, packs = _book(folder, home), load_packs()
    proofs = check_book(book, packs)
    lists = lists_for(book, home)
    report = {
        "version": book.version,
        "rules": len(book.rules),
        "examples": len(proofs),
        "lists": lists,
    }
    if as_json:
        print_json(report)
        return
    print(
        f"{len(book.rules)} rules, {len(proofs)} examples, all as they should be ({book.version})"
    )
    for name, version in lists.items():
        told = "is not here, so it is empty" if version == ABSENT else f"version {version}"
        print(f"list {name}: {told}")


@rules_app.command("test")
def try_examples(
    folder: Folder = None,
    as_json: AsJson = False,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Say which change of a condition no example notices.")
    ] = False,
) -> None:
    """Run every example and say what it did; exit 2 if one fails."""
    if mutate:
        report_mutations(folder, as_json)
        return
    book, packs = load_book(folder), load_packs()
    rows = _example_rows(book, packs)
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            mark = "ok  " if row["holds"] else "FAIL"
            print(f"{mark} {row['code']:32} {row['expected']:7} {row['example']}")
    failed = sum(not row["holds"] for row in rows)
    if failed:
        raise RuleError(f"{failed} of {len(rows)} examples fail")


def _book(folder: Path | None, home: Path) -> Book:
    return book_in_force(home) if folder is None else load_book(folder)


def _example_rows(book: Book, packs: Packs) -> list[dict[str, Any]]:
    return [
        {
            "code": proof.code,
            "expected": "fires" if proof.expected else "passes",
            "holds": proof.holds,
            "example": proof.example,
        }
        for rule in book
        for proof in run_examples(rule, book, packs)
    ]
