"""Who changed which list, when, and to which version: one JSON a line, only ever appended."""

import os
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from features.errors import RuleError


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
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, msgspec.json.encode(line) + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def read_lines(path: Path) -> tuple[AuditLine, ...]:
    """Read every line, oldest first; raises RuleError that names the line which cannot be read."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return ()
    lines = []
    for number, one in enumerate(raw.splitlines(), 1):
        try:
            lines.append(msgspec.json.decode(one, type=AuditLine))
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise RuleError(f"{path}, line {number}: {error}") from None
    return tuple(lines)
