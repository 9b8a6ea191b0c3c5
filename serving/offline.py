"""Scores a file without a service: the state comes from the ledger, nothing is written to it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from features.errors import PreflightError
from serving.problems import MalformedJson
from serving.settings import Settings
from serving.wiring import build_service


def score_file(settings: Settings, file: Path) -> Iterator[bytes]:
    """Answer every order of a file, each as of now: one JSON object, an array, or JSON lines.

    Raises PreflightError when the file or an order cannot be read.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise PreflightError(f"{file} cannot be read: {error.strerror}") from error
    orders = _orders_in(raw, file)
    service = build_service(settings)
    service.journal.open_to_read()
    for order in orders:
        yield service.desk.preview(order).body


def _orders_in(raw: bytes, file: Path) -> list[bytes]:
    try:
        if raw.lstrip().startswith(b"["):
            return [bytes(part) for part in msgspec.json.decode(raw, type=list[msgspec.Raw])]
        return [bytes(part) for part in _documents(raw)]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedJson(
            f"{file} holds neither one JSON object, nor an array, nor JSON lines: {error}"
        ) from None


def _documents(raw: bytes) -> list[msgspec.Raw]:
    try:
        return [msgspec.json.decode(raw, type=msgspec.Raw)]
    except msgspec.DecodeError:
        return msgspec.json.Decoder(msgspec.Raw).decode_lines(raw)
