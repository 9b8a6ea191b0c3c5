"""The user's table of card prefixes (BINs), and whether a payee's account agrees with it."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from features.errors import CatalogError
from features.fact_groups import FactGroup
from features.kinds import Kind

COLUMNS = ("bin", "bank_code", "card_type", "length")
CARD_TYPES = ("debit", "credit")
SHORTEST, LONGEST = 6, 8
_LENGTHS = range(8, 33)

BIN_KINDS: Mapping[str, Kind] = {
    "payee.bank_matches_bin": Kind.BOOLEAN,
    "payee.card_type_matches_bin": Kind.BOOLEAN,
    "payee.length_matches_bin": Kind.BOOLEAN,
}
"""Facts that need a BIN table; missing where the table or the payout does not say enough."""

_INPUTS = (
    "payout.payee.account.bin",
    "payout.payee.bank_code",
    "payout.payee.card_type",
    "payout.payee.account.length",
)


class BinEntry(NamedTuple):
    """What a prefix says: bank (case-folded), card type, digits in the whole number."""

    bank_code: str | None = None
    card_type: str | None = None
    length: int | None = None


_NOTHING = BinEntry()


@dataclass(frozen=True)
class BinTable:
    """A BIN table; equal tables have equal fingerprints (12 hex digits)."""

    entries: Mapping[str, BinEntry]
    fingerprint: str
    text: str = field(repr=False, compare=False)
    """The table as CSV, sorted: what `parse_bins` reads again as an equal table."""
    _answers: Mapping[str, BinEntry] = field(repr=False, compare=False)

    def look_up(self, digits: str) -> BinEntry:
        """Say what the table knows of a number that starts with 6 to 8 digits.

        The longest prefix of the table decides. Where longer prefixes start with these digits,
        only that counts on which all that the number may belong to agree.
        """
        answer = self._answers.get(digits)
        return answer if answer is not None else _longest(digits, self.entries) or _NOTHING


def load_bins(path: Path) -> BinTable:
    """Read a CSV file with the columns bin, bank_code, card_type and length.

    A cell may be empty, except `bin`: 6 to 8 digits, each once. Raises CatalogError that names
    the file, the line and the way out.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path}: cannot be read as a CSV file in UTF-8 ({error})") from None
    return parse_bins(text, str(path))


def parse_bins(text: str, place: str) -> BinTable:
    """Read the text of a BIN table; `place` is what errors call it. Raises as `load_bins`."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    absent = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if absent:
        raise CatalogError(
            f"{place}: lacks the column(s) {', '.join(absent)}; "
            f"its first line must be {','.join(COLUMNS)}"
        )
    try:
        return _table(place, rows)
    except csv.Error as error:
        raise CatalogError(f"{place}: is no CSV ({error})") from None


def bin_group(table: BinTable) -> FactGroup:
    """Make the facts that compare a payee's account with a table."""

    def compare(
        digits: str | None, bank_code: str | None, card_type: str | None, length: int | None
    ) -> tuple[bool | None, ...] | None:
        if digits is None:
            return None
        known = table.look_up(digits)
        bank = None if bank_code is None else _folded(bank_code)
        return (
            _same(known.bank_code, bank),
            _same(known.card_type, card_type),
            _same(known.length, length),
        )

    return FactGroup(BIN_KINDS, _INPUTS, compare)


def _same(known: object, stated: object) -> bool | None:
    return None if known is None or stated is None else known == stated


def _folded(text: str) -> str:
    return text.strip().casefold()


def _table(place: str, rows: "csv.DictReader[str]") -> BinTable:
    entries: dict[str, BinEntry] = {}
    for row in rows:
        line, digits = rows.line_num, _cell(row, "bin")
        if not (digits.isascii() and digits.isdigit() and SHORTEST <= len(digits) <= LONGEST):
            raise _error(place, line, f"bin {digits!r} must be 6 to 8 digits")
        if digits in entries:
            raise _error(place, line, f"bin {digits} stands here twice; keep one of the lines")
        entries[digits] = _entry(place, line, row)
    if not entries:
        raise CatalogError(f"{place}: holds no BIN; add lines, or take `bins:` out of the catalog")
    text = _written(entries)
    fingerprint = blake2b(text.encode(), digest_size=6).hexdigest()
    return BinTable(entries, fingerprint, text, _answers(entries))


def _written(entries: Mapping[str, BinEntry]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((digits, *entry) for digits, entry in sorted(entries.items()))
    return file.getvalue()


def _entry(place: str, line: int, row: Mapping[str, str | None]) -> BinEntry:
    card_type, length = _cell(row, "card_type").casefold(), _cell(row, "length")
    if card_type and card_type not in CARD_TYPES:
        raise _error(place, line, f"card_type {card_type!r} must be debit, credit or empty")
    if length and not (length.isascii() and length.isdigit() and int(length) in _LENGTHS):
        raise _error(
            place, line, f"length {length!r} must be a whole number from 8 to 32, or empty"
        )
    bank_code = _folded(_cell(row, "bank_code"))
    return BinEntry(bank_code or None, card_type or None, int(length) if length else None)


def _cell(row: Mapping[str, str | None], name: str) -> str:
    return (row[name] or "").strip()


def _error(place: str, line: int, text: str) -> CatalogError:
    return CatalogError(f"{place}: line {line}: {text}")


def _answers(entries: Mapping[str, BinEntry]) -> dict[str, BinEntry]:
    """Answer for every start of a prefix: what all prefixes that it may grow to agree upon."""
    possible: dict[str, list[BinEntry]] = {}
    for digits, entry in entries.items():
        for size in range(SHORTEST, len(digits) + 1):
            possible.setdefault(digits[:size], []).append(entry)
    for start, found in possible.items():
        if start not in entries:
            found.append(_longest(start, entries) or found[0])
    return {start: _agreed(found) for start, found in possible.items()}


def _longest(digits: str, entries: Mapping[str, BinEntry]) -> BinEntry | None:
    for size in range(min(len(digits), LONGEST), SHORTEST - 1, -1):
        if digits[:size] in entries:
            return entries[digits[:size]]
    return None


def _agreed(found: Sequence[BinEntry]) -> BinEntry:
    first = found[0]
    return BinEntry(
        first.bank_code if len({entry.bank_code for entry in found}) == 1 else None,
        first.card_type if len({entry.card_type for entry in found}) == 1 else None,
        first.length if len({entry.length for entry in found}) == 1 else None,
    )
