"""The check: what may run loads, fits what else runs, and proves itself."""

import re
from pathlib import Path
from typing import Any

import pytest

from features.errors import PreflightError, RuleError
from rules.releases.audit import Verb
from rules.releases.checking import check
from rules.releases.drafts import begin, find
from rules.releases.kinds import BOOK, COSTS, PACKS, ROUTES, Kind

PACK = """
channel: jd_pay
extends: jd_pay
title: {zh: 京东支付, en: JD Pay}
kinds: [order]
checked_on: 2026-11-22
facts:
  max_amount_minor: {value: 100, source: our contract, grade: A}
"""


def edit(desk: Any, kind: Kind, name: str, file: str, text: str) -> None:
    path = find(desk, kind, name).folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def test_a_book_that_passes_is_written_down_with_its_content(desk: Any, book_folder: Path) -> None:
    report = check(desk(), begin(desk(), BOOK, "two", str(book_folder)))
    assert (report.rules, report.examples, report.claims) == (2, 4, ())
    draft = find(desk(), BOOK, "two")
    (line,) = draft.said(Verb.CHECK, draft.content())
    assert line.line.evidence["fingerprint"] == report.fingerprint


def test_what_lint_claims_is_listed_and_stops_nothing(desk: Any, book_folder: Path) -> None:
    twin = (book_folder / "amounts.yaml").read_text("utf-8").replace("LARGE_ORDER", "BIG_ORDER")
    (book_folder / "twin.yaml").write_text(twin, "utf-8")
    report = check(desk(), begin(desk(), BOOK, "two", str(book_folder)))
    assert report.claims == ("duplicate: both fire on the same orders and ask for the same",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("amount_minor >", "amount_minr >", r"amounts\.yaml.*amount_minr"),
        ("{amount_minor: 500001}", "{amount_minor: 400000}", "should fire but does not"),
        ("unit: MINOR", "unit: SECONDS", "amounts.yaml"),
        ("severity: warn", "severity: loud", "line 9"),
    ],
)
def test_a_book_that_does_not_check_is_not_written_down(
    desk: Any, book_folder: Path, old: str, new: str, told: str
) -> None:
    text = (book_folder / "amounts.yaml").read_text("utf-8")
    assert old in text
    (book_folder / "amounts.yaml").write_text(text.replace(old, new), "utf-8")
    draft = begin(desk(), BOOK, "two", str(book_folder))
    with pytest.raises(PreflightError, match=told):
        check(desk(), draft)
    assert find(desk(), BOOK, "two").said(Verb.CHECK) == ()


def test_packs_are_checked_with_the_rules_that_run(desk: Any, seed: Any, book_folder: Path) -> None:
    seed(BOOK, BOOK.files(book_folder))
    begin(desk(), PACKS, "limits")
    edit(desk(), PACKS, "limits", "channels/jd_pay.yaml", PACK)
    report = check(desk(), find(desk(), PACKS, "limits"))
    assert (report.rules, report.examples) == (2, 4)
    edit(desk(), PACKS, "limits", "channels/jd_pay.yaml", PACK.replace("max_amount", "most"))
    with pytest.raises(RuleError, match=r"jd_pay\.yaml"):
        check(desk(), find(desk(), PACKS, "limits"))


def test_an_example_may_hold_by_the_shipped_pack_where_the_own_pack_says_otherwise(
    desk: Any, home: Path, book_folder: Path
) -> None:
    rule = (book_folder / "amounts.yaml").read_text("utf-8")
    rule = rule.replace("threshold.amount_minor", "channel.max_amount_minor")
    own = "kinds: [order]\n    channels: [alipay]\n    outcome_class"
    rule = re.sub(r" +thresholds:\n.*\n", "", rule).replace("outcome_class", own)
    rule = rule.replace("500001", "99000000001").replace("500000", "4000000")
    (book_folder / "amounts.yaml").write_text(rule, "utf-8")
    draft = begin(desk(), BOOK, "two", str(book_folder))
    assert check(desk(), draft).notes == ()
    (home / "channels").mkdir()
    (home / "channels" / "alipay.yaml").write_text(PACK.replace("jd_pay", "alipay"), "utf-8")
    assert check(desk(), draft).notes == (
        "LARGE_ORDER: an example holds by the shipped pack, not by your own",
    )


def test_costs_are_checked_by_their_values(desk: Any) -> None:
    draft = begin(desk(), COSTS, "mine")
    assert check(desk(), draft).rules == 0
    edit(desk(), COSTS, "mine", "costs.yaml", "review_share: 7")
    with pytest.raises(RuleError, match="review_share is 7"):
        check(desk(), draft)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("alternatives: {jd_pay: [alipy]}", "Did you mean 'alipay'"),
        ("alternatives: {jd_pay: [jd_pay]}", "jd_pay"),
        ("other: {}", "other"),
    ],
)
def test_routes_are_checked_against_the_packs(desk: Any, text: str, told: str) -> None:
    draft = begin(desk(), ROUTES, "mine")
    assert check(desk(), draft).content == draft.content()
    edit(desk(), ROUTES, "mine", "routes.yaml", text)
    with pytest.raises(RuleError, match=told):
        check(desk(), draft)
