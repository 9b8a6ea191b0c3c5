"""The shape of a list's files: what a version says of itself, and its entries, one JSON a line."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from features.errors import RuleError
from features.times import to_us
from rules.lists.holdings import ListKind, holding_of
from rules.lists.table import FOREVER, MAX_TAG, Slot, build_table, digest_of

FORMAT = 1
HEAD_FILE, ENTRIES_FILE, TABLE_FILE = "list.json", "entries.jsonl", "table.bin"
MAX_NOTE_CHARACTERS = 500
ListName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
_VERSION_DIGITS = 16
_encoder = msgspec.json.Encoder(order="deterministic")


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One value of a list; `until` is the instant from which it holds no more."""

    value: str
    until: datetime | None = None
    rules: tuple[str, ...] = ()
    """Of an exempt list: the rules that this entry silences; the list's own where empty."""
    reason: str = ""
    by: str = ""

    @property
    def until_us(self) -> int:
        """The instant in microseconds since 1970 UTC, or FOREVER."""
        return FOREVER if self.until is None else to_us(self.until)


class ListHead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one version of a list is; `files` holds the SHA-256 of every other file."""

    format: int
    name: ListName
    kind: ListKind
    fact: str
    rules: tuple[str, ...]
    rule_sets: tuple[tuple[str, ...], ...]
    """What an entry's tag stands for; the first is the list's own."""
    entries: int
    files: dict[str, str]

    @property
    def version(self) -> str:
        """The fingerprint of all content: 16 hex digits."""
        return sha256(_encoder.encode(self)).hexdigest()[:_VERSION_DIGITS]

    @property
    def codes(self) -> frozenset[str]:
        """Every rule that some entry silences."""
        return frozenset(code for codes in self.rule_sets for code in codes)


@dataclass(frozen=True, slots=True)
class Draft:
    """A list that is to become a version: its nature, and its entries by value, encoded."""

    name: str
    kind: ListKind
    fact: str
    rules: tuple[str, ...] = ()
    lines: dict[str, bytes] = field(default_factory=dict)


def check_nature(name: str, kind: ListKind, fact: str, rules: tuple[str, ...]) -> None:
    """Refuse a list that could not be; raises RuleError that names the way out."""
    if not is_list_name(name):
        raise RuleError(
            f"{name!r} is no name of a list; write small letters, digits and _, a letter first"
        )
    holding_of(fact)
    if rules and kind is not ListKind.EXEMPT:
        raise RuleError(f"list {name} is of kind {kind}; only an exempt list names rules")
    for code in rules:
        check_code(code)


def is_list_name(name: str) -> bool:
    """Tell whether a list may have this name."""
    return _NAME.fullmatch(name) is not None


def is_code(text: str) -> bool:
    """Tell whether a text can be a rule's code."""
    return _CODE.fullmatch(text) is not None


def check_code(code: str) -> None:
    """Refuse what cannot be a rule's code; raises RuleError."""
    if not is_code(code):
        raise RuleError(f"{code!r} is no rule's code; codes look like BUYER_VELOCITY")


def encode_entry(entry: Entry) -> bytes:
    """Write an entry as its line."""
    return _encoder.encode(entry)


def written_files(draft: Draft) -> tuple[ListHead, Mapping[str, bytes]]:
    """Lay out all files of a version; the same content gives the same bytes and version.

    Raises RuleError when an exempt list silences in too many different ways.
    """
    values = sorted(draft.lines)
    tags: dict[tuple[str, ...], int] = {draft.rules: 0}
    table = build_table(_slots(draft, values, tags), len(values))
    if len(tags) > MAX_TAG:
        raise RuleError(f"list {draft.name}: more than {MAX_TAG:,} different sets of rules")
    files = {
        ENTRIES_FILE: b"".join(draft.lines[value] + b"\n" for value in values),
        TABLE_FILE: table,
    }
    head = ListHead(
        format=FORMAT,
        name=draft.name,
        kind=draft.kind,
        fact=draft.fact,
        rules=draft.rules,
        rule_sets=tuple(tags),
        entries=len(values),
        files={name: sha256(content).hexdigest() for name, content in files.items()},
    )
    return head, {**files, HEAD_FILE: msgspec.json.format(_encoder.encode(head)) + b"\n"}


def read_entries(path: Path) -> Iterator[Entry]:
    """Read a version's entries, in the order of their values; raises RuleError with the line."""
    decoder = msgspec.json.Decoder(Entry)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield decoder.decode(line)
                except (msgspec.ValidationError, msgspec.DecodeError) as error:
                    raise RuleError(f"{path}, line {number}: {error}") from None
    except OSError as error:
        raise RuleError(f"{path} cannot be read ({error.strerror}); import it again") from None


def _slots(draft: Draft, values: Iterable[str], tags: dict[tuple[str, ...], int]) -> Iterator[Slot]:
    decoder = msgspec.json.Decoder(Entry)
    for value in values:
        entry = decoder.decode(draft.lines[value])
        tag = tags.setdefault(entry.rules or draft.rules, len(tags))
        yield digest_of(value), entry.until_us, tag
