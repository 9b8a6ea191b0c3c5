"""Keeps lists on the disk: a folder for each version, and a pointer to the one that holds.

A version is written aside, made durable and renamed into place; then the change is written to the
audit, and only then the pointer is replaced: whoever reads sees the old list or the new one, whole.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from features.errors import RuleError, suggest
from rules.lists.audit import AuditLine, append_line, read_lines
from rules.lists.kept import (
    ENTRIES_FILE,
    FORMAT,
    HEAD_FILE,
    TABLE_FILE,
    Draft,
    Entry,
    ListHead,
    encode_entry,
    is_list_name,
    read_entries,
    written_files,
)

if sys.platform != "win32":
    import fcntl

LISTS_FOLDER = "lists"
_POINTER, _AUDIT, _LOCK = "current", "audit.jsonl", ".lock"
_SCRATCH = ".version."


@dataclass(frozen=True, slots=True)
class ListStore:
    """The lists of one data folder."""

    folder: Path

    def names(self) -> tuple[str, ...]:
        """Name the lists that have a current version."""
        return tuple(sorted(path.parent.name for path in self.folder.glob(f"*/{_POINTER}")))

    def current(self, name: str) -> str | None:
        """Tell which version of a list holds; None where there is no such list."""
        if not is_list_name(name):
            return None
        try:
            return (self.folder / name / _POINTER).read_text(encoding="ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def pointers(self) -> Mapping[str, str]:
        """Tell the current version of every list."""
        found = {name: self.current(name) for name in self.names()}
        return {name: version for name, version in found.items() if version is not None}

    def versions(self, name: str) -> tuple[str, ...]:
        """Name the versions of a list that are on the disk, in no order of time."""
        return tuple(sorted(path.parent.name for path in self.folder.glob(f"{name}/*/{HEAD_FILE}")))

    def need(self, name: str, version: str | None = None) -> str:
        """Give the version that is asked for, or the current one; raises RuleError."""
        current = self.current(name)
        if current is None:
            hint = suggest(name, self.names())
            raise RuleError(f"no list is named {name!r}.{hint} `preflight lists list` names them")
        if version is None or version in self.versions(name):
            return version or current
        raise RuleError(
            f"list {name} has no version {version!r}.{suggest(version, self.versions(name))} "
            f"`preflight lists versions {name}` names them"
        )

    def head(self, name: str, version: str | None = None) -> ListHead:
        """Read what a version says of itself; raises RuleError where it was changed since."""
        return self._read_head(name, self.need(name, version))

    def _read_head(self, name: str, wanted: str) -> ListHead:
        path = self.folder / name / wanted / HEAD_FILE
        try:
            head = msgspec.json.decode(path.read_bytes(), type=ListHead)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
            raise RuleError(f"{path} cannot be read ({error}); {_WAY_OUT}") from None
        if head.format != FORMAT or head.version != wanted or head.name != name:
            raise RuleError(f"{path} is not what version {wanted} was; {_WAY_OUT}")
        return head

    def table_path(self, head: ListHead) -> Path:
        """Give the file to look up in, after its fingerprint was compared; raises RuleError."""
        return self._checked(head, TABLE_FILE)

    def entries(self, head: ListHead) -> Iterator[Entry]:
        """Read the entries of a version; raises RuleError where they were changed since."""
        yield from read_entries(self._checked(head, ENTRIES_FILE))

    def draft_of(self, name: str) -> Draft:
        """Take up the current version of a list, to be changed."""
        head = self.head(name)
        lines = {entry.value: encode_entry(entry) for entry in self.entries(head)}
        return Draft(name, head.kind, head.fact, head.rules, lines)

    def audit(self, name: str | None = None) -> tuple[AuditLine, ...]:
        """Read who changed what, oldest first."""
        lines = read_lines(self.folder / _AUDIT)
        return tuple(line for line in lines if name in (None, line.list))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep every other writer out, in this process and others, until the block ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _LOCK).open("w") as lock:
            if sys.platform != "win32":  # there, two writers at once are not kept apart
                fcntl.flock(lock, fcntl.LOCK_EX)
            for left in self.folder.glob(f"*/{_SCRATCH}*"):  # of a writer that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield

    def write(self, draft: Draft, check: Callable[[ListHead], None]) -> ListHead:
        """Write a version that passes `check`, whole or not at all; it holds from `point` on."""
        head, files = written_files(draft)
        check(head)
        target = self.folder / draft.name / head.version
        if self._is_whole(head):
            return head
        shutil.rmtree(target, ignore_errors=True)  # what is left was damaged
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=target.parent))
        try:
            for name, content in files.items():
                _write_durably(scratch / name, content)
            scratch.chmod(0o755)
            scratch.rename(target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        _sync(target.parent)
        return head

    def point(self, line: AuditLine) -> None:
        """Write the change down, then make its version the current one, in one atomic step."""
        append_line(self.folder / _AUDIT, line)
        place = self.folder / line.list
        scratch = place / f".{_POINTER}.{os.getpid()}"
        _write_durably(scratch, f"{line.after}\n".encode("ascii"))
        scratch.replace(place / _POINTER)
        _sync(place)

    def _is_whole(self, head: ListHead) -> bool:
        try:
            for file in head.files:
                self._checked(head, file)
            return self._read_head(head.name, head.version) == head
        except RuleError:
            return False

    def _checked(self, head: ListHead, file: str) -> Path:
        path = self.folder / head.name / head.version / file
        try:
            with path.open("rb") as opened:
                digest = sha256()
                while block := opened.read(1 << 20):
                    digest.update(block)
        except OSError as error:
            raise RuleError(f"{path} cannot be read ({error.strerror}); {_WAY_OUT}") from None
        if digest.hexdigest() != head.files.get(file):
            raise RuleError(f"{path} was changed after it was written; {_WAY_OUT}")
        return path


_WAY_OUT = "roll the list back to another version, or import it again"


def store_of(home: Path) -> ListStore:
    """Give the lists of a data folder."""
    return ListStore(home / LISTS_FOLDER)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    if sys.platform == "win32":  # a folder cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
