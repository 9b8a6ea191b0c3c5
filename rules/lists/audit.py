"""Who changed which list, when, and to which version: one JSON a line, only ever appended."""

from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from features.errors import RuleError
from rules import durable_files


class AuditLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change. It is written before the list's pointer moves, so none goes unwritten."""

    at: datetime
    by: str
    verb: str
    list: str
    before: str | None
    after: str
    entries: int
    note: str


def append_line(path: Path, line: AuditLine) -> None:
    """Append one line in one write, and wait until the disk has it."""
    durable_files.append_line(path, msgspec.json.encode(line))


def read_lines(path: Path) -> tuple[AuditLine, ...]:
    """Read every line, oldest first; raises RuleError that names the line which cannot be read."""
    lines = []
    for number, one in enumerate(durable_files.whole_lines(path), 1):
        try:
            lines.append(msgspec.json.decode(one, type=AuditLine))
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise RuleError(f"{path}, line {number}: {error}") from None
    return tuple(lines)
