"""What became of a kind: every step with who, when and why; and what a name stands for."""

from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from features.catalog import Catalog
from rules.releases.audit import POINTING, Recorded, Verb
from rules.releases.checking import unpacked
from rules.releases.desk import CURRENT, Desk
from rules.releases.differences import VersionDiff, compare
from rules.releases.drafts import drafts
from rules.releases.kinds import Kind
from rules.releases.store import SHIPPED, unfinished


class Step(Struct, frozen=True, kw_only=True):
    """One line of the audit, with its own fingerprint; `cut_off` where it never took effect."""

    number: int
    at: datetime
    by: str
    verb: Verb
    draft: str | None
    content: str | None
    before: str | None
    after: str | None
    why: str
    evidence: dict[str, str | int | float | bool | None]
    digest: str
    is_current: bool
    cut_off: bool


class HistoryReport(Struct, frozen=True, kw_only=True):
    """Every step of a kind, oldest first, and whether the whole audit still holds."""

    kind: str
    current: str
    steps: tuple[Step, ...]
    faults: tuple[str, ...]
    """Where the chain of all lines is broken; none where it holds."""
    last: str
    """The fingerprint of the last line of all: noted elsewhere, it proves even a rewritten log."""


def history(desk: Desk, kind: Kind) -> HistoryReport:
    """Read the audit of a kind."""
    lines, pointer = desk.store.log.read(), desk.store.pointer()
    voided = {one.line.evidence.get("line") for one in lines if one.line.verb is Verb.VOID}
    cut = {one.line.number for one in unfinished(lines, pointer)} | voided
    current = desk.store.current(kind.name)
    moved = [
        one.line.number
        for one in lines
        if one.line.kind == kind.name and one.line.verb in POINTING and one.line.number not in cut
    ]
    mine = tuple(
        _step(one, is_current=moved[-1:] == [one.line.number], cut_off=one.line.number in cut)
        for one in lines
        if one.line.kind == kind.name
    )
    return HistoryReport(
        kind=kind.name,
        current=current or SHIPPED,
        steps=mine,
        faults=desk.store.faults(),
        last=lines[-1].digest if lines else "",
    )


def diff(desk: Desk, kind: Kind, before: str, after: str) -> VersionDiff:
    """Compare `current`, `shipped`, drafts, versions or folders by field; raises RuleError."""
    catalog = desk.load_catalog()
    left, right = (_content(desk, kind, name, catalog) for name in (before, after))
    return compare(kind, left, right)


def _content(desk: Desk, kind: Kind, name: str, catalog: Catalog) -> tuple[str, Any]:
    for draft in drafts(desk, kind):
        if draft.name == name:
            with unpacked(draft.files()) as folder:
                return f"draft {name}", kind.load(folder, catalog)
    if Path(name).is_dir():
        return name, kind.load(Path(name), catalog)
    version = desk.named(kind, name)
    told = f"{CURRENT} {version}" if name == CURRENT else version
    return told, desk.loaded(kind, version, catalog)


def _step(one: Recorded, *, is_current: bool, cut_off: bool) -> Step:
    line = one.line
    return Step(
        number=line.number,
        at=line.at,
        by=line.by,
        verb=line.verb,
        draft=line.draft,
        content=line.content,
        before=line.before,
        after=line.after,
        why=line.why,
        evidence=line.evidence,
        digest=one.digest,
        is_current=is_current,
        cut_off=cut_off,
    )
