"""A file of rules that is broken in any way is refused with our own error and its place."""

import random
from collections.abc import Callable

import pytest

from features.errors import PreflightError
from rules.book import Book

BookFrom = Callable[[str], Book]

RULE = """
rules:
  - code: OWN_RULE
    title: {zh: 一, en: one}
    when: |
      amount_minor > threshold.most and buyer_orders_24h in [1, 2]
    thresholds:
      most: {value: 1, unit: MINOR, note: "above which it warns"}
    outcome_class: risk_block
    severity: warn
    basis: heuristic
    source: ours
    grade: H
    reason: {zh: 一, en: one}
    examples:
      fires: [{amount_minor: 2, buyer_orders_24h: 1}]
      passes: [{amount_minor: 1, buyer_orders_24h: 1}]
"""
PIECES: tuple[str, ...] = (
    "",
    " ",
    "\n",
    "  ",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!!python/object:x ",
)
PIECES += ("<<: *a", "\x00", "9" * 5_000, "2026-02-30", ".nan", ".inf", "null", "'", '"', "|", ">")
PIECES += ("not " * 80, "(" * 90, "1e9", "0x", "é", "\ud7ff", "#", "%", "@", "`", "---\n", "true")


@pytest.mark.parametrize(
    ("piece", "by", "told"),
    [
        ("OWN_RULE", "!!python/object/apply:os.getcwd []", "line 3, column 11: the tag"),
        (
            "{zh: 一, en: one}\n    when",
            "&a {zh: 一, en: one}\n    buyer: *a\n    when",
            "alias *a",
        ),
        ("value: 1,", "value: 2026-02-30,", "line 8: no date of the calendar"),
        ("value: 1,", f"value: {'9' * 5_000},", "line 8: no number that can be read"),
        ("source: ours", "source: " + "[" * 900, "nested deeper than 40 levels"),
        ("amount_minor >", "(" * 90 + "amount_minor >", "nested deeper than 60 levels"),
        ("[1, 2]", f"[{', '.join(['1'] * 1_001)}]", "the set has 1001 members, at most 1000"),
        ("amount_minor > threshold.most", " or ".join(["account.restricted"] * 200), "characters"),
    ],
)
def test_a_trick_is_refused(book_from: BookFrom, piece: str, by: str, told: str) -> None:
    assert piece in RULE
    book_from(RULE)
    with pytest.raises(PreflightError) as caught:
        book_from(RULE.replace(piece, by, 1))
    assert told in str(caught.value)


def test_a_condition_of_too_many_nodes_is_refused_with_the_count(book_from: BookFrom) -> None:
    wide = " or ".join(["1 > 0"] * 200)
    with pytest.raises(PreflightError, match="nodes, at most 500 are evaluated"):
        book_from(RULE.replace("amount_minor > threshold.most", wide, 1))


def test_a_file_that_is_broken_anywhere_is_refused_or_read(book_from: BookFrom) -> None:
    chance = random.Random(5)
    refused = 0
    for _ in range(400):
        start = chance.randrange(len(RULE))
        end = start + chance.choice([0, 0, 1, 3, 12])
        text = RULE[:start] + chance.choice(PIECES) + RULE[end:]
        told = _refusal(text, book_from)
        refused += bool(told)
        assert not told or "book.yaml" in told
    assert refused > 200


def _refusal(text: str, book_from: BookFrom) -> str:
    try:
        book_from(text)
    except PreflightError as error:
        return str(error)
    return ""
