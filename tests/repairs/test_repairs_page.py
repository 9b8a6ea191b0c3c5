"""The page on repairs says what the code and the book do."""

import doctest
import re
from pathlib import Path

from rules.book import Book
from rules.entries import REPAIRS

PAGE = Path(__file__).parents[2] / "docs" / "repairs.md"


def test_the_examples_run() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert (result.failed, result.attempted > 15) == (0, True)


def test_every_repair_is_on_the_page_with_the_rules_that_ask_for_it(book: Book) -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([A-Z_, ]+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    told = {name: set(codes.split(", ")) for name, codes in rows}
    named: dict[str, set[str]] = {name: set() for name in REPAIRS}
    for rule in book:
        for name in rule.entry.fix.repairs if rule.entry.fix else ():
            named[name].add(rule.code)
    assert told == named
