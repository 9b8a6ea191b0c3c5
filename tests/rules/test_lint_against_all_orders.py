"""Lint says of two conditions exactly what going through all small orders says."""

from collections.abc import Mapping
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from features.expression import parse, walk
from features.expression.syntax import Node
from features.kinds import Value
from rules.book import Book, Rule, load_book
from rules.lint import Fault, lint_book
from rules.packs import load_packs

SHIPPED, PACKS = load_book(), load_packs()
TEMPLATE = SHIPPED["RETRY_STORM"]
COUNTS = (None, *range(8))
ROWS = [
    {"items.lines": lines, "items.quantity": pieces, "currency": currency}
    for lines, pieces, currency in product(COUNTS, COUNTS, (None, "AAA", "BBB", "another"))
]

numbers = st.integers(0, 6).map(str)
comparisons = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
names = st.sampled_from(["items.lines", "items.quantity"])
atoms = st.one_of(
    st.tuples(names, comparisons, numbers).map(" ".join),
    st.tuples(names, st.just("between"), numbers, st.just("and"), numbers).map(" ".join),
    st.tuples(names, st.sampled_from(["in [1, 3]", "not in [2, 4, 6]"])).map(" ".join),
    st.tuples(names, st.sampled_from(["is missing", "is present"])).map(" ".join),
    st.sampled_from(["currency == 'AAA'", "currency != 'BBB'", "currency in ['AAA', 'BBB']"]),
    st.tuples(numbers, comparisons, names).map(" ".join),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            "({0[0]}) {0[1]} ({0[2]})".format
        ),
        inner.map("not ({})".format),
    ),
    max_leaves=4,
)


def rule_of(code: str, when: str) -> Rule:
    entry = TEMPLATE.entry
    changed: dict[str, Any] = {
        "code": code,
        "when": when,
        "thresholds": {},
        "examples": type(entry.examples)(fires=({},), passes=({},)),
    }
    fields = {name: getattr(entry, name) for name in entry.__struct_fields__}
    return Rule(type(entry)(**{**fields, **changed}), TEMPLATE.place)


def fired(when: str) -> set[int]:
    node: Node = parse(when, SHIPPED.scope)
    return {number for number, row in enumerate(ROWS) if walk(node, known(row)) is True}


def known(row: Mapping[str, Value | None]) -> dict[str, Value | None]:
    return {name: value for name, value in row.items() if value is not None}


def expected(first: set[int], second: set[int], shares_names: bool) -> set[tuple[str, ...]]:
    found = {
        (Fault.DEAD, code) for code, rows in (("FIRST", first), ("SECOND", second)) if not rows
    }
    if found or not shares_names:
        return {tuple(map(str, one)) for one in found}
    if first == second:
        return {("duplicate", "FIRST", "SECOND")}
    if first < second:
        return {("subsumed", "FIRST", "SECOND")}
    return {("subsumed", "SECOND", "FIRST")} if second < first else set()


@given(conditions, conditions)
@settings(max_examples=150)
def test_lint_claims_what_all_small_orders_show_and_nothing_else(first: str, second: str) -> None:
    rules = rule_of("FIRST", first), rule_of("SECOND", second)
    report = lint_book(Book(rules, SHIPPED.catalog), PACKS)
    assert report.undecided == ()
    names = [{n for n in ROWS[0] if n in text} for text in (first, second)]
    told = {(str(claim.fault), *claim.codes) for claim in report.claims}
    assert told == expected(fired(first), fired(second), bool(names[0] & names[1]))
