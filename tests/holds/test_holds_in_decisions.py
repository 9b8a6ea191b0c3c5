"""Whatever the order: a stopped channel is never told to submit, a paused rule never fires."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.edge import order_from_dict
from features.masking import Masker
from features.order import Order
from features.times import to_us
from rules.book import load_book
from rules.decide import decide
from rules.decision import Action, Basis, Decision
from rules.holds import Hold, Holds
from rules.packs import load_packs
from rules.stopping import CHANNEL_STOPPED, STOPPED, stop_wait
from rules.terms import Terms

NOW = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
TERMS = Terms(load_book(), load_packs())
HOLD = Hold(by="ana", since=NOW, why="late")
MASKER = Masker(bytes(32))
amounts = st.sampled_from([0, 1, 100, 12_900, 1_290_000, 99_999_999])


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Orders of every channel for goods, right and wrong, fresh and expired."""
    fields: dict[str, Any] = {
        "order_id": draw(st.sampled_from(["A20260311000001", "a b", "A" * 40])),
        "merchant_id": "110234567001",
        "channel": draw(st.sampled_from(["jd_pay", "generic", "alipay", "unionpay"])),
        "placed_at": (NOW - timedelta(hours=draw(st.integers(0, 30)))).isoformat(),
        "amount_minor": draw(amounts),
        "currency": draw(st.sampled_from(["CNY", "USD"])),
        "record": {"amount_minor": draw(amounts)},
    }
    return order_from_dict(fields, MASKER)


def decided(order: Order, holds: Holds) -> Decision:
    return decide(order, None, replace(TERMS, holds=holds), to_us(NOW))


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}


@given(orders())
def test_a_stopped_channel_sets_a_least_action_and_adds_one_reason(order: Order) -> None:
    free, held = decided(order, Holds()), decided(order, Holds(channels={order.channel: HOLD}))
    assert held.action >= max(Action.WAIT, min(free.action, Action.REVIEW))
    assert codes(held) == codes(free) | {CHANNEL_STOPPED}
    assert held.reasons[0].basis is Basis.MERCHANT
    assert held.wait is not None
    assert CHANNEL_STOPPED in held.wait.codes
    other = decided(order, Holds(channels={"another": HOLD}))
    assert (other.action, other.reasons) == (free.action, free.reasons)


@given(orders(), st.data())
def test_a_paused_rule_is_listed_instead_of_being_a_reason(
    order: Order, data: st.DataObject
) -> None:
    free = decided(order, Holds())
    fired = sorted(codes(free))
    paused = data.draw(st.sets(st.sampled_from([*fired, "BUYER_VELOCITY"]), max_size=3))
    held = decided(order, Holds(rules=dict.fromkeys(paused, HOLD)))
    assert codes(held) == codes(free) - paused
    assert {one.code for one in held.paused} == paused & codes(free)
    assert not paused & {one.code for one in held.missing}


@given(orders())
def test_a_hold_that_has_ended_is_as_none(order: Order) -> None:
    over = Hold(by="ana", since=NOW, why="late", until=NOW)
    rules = dict.fromkeys(TERMS.book.bases, over)
    held = decided(order, Holds(rules=rules, channels={order.channel: over}))
    free = decided(order, Holds())
    assert (held.action, held.reasons, held.paused) == (free.action, free.reasons, ())


def test_an_order_that_expires_before_the_end_is_told_so() -> None:
    until = NOW + timedelta(hours=1)
    hold = Hold(by="ana", since=NOW, why="peak", until=until)
    assert "expires" not in stop_wait(hold, until + timedelta(seconds=1)).text.en
    assert "waiting loses it" in stop_wait(hold, until).text.en
    assert stop_wait(hold, until).until == until


def test_the_page_of_the_reason_says_in_both_languages_what_to_do() -> None:
    page = STOPPED.page
    assert "## 中文" in page
    assert "## English" in page
    assert page.count("channels stop") == 2


@pytest.mark.parametrize(
    "changes", [{"code": "CHANNEL_STOPPED"}, {"code": "SENT_BEFORE"}, {"basis": "merchant"}]
)
def test_no_rule_of_a_book_may_pose_as_a_switch(changes: dict[str, str], tmp_path: Any) -> None:
    from features.errors import RuleError

    rule = {"code": "MY_RULE", "basis": "heuristic", "grade": "H"} | changes
    text = (
        f"rules:\n  - code: {rule['code']}\n    title: {{zh: 甲, en: A}}\n"
        f"    when: amount_minor > 5\n    outcome_class: risk_block\n    severity: warn\n"
        f"    basis: {rule['basis']}\n    source: test\n    grade: {rule['grade']}\n"
        "    reason: {zh: 甲, en: A}\n"
        "    examples: {fires: [{amount_minor: 6}], passes: [{amount_minor: 5}]}\n"
    )
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(RuleError, match="what no rule gives"):
        load_book(tmp_path)
