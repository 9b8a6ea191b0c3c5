"""Reads the entries of a list from a CSV file: each bad row is refused with its line and reason."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from io import TextIOWrapper
from pathlib import Path

from features.errors import RuleError, suggest
from features.masking import Masker, mask_digits
from features.progress import Progress, silent
from features.times import EARLIEST, LATEST
from rules.lists.holdings import BadValue, Holding, ListKind, holding_of
from rules.lists.kept import MAX_NOTE_CHARACTERS, Draft, Entry, encode_entry, is_code

COLUMNS = ("value", "until", "rules", "reason", "by")
REJECT_COLUMNS = ("line", "value", "problem")
MAX_REFUSED_KEPT = 100_000
"""Beyond this a file is not a list with faults but another file."""
_STEP = 20_000


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken; the value is empty where it may be a secret."""

    line: int
    value: str
    problem: str


@dataclass(frozen=True, slots=True)
class Door:
    """How a value that comes from outside becomes an entry of one list."""

    kind: ListKind
    fact: str
    masker: Masker
    rules: tuple[str, ...] = ()
    """Those that every entry of an exempt list silences, unless it names its own."""

    @property
    def holding(self) -> Holding:
        """What the list holds."""
        return holding_of(self.fact)

    def entry(self, cells: Mapping[str, str], by: str) -> Entry:
        """Read one row; secret numbers are hashed here. Raises BadValue."""
        rules = tuple(dict.fromkeys(cells.get("rules", "").split()))
        for code in rules:
            if not is_code(code):
                raise BadValue(f"{code!r} is no rule's code, such as BUYER_VELOCITY")
        if rules and self.kind is not ListKind.EXEMPT:
            raise BadValue(f"names rules, but this is a {self.kind} list; leave `rules` empty")
        if self.kind is ListKind.EXEMPT and not (rules or self.rules):
            raise BadValue("names no rule that it silences, and neither does the list")
        return Entry(
            value=self.holding.read(cells["value"], self.masker),
            until=_instant(cells.get("until", "").strip()),
            rules=rules,
            reason=_note(cells.get("reason", ""), "reason"),
            by=_note(cells.get("by", "") or by, "by"),
        )


@dataclass(slots=True)
class Reading:
    """What came of a file so far."""

    draft: Draft
    rows: int = 0
    repeated: int = 0
    refused: list[Refused] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        """Add an entry; raises BadValue where the file says something else of the same value."""
        line = encode_entry(entry)
        earlier = self.draft.lines.setdefault(entry.value, line)
        if earlier is not line:
            if earlier != line:
                raise BadValue("stands in the list already with something else; keep one of them")
            self.repeated += 1


def read_csv(
    path: Path, draft: Draft, masker: Masker, by: str, progress: Progress = silent
) -> Reading:
    """Read a CSV file in UTF-8 with a header into a draft.

    Columns are `value` (or the fact's name), and where wanted `until`, `rules` (codes, a space
    between), `reason` and `by`. Raises RuleError, naming the line, for a file that is no such
    table; a row that is no entry is refused and listed.
    """
    door, reading = Door(draft.kind, draft.fact, masker, draft.rules), Reading(draft)
    for line, cells, share in _rows(path, draft.fact):
        reading.rows += 1
        try:
            reading.take(door.entry(_checked(cells), by))
        except BadValue as error:
            shown = "" if door.holding.is_secret else mask_digits(cells.get("value", ""))
            problem = mask_digits(str(error))
            reading.refused.append(Refused(line, shown[:MAX_NOTE_CHARACTERS], problem))
            if len(reading.refused) > MAX_REFUSED_KEPT:
                raise RuleError(
                    f"{path}, line {line}: more than {MAX_REFUSED_KEPT:,} rows cannot be read, "
                    f"the first at line {reading.refused[0].line}: {reading.refused[0].problem}"
                ) from None
        if reading.rows % _STEP == 0:
            progress(int(share * 100), 100, f"{reading.rows:,} rows read")
    return reading


def write_rejects(path: Path, refused: list[Refused]) -> None:
    """Write the rows that were refused, with line and reason; secret values are left out."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(REJECT_COLUMNS)
            writer.writerows((one.line, one.value, one.problem) for one in refused)
    except OSError as error:
        raise RuleError(
            f"{path} cannot be written ({error.strerror}); name another place"
        ) from None


_Row = tuple[int, dict[str, str], float]


def _rows(path: Path, fact: str) -> Iterator[_Row]:
    """Yield each row with its line, and the share of the file that is behind it."""
    line = 1
    try:
        size = max(path.stat().st_size, 1)
        with path.open("rb") as raw, TextIOWrapper(raw, "utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            header = _header(next(reader, []), path, fact)
            for cells in reader:
                line = reader.line_num
                if cells:
                    yield line, _named(header, cells), raw.tell() / size
    except UnicodeDecodeError as error:
        raise RuleError(
            f"{path}, after line {line}: not UTF-8 ({error.reason}); save it so"
        ) from None
    except csv.Error as error:
        raise RuleError(f"{path}, after line {line}: not a CSV table: {error}") from None
    except OSError as error:
        raise RuleError(f"{path} cannot be read: {error.strerror}") from None


def _header(cells: list[str], path: Path, fact: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    header = ["value" if name == fact else name for name in names]
    for name in header:
        if name not in COLUMNS:
            raise RuleError(
                f"{path}, line 1: no column is called {name!r}.{suggest(name, COLUMNS)} The first "
                f"line names the columns: value or {fact}, and if wanted {', '.join(COLUMNS[1:])}"
            )
    if "value" not in header or len(set(header)) < len(header):
        raise RuleError(f"{path}, line 1: needs one column `value` or `{fact}`, each column once")
    return header


_SURPLUS = "surplus"


def _named(header: list[str], cells: list[str]) -> dict[str, str]:
    named = dict(zip(header, cells, strict=False))
    if len(cells) != len(header):
        named[_SURPLUS] = f"has {len(cells)} cells, but the first line names {len(header)}"
    return named


def _checked(cells: dict[str, str]) -> dict[str, str]:
    if _SURPLUS in cells:
        raise BadValue(cells[_SURPLUS])
    return cells


@lru_cache(maxsize=4096)
def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not EARLIEST <= instant < LATEST:
        raise BadValue(f"until {text!r} is no instant with its zone: 2027-01-31T00:00:00+08:00")
    return instant


@lru_cache(maxsize=4096)
def _note(text: str, what: str) -> str:
    """Keep a remark in one line, without whole card or phone numbers."""
    remark = mask_digits(" ".join(text.split()))
    if len(remark) > MAX_NOTE_CHARACTERS:
        raise BadValue(f"{what} has {len(remark)} characters; at most {MAX_NOTE_CHARACTERS}")
    return remark
