"""A book is loaded strictly: every refusal names the file, the line and the way out."""

import re
from typing import Any

import pytest

from features.errors import ExpressionError, RuleError
from rules.proof import check_book

RULE = """rules:
  - code: SPENDS_A_LOT
    title: {zh: 金额大, en: Large}
    when: amount_minor > threshold.most
    thresholds:
      most: {value: 500, unit: fen}
    outcome_class: limit
    severity: warn
    basis: heuristic
    source: rule L1
    grade: H
    reason: {zh: 金额很大, en: It is a large amount}
    examples:
      fires: [{amount_minor: 501}]
      passes: [{amount_minor: 500}]
"""


def test_a_rule_of_ones_own_is_loaded_and_proved(book_from: Any, packs: Any) -> None:
    book = book_from(RULE)
    assert [proof.holds for proof in check_book(book, packs)] == [True, True]
    assert book.thresholds == {"SPENDS_A_LOT.most": 500}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("severity: warn", "severty: warn", "line 8: rules[0].severty: got an unknown field"),
        ("severity: warn", "severty: warn", "Did you mean 'severity'?"),
        ("severity: warn", "severity: loud", "line 8: rules[0].severity"),
        ("outcome_class: limit", "outcome_class: limits", "line 7: rules[0].outcome_class"),
        ("code: SPENDS_A_LOT", "code: spends", "line 2: rules[0].code"),
        ("fires: [{amount_minor: 501}]", "fires: []", "rules[0].examples.fires"),
        ("      passes: [{amount_minor: 500}]\n", "", "rules[0].examples.passes: got nothing"),
        ("unit: fen", "units: fen", "line 6: rules[0].thresholds.most.units"),
        ("severity: warn", "severity: block", "line 8: SPENDS_A_LOT blocks, but its basis is"),
        ("grade: H", "grade: A", "line 11: SPENDS_A_LOT: grade H is for heuristics"),
        ("grade: H", "grade: H\n    grade: H", "line 12: rules[0].grade stands here a second time"),
        ("rules:", "rules: {a: b", "is not YAML"),
        ("title: {zh: 金额大, en: Large}", "title: {zh: 金额大}", "line 3: rules[0].title.en"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(
    old: Any, new: Any, told: Any, book_from: Any
) -> None:
    with pytest.raises(RuleError, match=re.escape(told)):
        book_from(RULE.replace(old, new))


REGULATION = RULE.replace("basis: heuristic", "basis: regulation").replace("grade: H", "grade: D")
DATES = "    effective_from: 2018-07-13\n    checked_on: 2026-11-22\n"


def test_a_regulation_is_a_dated_preset_that_informs(book_from: Any) -> None:
    (rule,) = book_from(REGULATION + DATES)
    assert str(rule.entry.effective_from) == "2018-07-13"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (REGULATION, "SPENDS_A_LOT is a regulation; state its effective_from and checked_on"),
        (RULE + DATES, "line 9: SPENDS_A_LOT: effective_from and checked_on date a regulation"),
        (
            REGULATION.replace("severity: warn", "severity: confirm") + DATES,
            "line 8: SPENDS_A_LOT: a regulation informs: info or warn",
        ),
        (RULE + "    special_case_of: SPENDS_LOT\n", "names 'SPENDS_LOT', which is no other rule"),
        (RULE + "    special_case_of: SPENDS_A_LOT\n", "which is no other rule"),
    ],
)
def test_a_rule_that_claims_more_than_it_is_gets_refused(
    text: str, told: str, book_from: Any
) -> None:
    with pytest.raises(RuleError, match=re.escape(told)):
        book_from(text)


def test_a_code_is_taken_once(book_from: Any) -> None:
    with pytest.raises(RuleError, match=r"line 16: code SPENDS_A_LOT is taken by book\.yaml, line"):
        book_from(RULE + RULE.removeprefix("rules:\n"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("amount_minor > ", "amount_mino > ", "book.yaml, line 4, column 11, at 'amount_mino'"),
        ("threshold.most", "threshold.mots", "Did you mean 'threshold.most'?"),
        ("threshold.most", "channel.max_amount", "Did you mean 'channel.max_amount_minor'?"),
        ("amount_minor > ", "currency > ", "orders two numbers or two instants"),
    ],
)
def test_a_condition_is_checked_with_its_place(
    old: Any, new: Any, told: Any, book_from: Any, packs: Any
) -> None:
    with pytest.raises(ExpressionError, match=re.escape(told)):
        check_book(book_from(RULE.replace(old, new, 1)), packs)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("501", "500", "an example should fire but does not"),
        ("{amount_minor: 500}", "{amount_minor: 501}", "an example should not fire but does"),
        ("{amount_minor: 500}", "{}", "leaves the rule without an answer"),
        ("{amount_minor: 500}", "{amount_mino: 5}", "'amount_mino', which is no fact."),
        ("{amount_minor: 500}", '{amount_minor: "5"}', "amount_minor is '5'"),
        ("{amount_minor: 500}", "{channel: jd}", "no channel is named 'jd'"),
        ("{amount_minor: 500}", "{channel.maximum: 5}", "which is no fact of a channel"),
        ("grade: H", "grade: H\n    channels: [jdpay]", "no channel is named 'jdpay'"),
    ],
)
def test_a_proof_that_fails_is_told_with_its_line(
    old: Any, new: Any, told: Any, book_from: Any, packs: Any
) -> None:
    with pytest.raises(RuleError, match=re.escape(told)) as caught:
        check_book(book_from(RULE.replace(old, new)), packs)
    assert "book.yaml, line 4: SPENDS_A_LOT: " in str(caught.value)


def test_an_empty_folder_is_no_book(tmp_path: Any, catalog: Any) -> None:
    from rules.book import load_book

    with pytest.raises(RuleError, match=r"holds no \.yaml file"):
        load_book(tmp_path, catalog)


def test_the_version_changes_with_any_entry(book_from: Any) -> None:
    one = book_from(RULE).version
    assert book_from(RULE).version == one
    assert book_from(RULE.replace("500, unit", "501, unit")).version != one
