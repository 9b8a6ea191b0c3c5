"""Finds the first byte that does not fit an encoding, and says what the file may be instead."""

import codecs
import gzip
from collections.abc import Iterator
from pathlib import Path

from features.errors import MappingError

_CHUNK_BYTES = 1 << 20
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def undecodable(path: Path, is_gzip: bool, encoding: str) -> MappingError:
    """Build the error for a table that is not in its encoding: file, byte, line, way out."""
    offset, line, byte = _first_bad(path, is_gzip, encoding)
    return MappingError(
        f"table {path} is not {encoding}: byte 0x{byte:02x} at offset {offset}, line {line}. "
        f"Name its encoding in the mapping: table: {{encoding: {_likely(path, is_gzip)}}}. Usual "
        "ones: gb18030 (Chinese Windows and Excel), utf-16 (Excel's Unicode text), latin-1 or "
        "cp1252 (Western Windows)"
    )


def _first_bad(path: Path, is_gzip: bool, encoding: str) -> tuple[int, int, int]:
    """Find the offset, line (from 1) and value of the first byte that does not decode."""
    decoder = codecs.getincrementaldecoder(encoding)()
    before, lines, pending = 0, 1, b""
    for chunk in _chunks(path, is_gzip):
        pending_length = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            whole = pending[len(pending) - pending_length :] + chunk
            at = before - pending_length + start
            line = lines + chunk[: max(start - pending_length, 0)].count(b"\n")
            return at, line, whole[start] if start < len(whole) else 0
        before += len(chunk)
        lines += chunk.count(b"\n")
        pending = chunk
    return before, lines, 0


def _likely(path: Path, is_gzip: bool) -> str:
    """Guess: a mark of UTF-16, or else what decodes without error."""
    start = next(_chunks(path, is_gzip))
    if start.startswith(_UTF_16_MARKS):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("gb18030")().decode(start)
    except UnicodeError:
        return "latin-1"
    return "gb18030"


def _chunks(path: Path, is_gzip: bool) -> Iterator[bytes]:
    """Read a file in pieces, the last one empty."""
    with gzip.open(path, "rb") if is_gzip else path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
    yield b""
