"""The page on mismatches says what the code does."""

import doctest
import re
from pathlib import Path

from features.mismatch.facts import MISMATCH_KINDS
from features.mismatch.findings import MismatchKind

PAGE = Path(__file__).parents[2] / "docs" / "mismatch.md"


def test_the_examples_run() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert (result.failed, result.attempted > 5) == (0, True)


def test_every_fact_and_every_kind_is_on_the_page() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert set(MISMATCH_KINDS) <= named
    assert {kind.value for kind in MismatchKind} <= named
