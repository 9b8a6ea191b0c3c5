"""Commands about a whole book: the mutation report, lint, the pages of the reason codes."""

from pathlib import Path
from typing import Annotated

import typer

from features.progress import progress_bar
from rules.book import load_book
from rules.cli_printing import AsJson, Folder, print_json
from rules.coverage import load_coverage
from rules.explanation import explained, read_facts
from rules.lint import lint_book
from rules.mutation import MutationReport, mutate_book
from rules.packs import load_packs
from rules.reason_pages import write_pages

FOUND = 1
"""Exit status where a report finds something to look at."""


def report_mutations(folder: Path | None, as_json: bool) -> None:
    """Say which change of a condition no example notices; exit 1 if there is one."""
    book, packs = load_book(folder), load_packs()
    with progress_bar("mutations") as progress:
        report = mutate_book(book, packs, progress)
    if as_json:
        _print_mutations_json(report)
    else:
        for one in report.unnoticed:
            print(f"unnoticed {one.code:32} {one.what}")
        print(
            f"{len(report.mutations)} changes of {len(book.rules)} conditions, "
            f"{len(report.unnoticed)} unnoticed ({report.noticed_share:.1%} noticed)"
        )
    if report.unnoticed:
        raise typer.Exit(FOUND)


def _print_mutations_json(report: MutationReport) -> None:
    unnoticed = [{"code": one.code, "what": one.what} for one in report.unnoticed]
    print_json(
        {
            "mutations": len(report.mutations),
            "noticed_share": report.noticed_share,
            "unnoticed": unnoticed,
        }
    )


def lint(folder: Folder = None, as_json: AsJson = False) -> None:
    """Find duplicate, subsumed, contradictory and dead rules; exit 1 if a claim is made."""
    book, packs = load_book(folder), load_packs()
    with progress_bar("lint") as progress:
        report = lint_book(book, packs, progress)
    if as_json:
        print_json(report)
    else:
        for claim in report.claims:
            print(f"{claim.fault:13} {' and '.join(claim.codes)}: {claim.told}")
            for witness in claim.witnesses:
                print(f"              {witness.says}: {witness.facts}")
        for pair in report.undecided:
            print(f"not decided   {' and '.join(pair)}")
        print(
            f"{report.pairs} pairs of {len(book.rules)} rules: {len(report.claims)} claims, "
            f"{len(report.undecided)} not decided"
        )
    if report.claims:
        raise typer.Exit(FOUND)


def write_docs(
    folder: Folder = None,
    out: Annotated[Path, typer.Option(help="Where the pages go.")] = Path("docs/reasons"),
) -> None:
    """Write a page for each reason code, and their index."""
    written = write_pages(load_book(folder), out)
    print(f"{len(written)} pages in {out}")


def coverage(as_json: AsJson = False) -> None:
    """Say which codes decide each rule of the starter library, or why no order can."""
    covered = load_coverage(load_book())
    if as_json:
        print_json(covered)
        return
    for number, one in covered.items():
        decided = ", ".join(one.codes) or f"not decidable: {one.undecidable}"
        print(f"{number:4} {one.rule}: {decided}")
    print(f"{sum(bool(one.codes) for one in covered.values())} of {len(covered)} decided")


def explain(
    code: Annotated[str, typer.Argument(help="The rule's code.")],
    facts: Annotated[str, typer.Argument(help="Facts as JSON, such as an example of the rule.")],
    folder: Annotated[Path | None, typer.Option(help="A folder of rules.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what each part of a rule's condition comes to on some facts."""
    book, packs = load_book(folder), load_packs()
    lines = explained(book[code], read_facts(facts), book, packs)
    if as_json:
        print_json(lines)
        return
    for line in lines:
        print(f"{line.shown:8} {'  ' * line.depth}{line.part}")
