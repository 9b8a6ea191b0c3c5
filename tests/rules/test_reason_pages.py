"""The pages of the reason codes are those that the book makes."""

from pathlib import Path

import pytest

from rules.book import Rule, load_book
from rules.reason_pages import INDEX, page, pages, write_pages

BOOK = load_book()
SHIPPED = Path(__file__).parents[2] / "docs" / "reasons"
RULES = pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.code)


def test_the_shipped_pages_are_the_books_own() -> None:
    shipped = {path.name: path.read_text("utf-8") for path in SHIPPED.glob("*.md")}
    assert shipped == pages(BOOK), "run `preflight rules docs`"


@RULES
def test_a_page_says_why_from_what_and_what_to_do(rule: Rule) -> None:
    text, entry = page(rule), rule.entry
    assert entry.reason.zh in text
    assert entry.reason.en in text
    assert entry.source in text
    assert entry.when.strip() in text
    for threshold in entry.thresholds:
        assert f"| {threshold} |" in text
    if entry.fix is not None:
        assert entry.fix.text.zh in text
        assert entry.fix.text.en in text


@RULES
def test_a_page_tells_the_buyer_nothing_of_risk(rule: Rule) -> None:
    told = [
        line for line in page(rule).splitlines() if line.startswith(("- to the b", "- 可对买家"))
    ]
    assert len(told) == 2
    for line in told:
        assert not any(word in line for word in ("risk", "风控", "欺诈", "fraud", "名单"))


def test_the_index_lists_every_code() -> None:
    index = pages(BOOK)[INDEX]
    assert all(f"[{rule.code}]({rule.code}.md)" in index for rule in BOOK)


def test_a_page_of_a_code_that_is_gone_is_removed_and_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "OLD_CODE.md").write_text(page(BOOK.rules[0]), "utf-8")
    (tmp_path / "mine.md").write_text("# My own notes\n", "utf-8")
    write_pages(BOOK, tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {*pages(BOOK), "mine.md"}
