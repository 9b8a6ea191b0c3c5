"""docs/retry.md says what the planner does: its table, its numbers, its example."""

import re
from pathlib import Path

from features.times import US_PER_SECOND
from rules.decision import Advice
from rules.packs import load_packs
from rules.retry.policy import POLICY, BackOff
from rules.retry.table import advice_table

PAGE = (Path(__file__).parents[2] / "docs" / "retry.md").read_text("utf-8")
_UNITS = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}


def _stated() -> dict[str, list[int]]:
    """Read the page's numbers, durations in seconds."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|`]+) \|$", PAGE, re.MULTILINE)
    return {name: [_seconds(*one) for one in _NUMBER.findall(cell)] for name, cell in rows}


_NUMBER = re.compile(r"(\d+)(?: (d|h|min|s)\b)?")


def _seconds(number: str, unit: str) -> int:
    return int(number) * _UNITS.get(unit, 1)


def _ours(value: object) -> list[int]:
    match value:
        case BackOff(first_us, factor, longest_us):
            return [first_us // US_PER_SECOND, factor, longest_us // US_PER_SECOND]
        case int():
            return [value]
    raise TypeError(value)


def test_the_table_is_the_planners() -> None:
    assert advice_table(load_packs()) in PAGE, "write it anew: python -m rules.retry.table"


def test_every_number_of_the_policy_is_stated() -> None:
    ours = {name: _ours(getattr(POLICY, name)) for name in POLICY.__slots__}
    ours |= {n: [v[0] // US_PER_SECOND] for n, v in ours.items() if n.endswith("_us")}
    assert _stated() == ours


def test_the_page_names_every_advice() -> None:
    assert [one for one in Advice if f"`{one.value}`" not in PAGE] == []


def test_the_example_of_the_page_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "docs/retry.md", "exec"), {})
