"""Commands about the rule book and the channel packs."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from features.errors import RuleError
from rules.book import Book, load_book
from rules.packs import Pack, Packs, load_packs
from rules.proof import check_book, run_examples

rules_app = typer.Typer(help="List, check and try the rule book.", no_args_is_help=True)
channels_app = typer.Typer(help="List and show the channel packs.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folder = Annotated[
    Path | None, typer.Argument(help="A folder of rules; the shipped book if left out.")
]


@rules_app.command("list")
def list_rules(folder: Folder = None, as_json: AsJson = False) -> None:
    """List every rule: code, severity, basis, title."""
    book = load_book(folder)
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
        _print_json(rows)
        return
    for rule in book:
        entry = rule.entry
        print(f"{entry.code:32} {entry.severity:8} {entry.basis:13} {entry.title.en}")


@rules_app.command("show")
def show_rule(
    code: Annotated[str, typer.Argument(help="The rule's code.")],
    as_json: AsJson = False,
) -> None:
    """Show one rule whole: condition, reason, source, thresholds, examples."""
    entry = load_book()[code].entry
    if as_json:
        _print_json(entry)
        return
    print(msgspec.yaml.encode(entry).decode(), end="")


@rules_app.command("check")
def check(folder: Folder = None, as_json: AsJson = False) -> None:
    """Check names, kinds and examples of a book; exit 2 with file and line if one fails."""
    book, packs = load_book(folder), load_packs()
    proofs = check_book(book, packs)
    report = {"version": book.version, "rules": len(book.rules), "examples": len(proofs)}
    if as_json:
        _print_json(report)
        return
    print(
        f"{len(book.rules)} rules, {len(proofs)} examples, all as they should be ({book.version})"
    )


@rules_app.command("test")
def try_examples(folder: Folder = None, as_json: AsJson = False) -> None:
    """Run every example and say what it did; exit 2 if one fails."""
    book, packs = load_book(folder), load_packs()
    rows = _example_rows(book, packs)
    if as_json:
        _print_json(rows)
    else:
        for row in rows:
            mark = "ok  " if row["holds"] else "FAIL"
            print(f"{mark} {row['code']:32} {row['expected']:7} {row['example']}")
    failed = sum(not row["holds"] for row in rows)
    if failed:
        raise RuleError(f"{failed} of {len(rows)} examples fail")


@channels_app.command("list")
def list_channels(as_json: AsJson = False) -> None:
    """List the channels that have a pack."""
    packs = load_packs()
    if as_json:
        _print_json([{"channel": pack.channel, "title": pack.file.title} for pack in packs])
        return
    for pack in packs:
        print(f"{pack.channel:16} {pack.file.title.zh} / {pack.file.title.en}")


@channels_app.command("show")
def show_channel(
    channel: Annotated[str, typer.Argument(help="The channel's name.")],
    as_json: AsJson = False,
) -> None:
    """Show one pack: its dated facts, each with source and grade."""
    pack = load_packs()[channel]
    if as_json:
        _print_json({"version": pack.version, **msgspec.to_builtins(pack.file)})
        return
    _print_pack(pack)


def _print_pack(pack: Pack) -> None:
    print(f"{pack.channel}: {pack.file.title.zh} / {pack.file.title.en}")
    print(f"version {pack.version}, checked on {pack.file.checked_on}")
    for name, fact in pack.file.facts.items():
        value = "unknown" if fact.value is None else fact.value
        print(f"  {name:40} {value}  [{fact.source}, grade {fact.grade or '-'}]")
    print(f"  answer codes from: {', '.join(pack.file.code_tables) or 'none'}")


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


def _print_json(value: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
