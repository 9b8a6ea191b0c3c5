"""A change that no example notices is told; the shipped book has none."""

from typing import Any

import pytest

from rules.book import load_book
from rules.mutants import nudged
from rules.mutation import MutationReport, mutate_book, mutate_rule
from rules.packs import load_packs

BOOK, PACKS = load_book(), load_packs()

RULE = """rules:
  - code: SPENDS_A_LOT
    title: {{zh: 金额大, en: Large}}
    when: {when}
    thresholds:
      most: {{value: 500, unit: MINOR, note: more warns}}
    outcome_class: limit
    severity: warn
    basis: heuristic
    source: rule L1
    grade: H
    reason: {{zh: 金额很大, en: It is a large amount}}
    examples:
      fires: [{fires}]
      passes: [{passes}]
"""


def unnoticed(book_from: Any, when: str, fires: str, passes: str) -> list[str]:
    book = book_from(RULE.format(when=when, fires=fires, passes=passes))
    return [one.what for one in mutate_book(book, PACKS).unnoticed]


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.code)
def test_every_change_of_a_shipped_condition_is_noticed(rule: Any) -> None:
    assert [one.what for one in mutate_rule(rule, BOOK, PACKS) if not one.noticed] == []


def test_the_report_counts_what_it_tried() -> None:
    report = mutate_book(BOOK, PACKS)
    assert len(report.mutations) > 5 * len(BOOK.rules)
    assert report.noticed_share == 1
    assert MutationReport(()).noticed_share == 1


def test_examples_at_the_edge_notice_all(book_from: Any) -> None:
    found = unnoticed(
        book_from, "amount_minor > threshold.most", "{amount_minor: 501}", "{amount_minor: 500}"
    )
    assert found == []


def test_examples_far_from_the_edge_notice_little(book_from: Any) -> None:
    found = unnoticed(
        book_from, "amount_minor > threshold.most", "{amount_minor: 900}", "{amount_minor: 100}"
    )
    assert found == [
        "threshold.most: 500 -> 501",
        "threshold.most: 500 -> 499",
        "> -> >= in (amount_minor > threshold.most)",
    ]


@pytest.mark.parametrize(
    ("when", "fires", "passes", "told"),
    [
        (
            "amount_minor > threshold.most and goods_kind == 'virtual'",
            "{amount_minor: 501, goods_kind: virtual}",
            "{amount_minor: 500, goods_kind: virtual}",
            'without (goods_kind == "virtual")',
        ),
        (
            "amount_minor > threshold.most or goods_kind == 'virtual'",
            "{amount_minor: 501, goods_kind: virtual}",
            "{amount_minor: 500, goods_kind: physical}",
            'or -> and in ((amount_minor > threshold.most) or (goods_kind == "virtual"))',
        ),
        (
            "abs(amount_minor - record.amount_minor) > threshold.most",
            "{amount_minor: 501, record.amount_minor: 0}",
            "{amount_minor: 500, record.amount_minor: 0}",
            "without abs in (abs(amount_minor - record.amount_minor))",
        ),
        (
            "amount_minor > threshold.most and state in ['created', 'paying']",
            "{amount_minor: 501, state: created}",
            "{amount_minor: 500, state: created}",
            'without \'paying\' in (state in ["created", "paying"])',
        ),
        (
            "amount_minor between threshold.most and 900",
            "{amount_minor: 501}",
            "{amount_minor: 499}",
            "the upper end of (amount_minor between threshold.most and 900) left out",
        ),
    ],
)
def test_the_missing_example_is_told(
    when: str, fires: str, passes: str, told: str, book_from: Any
) -> None:
    assert told in unnoticed(book_from, f'"{when}"', fires, passes)


def test_a_share_is_nudged_by_a_part_of_itself_and_a_whole_number_by_one() -> None:
    assert nudged(20) == (21, 19)
    assert nudged(0.5) == pytest.approx((0.525, 0.475))
