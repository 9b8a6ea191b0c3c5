"""The table of docs/retry.md: what is advised after each meaning that the code tables know.

Run as `python -m rules.retry.table`.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator

from features.errors import RuleError
from features.times import from_us
from rules.codes import CodeRow
from rules.decision import Advice, Retry
from rules.packs import Packs, load_packs
from rules.retry.actions import Pace, next_action
from rules.retry.history import Asked, Heard, History, Number
from rules.retry.planner import plan
from rules.retry.timing import pace_of

_CHANNEL = "generic"
_ORDER = "ORDER00001"
_HEARD_US = 1_800_000_000_000_000
_HEAD = (
    "| Class | Final | Next action | Codes | For example | Advice | From | At most |",
    "|---|---|---|---:|---|---|---|---:|",
)


def advised(row: CodeRow, packs: Packs) -> Retry:
    """Plan after one call that was answered by a row's code, and by nothing else.

    Raises RuleError where the planner has nothing to say.
    """
    past = History(_ORDER, _CHANNEL, heard=(_heard(row),))
    retry = plan(past, packs[_CHANNEL], _HEARD_US)
    if retry is None:
        raise RuleError(f"{row.table} {row.code}: an answer without any advice")
    return retry


def _heard(row: CodeRow) -> Heard:
    return Heard(Number(_CHANNEL, _ORDER), _HEARD_US, Asked.SUBMIT, row.mapped, row.code)


def advice_table(packs: Packs) -> str:
    """Write the table, one line for each class, finality and next action that lead alike."""
    lines = defaultdict(list)
    for row in packs[_CHANNEL].codes.rows:
        lines[_key(row, advised(row, packs))].append(row)
    return "\n".join([*_HEAD, *_lines(lines)])


_Key = tuple[str, str, str, str, str, str]


def _key(row: CodeRow, retry: Retry) -> _Key:
    return (
        row.mapped.outcome_class.value,
        "yes" if row.mapped.final else "no",
        row.mapped.next_action,
        retry.advice.value,
        _from(row, retry),
        "" if retry.at_most is None else str(retry.at_most),
    )


def _from(row: CodeRow, retry: Retry) -> str:
    does = next_action(row.mapped.next_action)
    if retry.advice in (Advice.SAME_ID, Advice.NEW_ID):
        pace = pace_of(_heard(row), does)
        if pace in (Pace.NEXT_DAY, Pace.NEXT_MONTH, Pace.ON_CHANGE):
            return str(pace.value)
    if retry.not_before is None:
        return ""
    seconds = int((retry.not_before - from_us(_HEARD_US)).total_seconds())
    units = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    size, unit = next((size, unit) for size, unit in units if seconds % size == 0)
    return f"{seconds // size} {unit}"


def _lines(found: dict[_Key, list[CodeRow]]) -> Iterator[str]:
    for key, rows in sorted(found.items()):
        name, final, action, advice, start, most = key
        example = f"{rows[0].table} `{rows[0].code}`"
        cells = (name, final, f"`{action}`", len(rows), example, f"`{advice}`", start, most)
        yield f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.stdout.write(advice_table(load_packs()) + "\n")
