"""What is offered: judged again, in order, no more than it takes; sound orders pay nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from features.errors import RuleError
from features.mismatch.equation import Change
from rules.book import Book, load_book
from rules.decide import decide
from rules.decision import Action, Text
from rules.entries import REPAIRS
from rules.repairs import proposing
from rules.repairs.combining import combinations
from rules.repairs.part import Part, Scene
from rules.terms import Terms

AS_OF_US = 1_773_196_202_000_000
NOTHING = Text(zh="", en="")
RULE = """
rules:
  - code: ODD
    title: {{zh: 奇, en: Odd}}
    when: amount_minor > 31000
    outcome_class: validation
    severity: {severity}
    basis: {basis}
    source: a test
    grade: {grade}
    reason: {{zh: 奇, en: Odd.}}
    fix:
      text: {{zh: 改, en: Change it.}}
      repairs: [{repair}]
    examples:
      fires: [{{amount_minor: 31001}}]
      passes: [{{amount_minor: 31000}}]
"""


def part(pointer: str, *, certain: bool = True) -> Part:
    return Part("amounts", (Change(pointer, 1, 2),), pointer, NOTHING, certain)


def pointers(parts: tuple[Part, ...]) -> str:
    return "".join(one.proof for one in parts)


def test_the_likeliest_of_all_come_together_first() -> None:
    slots = [(part("a"), part("b")), (part("x"), part("y"))]
    tried = [pointers(parts) for parts in combinations(slots, [])]
    assert tried[:4] == ["ax", "ay", "bx", "by"]
    assert tried[4:] == ["x", "y", "a", "b"]


def test_no_field_is_changed_twice() -> None:
    tried = [pointers(parts) for parts in combinations([(part("a"),), (part("a"),)], [])]
    assert tried == ["a", "a"], "one after the other, never both"


def test_what_only_warns_joins_in_where_it_is_certain() -> None:
    also = [(part("w"),), (part("v", certain=False),), (part("p"), part("q"))]
    assert [pointers(parts) for parts in combinations([(part("a"),)], also)] == ["aw", "a"]


def test_an_order_with_nothing_wrong_is_never_diagnosed(
    raw: Any, advise: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(scene: Scene, wanted: object) -> Iterator[tuple[Part, ...]]:
        raise AssertionError("a sound order pays for a diagnosis")

    monkeypatch.setattr(proposing, "PROPOSERS", (refuse,))
    assert advise(raw()).action is Action.SUBMIT
    with pytest.raises(AssertionError, match="pays"):
        advise(raw(amount_minor=31_001))


def test_a_patch_changes_no_more_than_it_takes(raw: Any, advise: Any) -> None:
    late = {"placed_at": "2026-03-11T18:30:00+08:00", "expires_at": "2026-03-11T11:00:00+08:00"}
    decision = advise(raw(**late))
    assert "EXPIRY_TOO_SOON" in {one.code for one in decision.reasons}
    assert decision.fix is not None
    assert {one.path for one in decision.fix.patch if one.op != "test"} == {"/placed_at"}


class Ledger:
    """A state that knows of another payout of the right amount, and of none of the wrong one."""

    def __init__(self) -> None:
        self.reads: list[object] = []

    def read(self, facts: Any, as_of_us: int) -> dict[str, Any]:
        self.reads.append(facts["amount_minor"])
        return {"payee_same_amount_24h": 1 if facts["amount_minor"] == 31_000 else 0}

    def read_windows(self, *_: Any) -> dict[str, Any]:
        return {}

    def changes_after(self, *_: Any) -> Any:
        return (), True


def test_a_repair_that_makes_a_duplicate_payout_is_not_offered(
    raw: Any, read: Any, terms: Terms
) -> None:
    payout = {
        "kind": "payout",
        "channel": "wechat_transfer",
        "payout": {"payee": {"id": "p", "account": "6222021234567894"}, "purpose": "货款"},
        "buyer": None,
        "items": None,
        "list_amount_minor": None,
        "goods_kind": None,
    }
    state = Ledger()
    order = read(raw(**payout, amount_minor=310, discount_minor=None, freight_minor=None))
    decision = decide(order, state, terms, AS_OF_US)
    assert state.reads[:2] == [310, 31_000]
    assert decision.fix_candidates == ()
    assert decision.action is Action.STOP
    assert decide(order, None, terms, AS_OF_US).action is Action.FIX


@pytest.fixture
def odd(tmp_path: Any) -> Any:
    def load(repair: str, severity: str = "block") -> Book:
        basis, grade = ("channel_rule", "A") if severity == "block" else ("heuristic", "H")
        text = RULE.format(repair=repair, severity=severity, basis=basis, grade=grade)
        (tmp_path / "odd.yaml").write_text(text, encoding="utf-8")
        return load_book(tmp_path)

    return load


def test_an_unknown_repair_is_refused_with_a_suggestion(odd: Any) -> None:
    with pytest.raises(RuleError, match=r"line 14.*no repair 'amount'. Did you mean 'amounts'\?"):
        odd("amount")


@pytest.mark.parametrize("severity", ["info", "score"])
def test_what_asks_for_nothing_offers_no_repair(odd: Any, severity: str) -> None:
    with pytest.raises(RuleError, match="a repair answers block, confirm or warn"):
        odd("amounts", severity)


@pytest.mark.parametrize(
    ("severity", "action", "is_fix"),
    [("block", Action.FIX, True), ("confirm", Action.FIX, True), ("warn", Action.SUBMIT, False)],
)
def test_a_certain_repair_is_the_fix_of_what_holds_the_order(
    odd: Any, raw: Any, read: Any, terms: Terms, severity: str, action: Action, is_fix: bool
) -> None:
    with_odd = replace(terms, book=odd("amounts", severity))
    decision = decide(read(raw(amount_minor=3_100_000)), None, with_odd, AS_OF_US)
    assert decision.action is action
    assert len(decision.fix_candidates) == 1
    assert (decision.fix is not None) is is_fix


def test_a_doubtful_repair_of_what_a_person_confirms_is_left_to_that_person(
    odd: Any, raw: Any, read: Any, terms: Terms
) -> None:
    with_odd = replace(terms, book=odd("amounts", "confirm"))
    decision = decide(read(raw(amount_minor=32_700, record=None)), None, with_odd, AS_OF_US)
    assert decision.action is Action.REVIEW
    assert decision.fix is None
    assert decision.fix_candidates


def test_a_warning_put_right_is_no_fix_of_what_else_holds_the_order(
    odd: Any, raw: Any, read: Any, terms: Terms, book: Book
) -> None:
    mixed = Book((*odd("plan", "confirm"), book["UNPRINTABLE_CHARACTERS"]), book.catalog)
    order = read(raw(amount_minor=31_001, subject="茶👍"))
    decision = decide(order, None, replace(terms, book=mixed), AS_OF_US)
    assert decision.action is Action.REVIEW
    assert [fix.repair for fix in decision.fix_candidates] == ["characters"]
    assert decision.fix is None


def test_every_repair_is_named_by_some_rule_and_known_to_some_proposer(book: Book) -> None:
    named = {name for rule in book if rule.entry.fix for name in rule.entry.fix.repairs}
    assert named == set(REPAIRS)
