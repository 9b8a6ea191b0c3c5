"""One check-list over every rule of the shipped book."""

import re
from typing import get_args

import pytest

from rules.book import Rule, load_book
from rules.decision import Basis, Severity
from rules.engines.compiled import CompiledEngine
from rules.entries import Grade
from rules.judge import judge_of
from rules.pack_sources import cited, load_sources
from rules.packs import load_packs
from rules.proof import check_book, run_examples

BOOK, PACKS = load_book(), load_packs()
RULES = pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.code)


def test_the_shipped_book_proves_itself() -> None:
    assert len(check_book(BOOK, PACKS)) >= 2 * len(BOOK.rules)


@RULES
def test_its_examples_fire_and_just_do_not(rule: Rule) -> None:
    proofs = run_examples(rule, BOOK, PACKS)
    assert {proof.answer for proof in proofs} == {True, False}
    assert all(proof.holds for proof in proofs)


@RULES
def test_it_speaks_both_languages(rule: Rule) -> None:
    entry = rule.entry
    texts = [entry.title, entry.reason, entry.buyer, entry.fix.text if entry.fix else None]
    for text in filter(None, texts):
        assert any("一" <= letter <= "鿿" for letter in text.zh)
        assert text.en.isascii() or "〔" in text.en


@RULES
def test_only_a_channels_own_rule_blocks(rule: Rule) -> None:
    entry = rule.entry
    assert entry.severity is not Severity.BLOCK or entry.basis is Basis.CHANNEL_RULE
    assert (entry.basis is Basis.HEURISTIC) == (entry.grade == "H")
    assert entry.source


@RULES
def test_a_grade_is_no_better_than_the_sources_that_are_cited(rule: Rule) -> None:
    entry, ranks = rule.entry, {grade: rank for rank, grade in enumerate(get_args(Grade))}
    named = re.findall(r"\bS\d+[a-z]?\b", entry.source)
    found = cited(entry.source, load_sources())
    assert [source.key for source in found] == named
    if entry.basis is Basis.CHANNEL_RULE and found:
        best = min(ranks[grade] for source in found for grade in source.grades)
        assert ranks[entry.grade] >= best


@RULES
def test_what_the_buyer_may_hear_holds_no_risk_detail(rule: Rule) -> None:
    entry = rule.entry
    if entry.outcome_class == "risk_block":
        assert entry.buyer is None
    if entry.buyer is not None:
        assert not any(word in entry.buyer.zh for word in ("风控", "欺诈", "拦截", "黑名单"))


@RULES
def test_without_any_fact_it_never_fires(rule: Rule) -> None:
    for pack in PACKS:
        verdict = judge_of(BOOK, pack, CompiledEngine).engine.evaluate({"kind": "order"})
        assert rule.code not in verdict.hits


def test_every_row_of_the_users_causes_has_a_rule() -> None:
    classes = {rule.entry.outcome_class.value for rule in BOOK}
    assert classes >= {"validation", "risk_block", "limit", "account_state", "unknown"}
