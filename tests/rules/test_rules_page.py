"""The rule that the documentation shows is a rule: it loads and its examples hold."""

import re
from pathlib import Path

from rules.book import load_book
from rules.packs import load_packs
from rules.proof import check_book

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_rule_of_the_page_proves_itself(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    (tmp_path / "own.yaml").write_text(found[1], "utf-8")
    book = load_book(tmp_path)
    assert [rule.code for rule in book.rules] == ["AMOUNT_ABOVE_USUAL"]
    check_book(book, load_packs())
