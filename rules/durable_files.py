"""Writes that last: a crash or `kill -9` at any moment leaves the old content or the new, whole."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from features.errors import PreflightError

if sys.platform != "win32":
    import fcntl

_LOCK = ".lock"
_SCRATCH = ".version."
_BLOCK = 1 << 20


class WriteError(PreflightError):
    """The disk did not take what should be written."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other writer out, in this process and others, until the block ends.

    What a killed writer left in `folder/NAME/` is removed first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        if sys.platform != "win32":  # there, two writers at once are not kept apart
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"*/{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder whole or not at all, replacing what is there; names may have a `/`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch, replaced = (
        Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=target.parent)) for _ in range(2)
    )
    try:
        for name, content in files.items():
            place = scratch / name
            place.parent.mkdir(parents=True, exist_ok=True)
            write_file(place, content)
        for folder in {(scratch / name).parent for name in files} | {scratch}:
            folder.chmod(0o755)
            sync_folder(folder)
        if target.exists():
            target.rename(replaced / target.name)
        scratch.rename(target)
    finally:
        for left in (scratch, replaced):
            shutil.rmtree(left, ignore_errors=True)
    sync_folder(target.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one atomic step; whoever reads sees the old content or the new."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    write_file(scratch, content)
    scratch.replace(path)
    sync_folder(path.parent)


def append_line(path: Path, line: bytes) -> None:
    """Append one line in one write, and wait until the disk has it; raises WriteError.

    The end of a line that a crash cut off is removed first: nobody was ever told of it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        end = _end_of_whole_lines(handle)
        if end < os.fstat(handle).st_size:
            os.ftruncate(handle, end)
        if os.write(handle, line + b"\n") != len(line) + 1:
            os.ftruncate(handle, end)
            raise WriteError(f"{path} could not be written; make room on its disk")
        os.fsync(handle)
    finally:
        os.close(handle)


def whole_lines(path: Path) -> list[bytes]:
    """Read the lines of a file that were written whole; none where there is no file."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return []
    return raw[: raw.rfind(b"\n") + 1].splitlines()


def write_file(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    if sys.platform == "win32":  # a folder cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest_of_file(path: Path) -> str:
    """Compute the SHA-256 of a file, in hex; raises OSError."""
    digest = sha256()
    with path.open("rb") as opened:
        while block := opened.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _end_of_whole_lines(handle: int) -> int:
    """Find where the last whole line ends: before it is what a crash cut off."""
    end = os.lseek(handle, 0, os.SEEK_END)
    while end:
        start = max(end - _BLOCK, 0)
        os.lseek(handle, start, os.SEEK_SET)
        newline = os.read(handle, end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
