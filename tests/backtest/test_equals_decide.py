"""A backtest says of every order what `decide` says of it, one by one, from a live state."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from features.catalog import Catalog
from features.order import Order
from features.times import from_us
from rules.costs import Costs
from rules.decide import decide
from rules.decision import Action, Decision, Severity
from rules.lists.changes import Desk
from rules.lists.holdings import WORDS, ListKind
from rules.lists.kept import Draft, Entry, encode_entry
from rules.lists.store import ListStore
from tests.backtest.conftest import Played, court_over, one_by_one
from training.backtest.decided import Decided, decide_slice
from training.backtest.lists_then import ListsInTime, ListsThen, OneState
from training.backtest.pricing import ACTIONS
from training.backtest.setting import Setting, Sources, load_setting

Play = Callable[[str, int], Played]
EXEMPTED = "NEW_BUYER"


class Said(NamedTuple):
    """Codes that fired (but scores, of which a decision does not tell), lacked, were exempted."""

    hits: frozenset[str]
    missing: frozenset[str]
    exempted: frozenset[str]
    action: Action


def by_columns(decided: Decided) -> list[Said]:
    codes = [
        [
            frozenset(code for code, said in row.items() if said)
            for row in frame.iter_rows(named=True)
        ]
        for frame in (decided.ruling.hits, decided.ruling.missing, decided.ruling.exempted)
    ]
    actions = [ACTIONS[code] for code in decided.actions]
    return [Said(*one) for one in zip(*codes, actions, strict=True)]


def by_decide(setting: Setting, decision: Decision) -> Said:
    """What the book says; reasons of the service's own, such as SENT_BEFORE, are of no rule."""
    return Said(
        frozenset(r.code for r in decision.reasons if r.code in setting.book.bases),
        frozenset(missing.code for missing in decision.missing),
        frozenset(one.code for one in decision.exempted),
        decision.action,
    )


def compare(played: Played, old: Setting, new: Setting, lists: ListsInTime) -> list[list[Said]]:
    """Hold both sides to `decide`; give what was said of each order."""
    court = court_over(old, new, old.book.catalog, lists)
    told = []
    for setting, decided in zip((old, new), decide_slice(played.orders, court), strict=True):
        scores = {r.code for r in setting.book if r.entry.severity is Severity.SCORE}
        said = [one._replace(hits=one.hits - scores) for one in by_columns(decided)]
        slow = one_by_one(played.history, setting, lists)
        assert said == [by_decide(setting, decision) for decision in slow]
        told.append(said)
    return told


@pytest.mark.parametrize(
    ("scenario", "seed"), [("default", 11), ("peak_day", 12), ("payout_heavy", 13)]
)
def test_every_order_is_decided_as_the_service_does(
    scenario: str, seed: int, play: Play, shipped: Setting, edited_setting: Setting
) -> None:
    old, new = compare(play(scenario, seed), shipped, edited_setting, OneState())
    actions = {one.action for one in [*old, *new]}
    assert {Action.SUBMIT, Action.REVIEW, Action.FIX, Action.STOP} <= actions


@pytest.fixture
def changing_lists(tmp_path: Path, play: Play, shipped: Setting) -> ListsThen:
    """A block list with an entry that ends, changed midway; and an exempt list for a merchant."""
    orders = play("default", 11).history.orders
    instants, buyers = orders["as_of"].to_list(), orders["buyer.id"].drop_nulls().unique().sort()
    store = ListStore(tmp_path / "lists")
    quarter, half, later = (instants[len(instants) * n // 4] for n in (1, 2, 3))
    first = [Entry(value=buyer, until=later) for buyer in buyers[:40]]
    second = [Entry(value=buyer) for buyer in buyers[30:60]]
    merchants = [Entry(value=one) for one in orders["merchant_id"].unique()]
    word = orders["subject"].drop_nulls().sort()[0][:2]
    for at, name, kind, fact, entries, rules in (
        (quarter, "blocked_buyers", ListKind.BLOCK, "buyer.id", first, ()),
        (quarter, "forbidden_words", ListKind.BLOCK, WORDS, [Entry(value=word)], ()),
        (half, "blocked_buyers", ListKind.BLOCK, "buyer.id", second, ()),
        (half, "calm", ListKind.EXEMPT, "merchant_id", merchants, (EXEMPTED,)),
    ):
        lines = {entry.value: encode_entry(entry) for entry in entries}
        desk = Desk(store, None, shipped.book.bases, "ann", at)  # type: ignore[arg-type]
        with store.writing():
            desk.publish(Draft(name, kind, fact, rules, lines), "import")
    return ListsThen(store)


def test_lists_are_asked_in_the_version_of_the_order_s_date(
    changing_lists: ListsThen, play: Play, shipped: Setting, edited_setting: Setting
) -> None:
    said, _ = compare(play("default", 11), shipped, edited_setting, changing_lists)
    blocked = [row for row, one in enumerate(said) if "BUYER_ON_BLOCK_LIST" in one.hits]
    assert blocked
    assert min(blocked) >= len(said) // 4
    exempted = [row for row, one in enumerate(said) if EXEMPTED in one.exempted]
    assert exempted
    assert min(exempted) >= len(said) // 2


def test_equal_books_are_not_judged_twice_and_say_the_same(
    play: Play, shipped: Setting, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def noting(order: Order, *rest: Any) -> Decision:
        seen.append(order.order_id)
        return decide(order, *rest)

    monkeypatch.setattr("training.backtest.one_by_one.decide", noting)
    again = replace(shipped, name="new")
    old, new = decide_slice(play("default", 11).orders, court_over(shipped, again, catalog))
    assert old.ruling.hits.equals(new.ruling.hits)
    assert old.actions.tolist() == new.actions.tolist()
    assert seen
    assert len(seen) == len(set(seen))


def test_a_rule_that_fires_only_on_the_repaired_order_is_seen_by_the_side_that_has_it(
    play: Play, shipped: Setting, catalog: Catalog, tmp_path: Path
) -> None:
    """What a repair makes of an order is judged by each side's own rules."""
    for path in (Path(__file__).parents[2] / "rules" / "book").glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "zz.yaml").write_text(NO_REPAIR, "utf-8")
    new = load_setting("new", Sources(book=tmp_path), tmp_path, catalog)
    said = compare(play("default", 11), shipped, new, OneState())
    stopped = [
        row
        for row, (old, now) in enumerate(zip(*said, strict=True))
        if old.action is Action.FIX and now.action is not Action.FIX
    ]
    assert stopped


NO_REPAIR = """
rules:
  - code: AMOUNT_IS_THE_RECORD_S
    title: {zh: 金额与记录一致, en: The amount is the record's}
    when: amount_minor == record.amount_minor and items.lines >= 1
    outcome_class: validation
    severity: confirm
    basis: channel_rule
    source: a test
    grade: D
    reason: {zh: 测试。, en: A test.}
    examples:
      fires: [{amount_minor: 1, record.amount_minor: 1, items.lines: 1}]
      passes: [{amount_minor: 1, record.amount_minor: 2, items.lines: 1}]
"""


def test_costs_alone_change_nothing_without_a_model(
    play: Play, shipped: Setting, catalog: Catalog
) -> None:
    dear = replace(shipped, costs=Costs(refused_minor=9e9))
    old, new = decide_slice(play("default", 11).orders, court_over(shipped, dear, catalog))
    assert old.actions.tolist() == new.actions.tolist()


def test_the_instants_of_lists_are_cut_where_they_change(changing_lists: ListsThen) -> None:
    changes = [to_us for to_us, _ in changing_lists._changes]
    around = pl.Series(sorted(us + step for us in set(changes) for step in (-1, 0, 1)))
    cuts = list(changing_lists.stretches(around))
    assert [(start, end) for start, end, _ in cuts] == [(0, 1), (1, 4), (4, 6)]
    assert [sorted(lists.by_name) for *_, lists in cuts] == [
        [],
        ["blocked_buyers", "forbidden_words"],
        ["blocked_buyers", "calm", "forbidden_words"],
    ]
    assert from_us(changes[0]) < from_us(changes[-1])
