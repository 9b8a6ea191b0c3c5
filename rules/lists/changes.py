"""Changes of lists: import, add, remove, roll back; each makes a version and moves the pointer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from features.errors import RuleError, suggest
from features.masking import Masker
from features.progress import Progress, silent
from rules.decision import Basis
from rules.lists.audit import AuditLine
from rules.lists.holdings import BadValue, ListKind, holding_of
from rules.lists.kept import Draft, Entry, ListHead, check_code, check_nature, encode_entry
from rules.lists.lists import check_exempt
from rules.lists.reading import Door, Reading, read_csv, write_rejects
from rules.lists.store import ListStore


@dataclass(frozen=True, slots=True)
class Desk:
    """Where lists are changed: by whom, when, and against which book's rules."""

    store: ListStore
    masker: Masker
    bases: Mapping[str, Basis]
    by: str
    at: datetime

    def publish(self, draft: Draft, verb: str, note: str = "") -> ListHead:
        """Write a draft as a version and make it the current one; call it while writing."""
        before = self.store.current(draft.name)
        if before is not None:
            _check_same(self.store.head(draft.name), draft)
        head = self.store.write(draft, lambda head: check_exempt(head, self.bases))
        self._point(head, before, verb, note)
        return head

    def roll_back(self, name: str, version: str | None) -> ListHead:
        """Make an earlier version current again: the one before the current, if none is named."""
        with self.store.writing():
            before = self.store.need(name)
            wanted = version or self._earlier(name, before)
            head = self.store.head(name, wanted)
            check_exempt(head, self.bases)
            self._point(head, before, "rollback", "")
        return head

    def _point(self, head: ListHead, before: str | None, verb: str, note: str) -> None:
        self.store.point(
            AuditLine(
                at=self.at,
                by=self.by,
                verb=verb,
                list=head.name,
                before=before,
                after=head.version,
                entries=head.entries,
                note=note,
            )
        )

    def _earlier(self, name: str, current: str) -> str:
        """Find what was current before the last change to the current version."""
        for line in reversed(self.store.audit(name)):
            if line.after == current and line.before not in (None, current):
                return str(line.before)
        raise RuleError(f"list {name} has no version before {current}; name one with --to")


def import_csv(
    desk: Desk,
    file: Path,
    nature: Draft,
    *,
    keep: bool,
    strict: bool,
    rejects: Path | None = None,
    progress: Progress = silent,
) -> tuple[Reading, ListHead | None]:
    """Make a version from a CSV file; None where nothing was taken.

    `keep` keeps the entries that the list has; a value that both have is the file's.
    Refused rows are written to `rejects` before anything is changed.
    """
    check_nature(nature.name, nature.kind, nature.fact, nature.rules)
    reading = read_csv(file, nature, desk.masker, desk.by, progress)
    if rejects is not None and reading.refused:
        write_rejects(rejects, reading.refused)
    if not nature.lines or (strict and reading.refused):
        return reading, None
    progress(100, 100, f"{len(nature.lines):,} entries written")
    with desk.store.writing():
        if keep and desk.store.current(nature.name) is not None:
            for value, line in desk.store.draft_of(nature.name).lines.items():
                nature.lines.setdefault(value, line)
        note = f"{file.name}: {reading.rows} rows, {len(reading.refused)} refused"
        return reading, desk.publish(nature, "import", note)


def add_entry(desk: Desk, nature: Draft, cells: Mapping[str, str]) -> ListHead:
    """Add one value, or say something else of it; makes the list where there is none."""
    check_nature(nature.name, nature.kind, nature.fact, nature.rules)
    entry = _read(Door(nature.kind, nature.fact, desk.masker, nature.rules), cells, desk.by)
    with desk.store.writing():
        draft = nature
        if desk.store.current(nature.name) is not None:
            draft = desk.store.draft_of(nature.name)
            _check_same(desk.store.head(nature.name), nature)
        draft.lines[entry.value] = encode_entry(entry)
        return desk.publish(draft, "add")


def remove_value(desk: Desk, name: str, value: str) -> ListHead:
    """Take one value out; raises RuleError where it is not in the list."""
    with desk.store.writing():
        draft = desk.store.draft_of(name)
        wanted = stored_value(desk.store, desk.masker, name, value)
        if draft.lines.pop(wanted, None) is None:
            raise RuleError(f"this value is not in list {name}; nothing was changed")
        return desk.publish(draft, "remove")


def stored_value(store: ListStore, masker: Masker, name: str, value: str) -> str:
    """Write a value as a list holds it; raises RuleError for one that it cannot hold."""
    try:
        return holding_of(store.head(name).fact).read(value, masker)
    except BadValue as error:
        raise RuleError(f"the value for list {name} {error}") from None


def nature_of(
    store: ListStore, name: str, kind: str | None, fact: str | None, rules: tuple[str, ...]
) -> Draft:
    """Tell what a list is: as it is said, or as the list of this name already is."""
    for code in rules:
        check_code(code)
    if store.current(name) is not None:
        head = store.head(name)
        kind, fact, rules = kind or head.kind, fact or head.fact, rules or head.rules
    if kind is None or fact is None:
        raise RuleError(f"list {name} is new; say its --kind (block, allow, exempt) and its --fact")
    if kind not in list(ListKind):
        raise RuleError(
            f"--kind is {kind!r}; it may be {', '.join(ListKind)}.{suggest(kind, ListKind)}"
        )
    return Draft(name, ListKind(kind), fact, rules)


def _read(door: Door, cells: Mapping[str, str], by: str) -> Entry:
    try:
        return door.entry(cells, by)
    except BadValue as error:
        raise RuleError(f"the value for {door.fact} {error}") from None


def _check_same(head: ListHead, draft: Draft) -> None:
    if (head.kind, head.fact) != (draft.kind, draft.fact):
        raise RuleError(
            f"list {head.name} is a {head.kind} list of {head.fact}, not a {draft.kind} list of "
            f"{draft.fact}; give the new one another name"
        )
