"""Each of the starter library's 70 rules has its codes, or a reason why no order decides it."""

from pathlib import Path

import pytest

from features.errors import RuleError
from rules.book import load_book
from rules.coverage import load_coverage

BOOK = load_book()
COVERAGE = load_coverage(BOOK)
SECTIONS = {"A": 13, "B": 14, "R": 13, "L": 11, "P": 11, "K": 8}
IDS = [f"{letter}{number + 1}" for letter, count in SECTIONS.items() for number in range(count)]


def test_all_70_are_accounted_for() -> None:
    assert len(IDS) == 70
    assert list(COVERAGE) == IDS


def test_at_least_60_are_decided() -> None:
    decided = [one for one in COVERAGE.values() if one.codes]
    assert len(decided) >= 60


def test_what_is_not_decided_says_why() -> None:
    for number, covered in COVERAGE.items():
        assert covered.codes or len(covered.undecidable or "") > 40, number


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A1: {rule: one, codes: [NO_SUCH_CODE]}", "A1: no rule has 'NO_SUCH_CODE'"),
        ("A1: {rule: one, codes: [AMOUNT_NOT_RECORDS]}", "Did you mean 'AMOUNT_NOT_RECORD'?"),
        ("A1: {rule: one}", "line 2: A1: name the codes, or say why"),
        ("A1: {rule: one, codes: [RETRY_STORM], undecidable: never}", "A1: name the codes, or"),
    ],
)
def test_a_mapping_that_names_nothing_is_refused(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "coverage.yaml"
    path.write_text(f"rules:\n  {text}\n", "utf-8")
    with pytest.raises(RuleError) as caught:
        load_coverage(BOOK, path)
    assert told in str(caught.value)
