"""A rule that compares unlike things is refused at load, with its place and both units."""

from collections.abc import Callable

import pytest

from features.errors import ExpressionError, PreflightError, RuleError
from features.kinds import Kind
from features.units import MINOR
from rules.book import Book
from rules.bound import bind
from rules.packs import Packs
from rules.threshold_units import unit_of_words

BookFrom = Callable[[str], Book]

RULE = """
rules:
  - code: OWN_RULE
    title: {zh: 一, en: one}
    when: WHEN
    thresholds:
      most: {value: VALUE, unit: UNIT}
    outcome_class: risk_block
    severity: warn
    basis: heuristic
    source: ours
    grade: H
    reason: {zh: 一, en: one}
    examples:
      fires: [{amount_minor: 2}]
      passes: [{amount_minor: 1}]
"""


def rule(when: str, unit: str = "MINOR", value: str = "1") -> str:
    return RULE.replace("WHEN", when).replace("UNIT", unit).replace("VALUE", value)


def test_every_number_that_a_rule_may_read_has_a_unit(book: Book) -> None:
    numbers = {name for name, kind in book.scope.kinds.items() if kind is Kind.NUMBER}
    assert numbers - book.scope.units.keys() == set()


def test_every_threshold_of_the_shipped_book_states_a_unit(book: Book) -> None:
    for one in book:
        for name, threshold in one.entry.thresholds.items():
            assert threshold.counts is not None, (one.code, name)


@pytest.mark.parametrize(
    ("when", "unit", "told"),
    [
        (
            "amount_minor > threshold.most",
            "SECONDS",
            "book.yaml, line 5, column 24, at '>': '>' sets amount_minor in MINOR beside "
            "threshold.most in SECONDS",
        ),
        (
            "amount_minor > threshold.most",
            '"seconds since something"',
            "amount_minor in MINOR beside threshold.most in SECONDS",
        ),
        (
            "amount_minor > channel.max_expiry_seconds + threshold.most",
            "SECONDS",
            "amount_minor in MINOR beside an expression of channel.max_expiry_seconds",
        ),
        ("buyer_orders_24h > amount_minor", "COUNT", "buyer_orders_24h in COUNT beside amount_mi"),
        ("credit.instalments in channel.seller_shares", "COUNT", "in COUNT beside channel.seller"),
        ("check.subject_characters > amount_minor", "COUNT", "check.subject_characters in COUNT"),
        ("amount_minor > thresholds.most", "MINOR", "Did you mean 'threshold.most'?"),
        ("amount_minor + threshold.most", "MINOR", "OWN_RULE: `when` is a number, not a condition"),
        ("buyer.id in list.blocked", "MINOR", "no such list"),
    ],
)
def test_a_fault_of_a_condition_is_found_at_load(
    book_from: BookFrom, when: str, unit: str, told: str
) -> None:
    with pytest.raises(PreflightError) as caught:
        book_from(rule(when, unit))
    assert told in str(caught.value)


def test_a_threshold_of_no_unit_is_refused_with_the_closed_set(book_from: BookFrom) -> None:
    with pytest.raises(RuleError, match=r"line 7: OWN_RULE, most: 'bananas' is no unit\. Units: M"):
        book_from(rule("amount_minor > threshold.most", "bananas"))
    with pytest.raises(RuleError, match=r"'MINORS' is no unit\. Did you mean 'MINOR'"):
        book_from(rule("amount_minor > threshold.most", "MINORS"))


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "1.0e+999"])
def test_a_threshold_that_is_not_finite_is_refused(book_from: BookFrom, value: str) -> None:
    with pytest.raises(RuleError, match=r"line 7: OWN_RULE, most: .* is not finite"):
        book_from(rule("amount_minor > threshold.most", value=value))


def test_a_threshold_may_say_more_in_a_note(book_from: BookFrom) -> None:
    text = rule("amount_minor > threshold.most").replace(
        "unit: MINOR", "unit: MINOR, note: above which it warns"
    )
    threshold = book_from(text)["OWN_RULE"].entry.thresholds["most"]
    assert (threshold.counts, threshold.told) == (MINOR, "above which it warns")


def test_the_words_of_an_older_book_are_read_as_units() -> None:
    for words, unit in (
        ("minor units, over which the difference blocks", "MINOR"),
        ("fen in 24 hours", "MINOR"),
        ("earlier payouts to the account", "COUNT"),
        ("digits; longer warns", "COUNT"),
        ("times the buyer's mean", "NONE"),
        ("Share of the daily limit", "SHARE"),
        ("metres between device and receiver", "METRES"),
        ("minutes to the cut-off", "MINUTES"),
    ):
        assert str(unit_of_words(words)) == unit
    assert unit_of_words("fenster") is None


def test_a_book_may_ask_the_lists_that_it_declares(book_from: BookFrom, packs: Packs) -> None:
    lists = "lists: {blocked: {kind: block, fact: buyer.id}}\n"
    when = "buyer.id in list.blocked and buyer.id not in list.blocked"
    bound = bind(book_from(lists + rule(when)), packs["generic"])
    assert [one.fact for one in bound.memberships] == ["list.blocked:buyer.id"]
    assert bound.kinds["list.blocked:buyer.id"] is Kind.BOOLEAN


def test_a_book_over_its_step_budget_is_refused_with_the_counts(
    book: Book, packs: Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = bind(book, packs["jd_pay"]).steps
    monkeypatch.setattr("rules.bound.MAX_STEPS", steps)
    bind(book, packs["jd_pay"])
    monkeypatch.setattr("rules.bound.MAX_STEPS", steps - 1)
    with pytest.raises(RuleError, match=f"have {steps} nodes, at most {steps - 1} are evaluated"):
        bind(book, packs["jd_pay"])


def test_a_list_that_is_not_declared_is_refused(book_from: BookFrom) -> None:
    with pytest.raises(ExpressionError, match="There is no list yet"):
        book_from(rule("buyer.id not in list.blocked"))
