"""Rules ask lists: what a book declares, what a decision pins, what an exempt list silences."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import ExpressionError, RuleError
from features.expression.lists import Membership
from features.kinds import Value
from features.times import from_us
from rules.book import Book
from rules.decision import Action, Basis, Decision, Exempted
from rules.engines.durable import DurableEngine
from rules.lists.columnar import list_columns, word_column
from rules.lists.declared import check_lists
from rules.lists.holdings import WORDS, ListKind
from rules.lists.kept import Draft, Entry, encode_entry, written_files
from rules.lists.lists import FORBIDDEN_WORDS, Lists, NamedList
from rules.lists.table import Table

AS_OF_US = 1_773_196_200_000_000
BookFrom = Callable[[str], Book]
Decide = Callable[..., Decision]
MakeOrder = Callable[..., Any]

RULE = """
  - code: {code}
    title: {{zh: 名单, en: A list}}
    when: {when}
    outcome_class: risk_block
    severity: {severity}
    basis: {basis}
    source: test
    grade: {grade}
    reason: {{zh: 名单, en: A list}}
    examples:
      fires: [{{{fires}: true}}]
      passes: [{{{fires}: false}}]
"""
ASKED = '"list.blocked_buyers:buyer.id"'


def _book(
    lists: str = "{blocked_buyers: {kind: block, fact: buyer.id}}",
    when: str = "buyer.id in list.blocked_buyers",
    code: str = "BUYER_BLOCKED",
    more: str = "",
) -> str:
    rule = RULE.format(
        code=code, when=when, severity="confirm", basis="heuristic", grade="H", fires=ASKED
    )
    return f"lists: {lists}\nrules:{rule}{more}"


def named_list(
    name: str,
    *entries: Entry,
    kind: ListKind = ListKind.BLOCK,
    fact: str = "buyer.id",
    rules: tuple[str, ...] = (),
) -> NamedList:
    """A list that lies in memory alone."""
    from rules.lists.words import WordFinder

    lines = {entry.value: encode_entry(entry) for entry in entries}
    head, files = written_files(Draft(name, kind, fact, rules, lines))
    words = WordFinder(entries) if fact == WORDS else None
    return NamedList(head, Table(files["table.bin"]), words)


def _lists(*named: NamedList) -> Lists:
    return Lists({one.head.name: one for one in named})


def test_a_listed_buyer_fires_the_rule_and_the_version_is_pinned(
    book_from: BookFrom, decide_on: Decide, make_order: MakeOrder
) -> None:
    book, named = book_from(_book()), named_list("blocked_buyers", Entry(value="buyer-1"))
    decision = decide_on(make_order(), book=book, lists=_lists(named))
    assert [reason.code for reason in decision.reasons] == ["BUYER_BLOCKED"]
    assert decision.action is Action.REVIEW
    assert decision.versions.lists == {"blocked_buyers": named.version}
    other = decide_on(make_order(buyer={"id": "buyer-2"}), book=book, lists=_lists(named))
    assert other.action is Action.SUBMIT


def test_durable_says_the_same(
    book_from: BookFrom, decide_on: Decide, make_order: MakeOrder
) -> None:
    book, lists = book_from(_book()), _lists(named_list("blocked_buyers", Entry(value="buyer-1")))
    for buyer in ({"id": "buyer-1"}, {"id": "buyer-2"}, None):
        order = make_order(buyer=buyer)
        second = decide_on(order, book=book, lists=lists, engine=DurableEngine)
        first = decide_on(order, book=book, lists=lists)
        assert (second.reasons, second.missing) == (first.reasons, first.missing)


def test_a_list_that_is_absent_is_empty_and_the_decision_says_so(
    book_from: BookFrom, decide_on: Decide, make_order: MakeOrder
) -> None:
    decision = decide_on(make_order(), book=book_from(_book()))
    assert decision.action is Action.SUBMIT
    assert decision.missing == ()
    assert decision.versions.lists == {"blocked_buyers": "absent"}


def test_an_order_without_the_fact_leaves_the_rule_open(
    book_from: BookFrom, decide_on: Decide, make_order: MakeOrder
) -> None:
    lists = _lists(named_list("blocked_buyers", Entry(value="buyer-1")))
    decision = decide_on(make_order(buyer=None), book=book_from(_book()), lists=lists)
    assert [one.code for one in decision.missing] == ["BUYER_BLOCKED"]


def test_an_expired_entry_is_in_no_list_any_more(
    book_from: BookFrom, decide_on: Decide, make_order: MakeOrder
) -> None:
    book = book_from(_book())
    for until_us, fires in ((AS_OF_US, False), (AS_OF_US + 1, True)):
        entry = Entry(value="buyer-1", until=from_us(until_us))
        lists = _lists(named_list("blocked_buyers", entry))
        assert bool(decide_on(make_order(), book=book, lists=lists).reasons) is fires


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"when": "buyer.id in list.blocked_buyrs"}, "Did you mean 'blocked_buyers'"),
        ({"when": "device.id in list.blocked_buyers"}, r"line 5: BUYER_BLOCKED: .*ask it for buy"),
        ({"lists": "{}"}, "no such list"),
        ({"lists": "{blocked_buyers: {kind: exempt, fact: buyer.id}}"}, "line 1: lists"),
        ({"lists": "{blocked_buyers: {kind: block, fact: buyer.idd}}"}, "Did you mean 'buyer.id'"),
        ({"lists": "{Blocked: {kind: block, fact: buyer.id}}"}, "no name of a list"),
        ({"lists": "{bad_words: {kind: block, fact: words}}"}, "forbidden_words alone"),
    ],
)
def test_a_list_that_cannot_be_asked_is_an_error_at_load(
    book_from: BookFrom, changes: dict[str, str], told: str
) -> None:
    with pytest.raises((RuleError, ExpressionError), match=told):
        book_from(_book(**changes))


def test_a_list_that_is_here_something_else_is_refused(book_from: BookFrom) -> None:
    book = book_from(_book())
    devices = _lists(named_list("blocked_buyers", Entry(value="D1"), fact="device.id"))
    with pytest.raises(RuleError, match="but it is here a block list of device"):
        check_lists(devices, book.lists, book.bases)
    words = _lists(named_list("forbidden_words", Entry(value="D1")))
    with pytest.raises(RuleError, match="the book asks list forbidden_words"):
        check_lists(words, book.lists, book.bases)


@pytest.mark.parametrize("code", ["AMOUNT_NOT_RECORD", "LARGE_VALUE_REPORT", "BUYER_BLOKED"])
def test_only_a_heuristic_of_the_book_can_be_exempted(book: Book, code: str) -> None:
    named = named_list("vip", Entry(value="buyer-1"), kind=ListKind.EXEMPT, rules=(code,))
    with pytest.raises(RuleError, match=f"exempt list vip names .*{code}"):
        check_lists(_lists(named), book.lists, book.bases)


def test_an_exempt_list_silences_the_rule_until_it_ends(
    book_from: BookFrom, decide_on: Decide, make_order: MakeOrder
) -> None:
    book, blocked = book_from(_book()), named_list("blocked_buyers", Entry(value="buyer-1"))
    for until_us, silenced in ((AS_OF_US + 1, True), (AS_OF_US, False)):
        entry = Entry(value="buyer-1", until=from_us(until_us), rules=("BUYER_BLOCKED",))
        vip = named_list("vip", entry, kind=ListKind.EXEMPT)
        decision = decide_on(make_order(), book=book, lists=_lists(blocked, vip))
        assert (decision.action is Action.SUBMIT) is silenced
        assert bool(decision.reasons) is not silenced
        told = (Exempted(code="BUYER_BLOCKED", list="vip", version=vip.version),)
        assert decision.exempted == (told if silenced else ())
        assert decision.versions.lists["vip"] == vip.version


def test_an_exempt_list_silences_no_other_rule_and_no_other_buyer(
    book_from: BookFrom, decide_on: Decide, make_order: MakeOrder
) -> None:
    book, blocked = book_from(_book()), named_list("blocked_buyers", Entry(value="buyer-1"))
    entries = (
        Entry(value="buyer-1", rules=("BUYER_VELOCITY",)),
        Entry(value="buyer-2", rules=("BUYER_BLOCKED",)),
    )
    vip = named_list("vip", *entries, kind=ListKind.EXEMPT)
    decision = decide_on(make_order(), book=book, lists=_lists(blocked, vip))
    assert decision.action is Action.REVIEW
    assert decision.exempted == ()


@given(st.sampled_from([Basis.CHANNEL_RULE, Basis.REGULATION]))
def test_what_is_no_heuristic_is_never_silenced_whatever_a_list_says(basis: Basis) -> None:
    entry = Entry(value="B1", rules=("CODE_A", "CODE_B"))
    lists = _lists(named_list("vip", entry, kind=ListKind.EXEMPT))
    bases = {"CODE_A": basis, "CODE_B": Basis.HEURISTIC}
    found = lists.exempted(bases, {"buyer.id": "B1"}, 0)
    assert [one.code for one in found] == ["CODE_B"]


def test_forbidden_words_are_counted_in_what_the_channel_shows(
    decide_on: Decide, make_order: MakeOrder
) -> None:
    words = named_list(
        "forbidden_words", Entry(value="免费"), Entry(value="代付"), Entry(value="vip"), fact=WORDS
    )
    order = make_order(subject="免 费！Ｖip 保温杯", description="免费")
    decision = decide_on(order, lists=_lists(words))
    assert "FORBIDDEN_WORDS" in {reason.code for reason in decision.reasons}
    assert words.words is not None
    assert words.words.count(["免 费！Ｖip 保温杯", "免费"], AS_OF_US) == 2
    clean = decide_on(make_order(), lists=_lists(words))
    assert "FORBIDDEN_WORDS" not in {reason.code for reason in clean.reasons}


ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "buyer.id": st.sampled_from(["B1", " B2", "B3", "B4"]),
            "subject": st.sampled_from(["免费", "VIP 免费", "杯"]),
            "description": st.sampled_from(["vip", "茶"]),
        },
    ),
    min_size=1,
    max_size=12,
)


@given(ROWS, st.data())
def test_a_history_gets_the_same_answers(rows: list[dict[str, Value]], data: st.DataObject) -> None:
    as_of = [data.draw(st.integers(8, 12)) for _ in rows]
    buyers = (Entry(value="B1"), Entry(value="B2", until=from_us(10)))
    lists = _lists(
        named_list("blocked", *buyers),
        named_list("forbidden_words", Entry(value="免费"), Entry(value="vip"), fact=WORDS),
    )
    asked = (Membership("blocked", "buyer.id"), Membership("nowhere", "buyer.id"))
    schema = {"buyer.id": pl.String, "subject": pl.String, "description": pl.String}
    frame, instants = pl.DataFrame(rows, schema=schema), pl.Series("as_of", as_of, dtype=pl.Int64)
    columns = list_columns(frame, instants, lists, asked).to_dicts()
    words = word_column(frame, instants, lists).to_list()
    for row, instant, column, count in zip(rows, as_of, columns, words, strict=True):
        live = lists.facts(asked, row, instant)
        assert column == {question.fact: live.get(question.fact) for question in asked}
        assert count == lists.word_facts(row, instant).get(FORBIDDEN_WORDS)
