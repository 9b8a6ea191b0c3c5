"""The table of channels' answer codes: what a raw code means, from which source, how sure."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from features.errors import RuleError
from features.outcome import OutcomeClass
from rules.code_names import aliases, expanded, normalised

QUERY = "query_keep_number"
"""Next action for whatever is not known to be final: ask, and keep the number."""
_COLUMNS = (
    "channel", "api", "code", "meaning", "class", "subclass", "final", "next_action", "source",
    "grade",
)  # fmt: skip
_MODIFIER = "(modifier)"
CLASS_NAMES = frozenset(one.value for one in OutcomeClass)
OPEN_CLASSES = frozenset({OutcomeClass.UNKNOWN, OutcomeClass.PAYER_ACTION, OutcomeClass.CHANNEL})
"""Classes that are not final by themselves."""


class MappedOutcome(Struct, frozen=True, kw_only=True):
    """What a channel's raw answer means; `unknown` is never a failure and never final."""

    outcome_class: OutcomeClass
    subclass: str | None
    final: bool
    next_action: str
    source: str | None
    grade: str | None
    api: str | None = None
    """Whose answer this is, by the table's own names of the APIs."""

    @property
    def is_ambiguous(self) -> bool:
        """Tell whether the code stands for several causes, so that it proves none of them."""
        return self.outcome_class is OutcomeClass.UNCLASSIFIED or "_or_" in (self.subclass or "")


UNSEEN = MappedOutcome(
    outcome_class=OutcomeClass.UNKNOWN,
    subclass="unseen_code",
    final=False,
    next_action=QUERY,
    source=None,
    grade=None,
)
NO_ANSWER = MappedOutcome(
    outcome_class=OutcomeClass.UNKNOWN,
    subclass="no_answer",
    final=False,
    next_action=QUERY,
    source=None,
    grade=None,
)


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of the table as it was written down; `final` is None for a mere retry modifier."""

    table: str
    api: str
    code: str
    meaning: str
    mapped: MappedOutcome


@dataclass(frozen=True)
class CodeTable:
    """All rows of all channels, found by table, API and any spelling of the code."""

    rows: tuple[CodeRow, ...]
    _by_code: Mapping[tuple[str, str], tuple[CodeRow, ...]]

    def find(self, table: str, api: str | None, code: str) -> MappedOutcome | None:
        """Look a code up; None if unseen. Rows that disagree with no API to choose by: unknown."""
        rows = self._by_code.get((table, normalised(code)), ())
        wanted = normalised(api) if api is not None else None
        chosen = [row for row in rows if wanted and normalised(row.api) == wanted] or list(rows)
        if not chosen:
            return None
        if len({row.mapped.outcome_class for row in chosen}) > 1:
            return UNSEEN
        return chosen[0].mapped

    def has(self, table: str) -> bool:
        """Tell whether a table of that name exists."""
        return any(row.table == table for row in self.rows)

    def joined(self, other: "CodeTable") -> "CodeTable":
        """Add another table's rows; where both speak of a code, this one's rows stand."""
        return CodeTable(self.rows + other.rows, {**other._by_code, **self._by_code})

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(dict.fromkeys(row.table for row in self.rows))


_Found = dict[tuple[str, str], dict[CodeRow, None]]


@lru_cache(maxsize=4)
def load_codes(path: Path) -> CodeTable:
    """Read the table; raises RuleError that names the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    reader = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise RuleError(f"{path.name}, line 1: the columns must be {', '.join(_COLUMNS)}")
    rows = tuple(_row(raw, f"{path.name}, line {reader.line_num}") for raw in reader)
    found: _Found = defaultdict(dict)
    for row in rows:
        for code in expanded(row.code):
            found[row.table, normalised(code)][row] = None
    _add_aliases(rows, found)
    return CodeTable(rows, {key: tuple(ones) for key, ones in found.items()})


def _add_aliases(rows: tuple[CodeRow, ...], found: _Found) -> None:
    """Add other spellings where no row of that table has the spelling as its own code."""
    owned = frozenset(found)
    for row in rows:
        for key in _alias_keys(row):
            if key not in owned:
                found[key][row] = None


def _alias_keys(row: CodeRow) -> Iterator[tuple[str, str]]:
    for code in expanded(row.code):
        for alias in aliases(code):
            yield row.table, normalised(alias)


def _row(raw: Mapping[str, str | None], where: str) -> CodeRow:
    cells = {name: raw.get(name) or "" for name in _COLUMNS}
    empty = [name for name, cell in cells.items() if not cell]
    if empty:
        raise RuleError(f"{where}: {', '.join(empty)} is empty")
    is_modifier = cells["class"] == _MODIFIER
    if not is_modifier and cells["class"] not in CLASS_NAMES:
        known = ", ".join(OutcomeClass)
        raise RuleError(f"{where}: {cells['class']!r} is no class; one of {known}")
    if cells["final"] not in ("yes", "no", "-"):
        raise RuleError(f"{where}: final is {cells['final']!r}; write yes or no")
    mapped = MappedOutcome(
        outcome_class=OutcomeClass.UNKNOWN if is_modifier else OutcomeClass(cells["class"]),
        subclass=cells["subclass"],
        final=cells["final"] == "yes",
        next_action=cells["next_action"],
        source=cells["source"],
        grade=cells["grade"],
        api=cells["api"],
    )
    return CodeRow(cells["channel"], cells["api"], cells["code"], cells["meaning"], mapped)
