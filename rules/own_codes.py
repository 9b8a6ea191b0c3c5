"""A user's own meanings of raw answers; they go before the shipped code table.

A file is a table of tab-separated columns. `channel` is a pack's name or `*`; an empty `api`
stands for every API. A row without `sub_code` answers for the code alone: it never turns an
answer that also has a sub-code into a success; `*` stands for every sub-code.
`message_pattern` is a regular expression, searched in the message regardless of case.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from features.errors import RuleError, suggest
from features.outcome import OutcomeClass
from rules.code_names import normalised
from rules.codes import CLASS_NAMES, OPEN_CLASSES, MappedOutcome

OWN_CODES_FILE = "codes.tsv"
"""Its name in the data folder (PREFLIGHT_HOME)."""
COLUMNS = (
    "channel", "api", "code", "sub_code", "message_pattern", "class", "subclass", "final",
    "next_action",
)  # fmt: skip
_EVERY = "*"
_GRADE = "own"


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One row: what must be met, and what it then means. Codes are normalised."""

    channel: str
    api: str
    code: str
    sub_code: str
    message: re.Pattern[str] | None
    mapped: MappedOutcome

    @property
    def precision(self) -> tuple[bool, bool, bool, bool, bool]:
        """The more a row asks for, the earlier it is asked."""
        return (
            self.message is not None,
            self.sub_code not in ("", _EVERY),
            self.code != _EVERY,
            bool(self.api),
            self.channel != _EVERY,
        )

    def fits(self, channel: str, api: str, code: str, sub_code: str, message: str) -> bool:
        """Tell whether an answer, its parts normalised, is one of this row's."""
        return (
            self.channel in (channel, _EVERY)
            and self.api in (api, "")
            and self.code in (code, _EVERY)
            and self._fits_sub_code(sub_code)
            and (self.message is None or self.message.search(message) is not None)
        )

    def _fits_sub_code(self, sub_code: str) -> bool:
        if self.sub_code:
            return self.sub_code in (sub_code, _EVERY)
        return not sub_code or self.mapped.outcome_class is not OutcomeClass.ACCEPTED


@dataclass(frozen=True, slots=True)
class OwnCodes:
    """All rows of a user, the most precise first."""

    rows: tuple[OwnRow, ...] = ()

    def find(
        self,
        channel: str,
        api: str | None,
        code: str | None,
        sub_code: str | None,
        message: str | None,
    ) -> MappedOutcome | None:
        """Give the most precise row's meaning; None where no row speaks of the answer."""
        parts = [normalised(part or "") for part in (api, code, sub_code)]
        for row in self.rows:
            if row.fits(channel, parts[0], parts[1], parts[2], message or ""):
                return row.mapped
        return None


NO_OWN_CODES = OwnCodes()


@lru_cache(maxsize=4)
def load_own_codes(path: Path) -> OwnCodes:
    """Read a user's table; raises RuleError that names the line, the value and the way out."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    found = tuple(reader.fieldnames or ())
    if found != COLUMNS:
        raise RuleError(
            f"{path.name}, line 1: the columns are {', '.join(found) or 'none'}; "
            f"they must be {', '.join(COLUMNS)}, with a tab between two"
        )
    rows = [
        _row(raw, f"{path.name}, line {reader.line_num}") for raw in reader if any(raw.values())
    ]
    return OwnCodes(tuple(sorted(rows, key=lambda row: row.precision, reverse=True)))


def _row(raw: Mapping[str, str | None], where: str) -> OwnRow:
    cells = {name: (raw.get(name) or "").strip() for name in COLUMNS}
    for name in ("channel", "code", "class", "final", "next_action"):
        if not cells[name]:
            raise RuleError(f"{where}: {name} is empty; `*` stands for every channel or code")
    return OwnRow(
        channel=cells["channel"],
        api=normalised(cells["api"]),
        code=normalised(cells["code"]),
        sub_code=normalised(cells["sub_code"]),
        message=_pattern(cells["message_pattern"], where),
        mapped=_meaning(cells, where),
    )


def _meaning(cells: Mapping[str, str], where: str) -> MappedOutcome:
    name, final = cells["class"], cells["final"]
    if name not in CLASS_NAMES:
        hint = suggest(name, CLASS_NAMES)
        raise RuleError(f"{where}: {name!r} is no class.{hint} One of {', '.join(OutcomeClass)}")
    if final not in ("yes", "no"):
        raise RuleError(f"{where}: final is {final!r}; write yes or no")
    if final == "yes" and name in OPEN_CLASSES - {OutcomeClass.CHANNEL}:
        raise RuleError(f"{where}: class {name} is never final; write no, or another class")
    return MappedOutcome(
        outcome_class=OutcomeClass(name),
        subclass=cells["subclass"] or None,
        final=final == "yes",
        next_action=cells["next_action"],
        source=where,
        grade=_GRADE,
        api=cells["api"] or None,
    )


def _pattern(text: str, where: str) -> re.Pattern[str] | None:
    if not text:
        return None
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise RuleError(f"{where}: message_pattern {text!r} is no expression: {error}") from None
