"""Who did what to which release, when and why: one JSON a line, each holding the one before it.

A line holds the SHA-256 of the line before, so that a changed, removed or added line is noticed by
`faults_of`. Whoever rewrites every line after it leaves a whole chain again: note the last
fingerprint elsewhere to notice even that.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from features.times import EARLIEST
from rules.durable_files import append_line, whole_lines

FIRST = "0" * 64
"""What the first line names as the line before it."""


class Verb(StrEnum):
    """A step in the life of an edit."""

    DRAFT = "draft"
    DISCARD = "discard"
    CHECK = "check"
    BACKTEST = "backtest"
    OPINION = "opinion"
    APPROVE = "approve"
    ADOPT = "adopt"
    """Own files that ran without having been published are kept as a version."""
    PUBLISH = "publish"
    ROLLBACK = "rollback"
    VOID = "void"
    """A publication or rollback that a crash cut off: what was current stayed so."""
    UNREADABLE = "unreadable"
    """Never written: what stands for a line that cannot be read, so that a rollback goes on."""


POINTING = frozenset({Verb.ADOPT, Verb.PUBLISH, Verb.ROLLBACK})
"""The steps that change what runs."""


class AuditLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step. A line that changes what runs is written before the pointer moves."""

    at: datetime
    by: str
    verb: Verb
    kind: str
    draft: str | None = None
    content: str | None = None
    """The fingerprint of the content that the step was about."""
    before: str | None = None
    after: str | None = None
    """What was current before and after, of a step that changes it; None is what is shipped."""
    why: str = ""
    evidence: dict[str, str | int | float | bool | None] = {}
    """What the step found, such as how many orders were sampled and where the report lies."""
    number: int = 0
    previous: str = FIRST


@dataclass(frozen=True, slots=True)
class Recorded:
    """A line with its own fingerprint, which the next line names."""

    line: AuditLine
    digest: str


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The log of one data folder."""

    path: Path

    def read(self) -> tuple[Recorded, ...]:
        """Read every line, oldest first; one that cannot be read is `faults_of`'s to tell."""
        return tuple(
            Recorded(_read(raw, number), sha256(raw).hexdigest())
            for number, raw in enumerate(whole_lines(self.path), 1)
        )

    def append(self, line: AuditLine) -> Recorded:
        """Chain a line to the last and write it durably; call it while writing."""
        lines = self.read()
        last = lines[-1].digest if lines else FIRST
        raw = msgspec.json.encode(replace(line, number=len(lines) + 1, previous=last))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        append_line(self.path, raw)
        return Recorded(_read(raw, len(lines) + 1), sha256(raw).hexdigest())


def _read(raw: bytes, number: int) -> AuditLine:
    try:
        return msgspec.json.decode(raw, type=AuditLine)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        told = str(error)
        return AuditLine(at=EARLIEST, by="", verb=Verb.UNREADABLE, kind="", why=told, number=number)


def faults_of(lines: tuple[Recorded, ...]) -> tuple[str, ...]:
    """Say where the chain is broken: lines that were changed, removed, added or moved."""
    found = []
    before = FIRST
    for at, one in enumerate(lines, 1):
        if one.line.verb is Verb.UNREADABLE:
            found.append(f"line {at} cannot be read ({one.line.why})")
        elif one.line.previous != before:
            found.append(f"line {at} does not follow line {at - 1}: one of them was changed")
        elif one.line.number != at:
            found.append(f"line {at} calls itself {one.line.number}")
        before = one.digest
    return tuple(found)
