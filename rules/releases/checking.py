"""Checks content before it may run: it loads, fits everything else that runs, and proves itself."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from features.errors import RuleError
from features.progress import Progress, silent
from rules.book import Book
from rules.bound import bind
from rules.engines.compiled import CompiledEngine
from rules.lint import lint_book
from rules.packs import Packs, load_packs
from rules.proof import check_book
from rules.releases.audit import Verb
from rules.releases.desk import Desk
from rules.releases.drafts import Draft
from rules.releases.fitting import check_fit
from rules.releases.kinds import BOOK, PACKS, Kind
from rules.releases.store import version_of


class CheckReport(Struct, frozen=True, kw_only=True):
    """What a check found in content that may run."""

    kind: str
    draft: str
    content: str
    """The fingerprint of the files, by which an approval and a version are bound to them."""
    fingerprint: str
    """What decisions call the content."""
    rules: int = 0
    examples: int = 0
    claims: tuple[str, ...] = ()
    """What lint claims; a person judges it."""
    undecided: int = 0
    notes: tuple[str, ...] = ()


@contextmanager
def unpacked(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Lay files out in a folder that is there while the block runs: what is read stays the same."""
    with tempfile.TemporaryDirectory(prefix="preflight-draft-") as place:
        for name, content in files.items():
            path = Path(place, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield Path(place)


def check(desk: Desk, draft: Draft, progress: Progress = silent) -> CheckReport:
    """Check what a draft holds, and write down that it passed; raises RuleError for a fault."""
    report = examine(desk, draft, draft.files(), progress)
    desk.record(
        desk.line(
            Verb.CHECK,
            draft.kind,
            draft=draft.name,
            content=report.content,
            evidence={
                "fingerprint": report.fingerprint,
                "rules": report.rules,
                "examples": report.examples,
                "claims": len(report.claims),
            },
        )
    )
    return report


def examine(
    desk: Desk, draft: Draft, files: Mapping[str, bytes], progress: Progress = silent
) -> CheckReport:
    """Check files as a draft's content; raises RuleError or ExpressionError with file and line."""
    kind, catalog = draft.kind, desk.load_catalog()
    with unpacked(files) as folder:
        part = kind.load(folder, catalog)
    report = CheckReport(
        kind=kind.name,
        draft=draft.name,
        content=version_of(kind.name, files),
        fingerprint=kind.fingerprint(part),
        notes=tuple(f"{name} is no part of it" for name in draft.left_out()),
    )

    def beside(other: Kind) -> Any:
        return part if other is kind else desk.loaded(other, desk.current(other), catalog)

    check_fit(desk, kind, part, catalog)
    if kind.is_judged:
        return _judged(report, beside(BOOK), beside(PACKS), progress)
    return report


def _judged(report: CheckReport, book: Book, packs: Packs, progress: Progress) -> CheckReport:
    examples, notes = _proven(book, packs)
    for pack in packs:
        for period in pack.periods:
            CompiledEngine(bind(book, period))
    claims: tuple[str, ...] = ()
    undecided = 0
    if report.kind == BOOK.name:
        found = lint_book(book, packs, progress)
        claims = tuple(f"{one.fault}: {one.told}" for one in found.claims)
        undecided = len(found.undecided)
    return structs.replace(
        report,
        rules=len(book.rules),
        examples=examples,
        claims=claims,
        undecided=undecided,
        notes=(*report.notes, *notes),
    )


def _proven(book: Book, packs: Packs) -> tuple[int, tuple[str, ...]]:
    """Run every example by the packs that would run; count them, and say which packs they need.

    An example that holds by the shipped pack of its channel alone is no fault: it tells that the
    merchant's own pack says otherwise.
    """
    examples, notes = 0, []
    for rule in book:
        alone = replace(book, rules=(rule,))
        try:
            examples += len(check_book(alone, packs))
        except RuleError as error:
            shipped = Packs({**packs.by_channel, **load_packs().by_channel})
            try:
                examples += len(check_book(alone, shipped))
            except RuleError:
                raise error from None
            notes.append(f"{rule.code}: an example holds by the shipped pack, not by your own")
    return examples, tuple(notes)
