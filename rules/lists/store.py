"""Keeps lists on the disk: a folder for each version, and a pointer to the one that holds.

A version is written aside, made durable and renamed into place; then the change is written to the
audit, and only then the pointer is replaced: whoever reads sees the old list or the new one, whole.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from features.errors import RuleError, suggest
from rules.durable_files import digest_of_file, locked, replace_file, write_folder
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

LISTS_FOLDER = "lists"
_POINTER, _AUDIT = "current", "audit.jsonl"


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
        with locked(self.folder):
            yield

    def write(self, draft: Draft, check: Callable[[ListHead], None]) -> ListHead:
        """Write a version that passes `check`, whole or not at all; it holds from `point` on."""
        head, files = written_files(draft)
        check(head)
        if not self._is_whole(head):
            write_folder(self.folder / draft.name / head.version, files)
        return head

    def point(self, line: AuditLine) -> None:
        """Write the change down, then make its version the current one, in one atomic step."""
        append_line(self.folder / _AUDIT, line)
        replace_file(self.folder / line.list / _POINTER, f"{line.after}\n".encode("ascii"))

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
            digest = digest_of_file(path)
        except OSError as error:
            raise RuleError(f"{path} cannot be read ({error.strerror}); {_WAY_OUT}") from None
        if digest != head.files.get(file):
            raise RuleError(f"{path} was changed after it was written; {_WAY_OUT}")
        return path


_WAY_OUT = "roll the list back to another version, or import it again"


def store_of(home: Path) -> ListStore:
    """Give the lists of a data folder."""
    return ListStore(home / LISTS_FOLDER)
