"""Lint finds what was seeded, and claims nothing that its witness does not show."""

import json
from typing import Any

import pytest

from bench.lint_seeds import Seeded, is_shown, seeded
from bench.lint_seeds import book_of as seeded_book
from rules.book import Book, load_book
from rules.lint import Claim, Fault, lint_book
from rules.packs import load_packs
from rules.proof import answer_to

BOOK, PACKS = load_book(), load_packs()
SEEDED = [pytest.param(one, id=f"{one.fault}-{n % 10}") for n, one in enumerate(seeded(20261122))]

RULE = """  - code: {code}
    title: {{zh: 规则, en: Rule}}
    when: {when}
    outcome_class: {outcome}
    severity: {severity}
    basis: heuristic
    source: a seed
    grade: H
    reason: {{zh: 原因, en: A reason}}
    examples:
      fires: [{fires}]
      passes: [{{}}]
"""


def book_of(book_from: Any, *rules: tuple[str, str], fires: str = "{}", **more: str) -> Book:
    text = "rules:\n" + "".join(
        RULE.format(
            code=f"RULE_{number}",
            when=json.dumps(when),
            severity=severity,
            fires=fires,
            outcome=more.get(f"outcome_{number}", "validation"),
        )
        for number, (when, severity) in enumerate(rules)
    )
    loaded: Book = book_from(text)
    return loaded


def claims_of(book: Book) -> tuple[Claim, ...]:
    return lint_book(book, PACKS).claims


@pytest.mark.parametrize("case", SEEDED)
def test_a_seeded_fault_is_found_with_its_witness(case: Seeded) -> None:
    book = seeded_book(case)
    report = lint_book(book, PACKS)
    assert report.undecided == ()
    assert [claim.fault for claim in report.claims] == [case.fault]
    (claim,) = report.claims
    assert claim.codes == (("RULE_0",) if case.fault == "dead" else ("RULE_0", "RULE_1"))
    assert is_shown(claim, book, PACKS)


def test_a_witness_fires_what_its_claim_is_about() -> None:
    for case in seeded(7):
        for claim in claims_of(seeded_book(case)):
            fired = [set(witness.fires) for witness in claim.witnesses]
            match claim.fault:
                case Fault.DEAD:
                    assert fired == [set()]
                case Fault.SUBSUMED:
                    assert fired == [set(claim.codes), {claim.codes[1]}]
                case _:
                    assert fired in ([set(claim.codes)], [{code} for code in claim.codes])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("items.lines > 3", "items.quantity > 3"),
        ("items.lines > 3", "items.lines < 5"),
        ("currency == 'CNY'", "currency == 'USD'"),
        ("items.lines > 3 and currency == 'CNY'", "items.lines > 4"),
        ("amount_minor > record.amount_minor", "amount_minor < record.amount_minor"),
        ("amount_minor - freight_minor > 9", "amount_minor > 9"),
        ("items.lines is missing", "items.lines > 3"),
        ("account.restricted", "account.restricted == false and items.lines > 3"),
    ],
)
def test_rules_at_no_fault_are_left_alone(first: str, second: str, book_from: Any) -> None:
    assert claims_of(book_of(book_from, (first, "warn"), (second, "warn"))) == ()


def test_the_stricter_special_case_is_an_escalation_and_no_fault(book_from: Any) -> None:
    book = book_of(book_from, ("items.lines > 9", "confirm"), ("items.lines > 3", "warn"))
    assert claims_of(book) == ()


def test_the_same_orders_with_another_class_of_outcome_are_at_odds(book_from: Any) -> None:
    rules = ("items.lines > 9", "warn"), ("not (items.lines <= 9)", "warn")
    book = book_of(book_from, *rules, outcome_1="limit")
    assert [claim.fault for claim in claims_of(book)] == [Fault.CONTRADICTORY]


def test_what_is_told_apart_by_missing_facts_alone_is_no_duplicate(book_from: Any) -> None:
    book = book_of(
        book_from,
        ("items.lines > 9", "warn"),
        ("items.lines > 9 or items.lines is missing", "score"),
    )
    assert claims_of(book) == ()


def test_a_bound_of_the_facts_own_kind_counts(book_from: Any) -> None:
    dead = book_of(book_from, ("freight_minor < 0", "warn"))
    assert [claim.fault for claim in claims_of(dead)] == [Fault.DEAD]
    assert claims_of(book_of(book_from, ("items.residue_minor < 0", "warn"))) == ()


def test_what_cannot_be_taken_apart_is_not_decided_rather_than_claimed(book_from: Any) -> None:
    product = "amount_minor * freight_minor > 9"
    twice = "amount_minor * freight_minor * amount_minor > 9"
    report = lint_book(book_of(book_from, (product, "warn"), (twice, "warn")), PACKS)
    assert report.claims == ()
    assert report.undecided


def test_the_shipped_book_is_clean() -> None:
    report = lint_book(BOOK, PACKS)
    assert report.claims == ()
    assert report.undecided == ()


def test_a_declared_special_case_is_one() -> None:
    for rule in BOOK:
        wider = rule.entry.special_case_of
        if wider is not None:
            for facts in rule.entry.examples.fires:
                assert answer_to(BOOK[wider], facts, BOOK, PACKS) is True
