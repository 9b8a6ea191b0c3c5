"""Drafts: working copies that people edit, and who began them. The audit says which are open."""

import re
import shutil
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from features.errors import RuleError, suggest
from rules.durable_files import write_folder
from rules.releases.audit import AuditLine, Recorded, Verb
from rules.releases.desk import CURRENT, Desk
from rules.releases.kinds import Kind
from rules.releases.store import SHIPPED, effective, version_of

DRAFTS_FOLDER = "drafts"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TAKEN = frozenset({CURRENT, SHIPPED})


@dataclass(frozen=True, slots=True)
class Draft:
    """One open draft."""

    kind: Kind
    name: str
    folder: Path
    author: str
    base: str
    """The version that it was drawn from, or the last that was published from it."""
    grounds: frozenset[str]
    """All of these: whatever else runs when it is published was made without it."""
    why: str
    lines: tuple[Recorded, ...]
    """What the audit says of it, oldest first."""

    def files(self) -> dict[str, bytes]:
        """Read what it holds at this moment; raises RuleError where it holds nothing."""
        files = self.kind.files(self.folder)
        if not files and not self.kind.adopts:
            raise RuleError(
                f"draft {self.name}: {self.folder} holds none of {', '.join(self.kind.patterns)}"
            )
        return files

    def is_there(self) -> bool:
        """Tell whether it holds anything; the folder of an adopted draft may be gone."""
        return self.folder.is_dir() and bool(self.kind.files(self.folder) or self.kind.adopts)

    def content(self) -> str:
        """Compute the fingerprint of what it holds at this moment."""
        return version_of(self.kind.name, self.files())

    def left_out(self) -> tuple[str, ...]:
        """Name the files of its folder that are no part of it, such as `amounts.yml`."""
        mine = self.files()
        every = (path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file())
        names = (path.as_posix() for path in every if not path.parts[0].startswith("."))
        return tuple(sorted(name for name in names if name not in mine))

    def said(self, verb: Verb, content: str | None = None) -> tuple[Recorded, ...]:
        """Give its lines of one step, about one content if it is given."""
        return tuple(
            one
            for one in self.lines
            if one.line.verb is verb and content in (None, one.line.content)
        )


def begin(desk: Desk, kind: Kind, name: str, source: str = CURRENT, why: str = "") -> Draft:
    """Make a working copy of a version, or of a folder of one's own.

    Raises RuleError for a name that is taken, or a source that holds nothing of this kind.
    """
    files = _source(desk, kind, source)
    folder = working_copy(desk, kind, name)
    with desk.store.writing():
        _check_free(desk, kind, name)
        if folder.exists():
            raise RuleError(f"{folder} is there already; move it away, or name the draft otherwise")
        write_folder(folder, files)
        for pattern in kind.patterns:
            (folder / pattern).parent.mkdir(exist_ok=True)
        desk.store.log.append(_opening(desk, kind, name, files, why))
    return find(desk, kind, name)


def adopt(desk: Desk, kind: Kind, name: str, folder: Path, why: str = "") -> Draft:
    """Take a folder of one's own, such as a checkout, as a draft; it is edited where it lies."""
    files = kind.files(folder)
    if not files:
        raise _nothing_of(kind, folder)
    with desk.store.writing():
        _check_free(desk, kind, name)
        where = {"folder": str(folder.absolute())}
        desk.store.log.append(_opening(desk, kind, name, files, why, where))
    return find(desk, kind, name)


def discard(desk: Desk, draft: Draft, why: str = "") -> None:
    """Close a draft; a working copy is removed, a folder of one's own stays."""
    desk.record(desk.line(Verb.DISCARD, draft.kind, draft=draft.name, why=why))
    if draft.folder == working_copy(desk, draft.kind, draft.name):
        shutil.rmtree(draft.folder, ignore_errors=True)


def find(desk: Desk, kind: Kind, name: str) -> Draft:
    """Find an open draft; raises RuleError with the nearest name."""
    found = {draft.name: draft for draft in drafts(desk, kind)}
    if name in found:
        return found[name]
    raise RuleError(
        f"no draft of {kind.word} is named {name!r}.{suggest(name, found)} "
        f"`preflight {kind.word} drafts` lists them, `preflight {kind.word} draft NAME` begins one"
    )


def working_copy(desk: Desk, kind: Kind, name: str) -> Path:
    """Tell where the working copy of a draft lies in the data folder."""
    return desk.home.absolute() / DRAFTS_FOLDER / kind.word / name


def drafts(desk: Desk, kind: Kind) -> tuple[Draft, ...]:
    """Give every open draft of a kind, by name."""
    lines: dict[str, list[Recorded]] = {}
    every = desk.store.log.read()
    took_effect = {one.line.number for one in effective(every, desk.store.pointer())}
    for one in every:
        name = one.line.draft
        if one.line.kind != kind.name or name is None:
            continue
        if one.line.verb is Verb.DISCARD:
            lines.pop(name, None)
        else:
            lines.setdefault(name, []).append(one)
    return tuple(
        _draft(desk, kind, name, tuple(lines[name]), took_effect) for name in sorted(lines)
    )


def _draft(
    desk: Desk, kind: Kind, name: str, lines: tuple[Recorded, ...], took_effect: Set[int]
) -> Draft:
    opened, own = lines[0].line, lines[0].line.evidence.get("folder")
    published = [
        str(one.line.after)
        for one in lines
        if one.line.verb is Verb.PUBLISH and one.line.number in took_effect
    ]
    bases = [opened.before or SHIPPED, *published]
    folder = working_copy(desk, kind, name) if own is None else Path(str(own))
    return Draft(kind, name, folder, opened.by, bases[-1], frozenset(bases), opened.why, lines)


def _opening(
    desk: Desk,
    kind: Kind,
    name: str,
    files: Mapping[str, bytes],
    why: str,
    where: Mapping[str, str] | None = None,
) -> AuditLine:
    return desk.line(
        Verb.DRAFT,
        kind,
        draft=name,
        content=version_of(kind.name, files),
        before=desk.store.current(kind.name),
        why=why,
        evidence=dict(where or {}),
    )


def _check_free(desk: Desk, kind: Kind, name: str) -> None:
    if _NAME.fullmatch(name) is None or name in _TAKEN:
        raise RuleError(
            f"{name!r} is no name of a draft; write letters, digits, `.`, `_` and `-`, such as "
            "weekend-limits"
        )
    if any(draft.name == name for draft in drafts(desk, kind)):
        raise RuleError(
            f"draft {name} of {kind.word} is open; go on with it, or close it: preflight "
            f"{kind.word} discard {name}"
        )


def _source(desk: Desk, kind: Kind, source: str) -> Mapping[str, bytes]:
    folder = Path(source)
    if not folder.is_dir():
        return desk.files(kind, desk.named(kind, source))
    files = kind.files(folder) or dict(_laid_out(kind, folder))
    if not files:
        raise _nothing_of(kind, folder)
    return files


def _laid_out(kind: Kind, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give the files of a folder that is itself what the kind keeps in a folder, as of packs."""
    for pattern in kind.patterns:
        place, _, name = pattern.rpartition("/")
        if place:
            for path in sorted(folder.glob(name)):
                yield f"{place}/{path.name}", path.read_bytes()


def _nothing_of(kind: Kind, folder: Path) -> RuleError:
    return RuleError(f"{folder} holds none of {', '.join(kind.patterns)}; name a folder that does")
