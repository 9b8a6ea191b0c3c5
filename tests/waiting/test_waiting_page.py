"""The page about waiting runs: its rule proves itself, its table names the rules that wait."""

import re
from pathlib import Path

from rules.book import load_book
from rules.packs import load_packs
from rules.proof import check_book

PAGE = (Path(__file__).parents[2] / "docs" / "waiting.md").read_text("utf-8")


def test_the_rule_of_the_page_proves_itself(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    (tmp_path / "own.yaml").write_text(found[1], "utf-8")
    book = load_book(tmp_path)
    assert book.rules[0].entry.waits == "time"
    assert len(check_book(book, load_packs())) == 2


def test_the_table_names_the_rules_that_wait() -> None:
    rows = re.findall(r"^\| (`[A-Z].*?) \| `(time|day|query)` \|", PAGE, re.MULTILINE)
    told = {code: kind for codes, kind in rows for code in re.findall(r"`([A-Z_]+)`", codes)}
    assert told == {rule.code: rule.entry.waits for rule in load_book() if rule.entry.waits}
