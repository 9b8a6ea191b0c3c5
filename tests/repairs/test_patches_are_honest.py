"""Whatever is wrong with an order: no patch splits, relabels or disguises, or moves money wrongly.

Random mistakes, several at once, in every channel; each offered patch is applied to what the
caller sent and held against rules that are written here anew, leaf by leaf.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonpatch
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.mismatch.equation import Change
from features.order import Item
from rules.decision import Decision, Fix, Severity, Text
from rules.repairs import offering, proposing
from rules.repairs.part import Part, Scene

FREE = (
    "amount_minor", "currency", "list_amount_minor", "discount_minor", "freight_minor",
    "tax_minor", "placed_at", "expires_at", "order_id", "subject", "description", "notify_url",
    "goods_kind", "device/ip", "payout/purpose", "payout/payee/branch_code",
    "payout/payee/bank_name", "attributes/account_type", "attributes/discountable_amount_minor",
    "attributes/undiscountable_amount_minor", "credit/instalments", "credit/plan_total_minor",
    "credit/first_pay_minor", "credit/later_pay_minor",
)  # fmt: skip
LINE = ("quantity", "unit_price_minor", "list_price_minor", "name")
GOODS = ["jd_pay", "alipay", "wechat_pay", "unionpay", "lakala_collect", "jd_baitiao", "generic"]
PAYOUTS = ["lakala_payout", "wechat_transfer", "alipay_payout"]
LONG = "十二生肖真丝长巾配礼盒款👩‍👩‍👧" * 40
PAYEE = {"id": "p", "kind": "corporate", "name": "某公司", "account": "6222021234567894"}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}/{name}" if path else name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}/{number}")
    elif value is not None:
        yield path, value


def sum_of(order: Mapping[str, Any]) -> int:
    lines = sum(line["quantity"] * line["unit_price_minor"] for line in order.get("items", []))
    charges = order.get("freight_minor", 0) + order.get("tax_minor", 0)
    return int(lines + charges - order.get("discount_minor", 0))


def is_left_of(short: str, long: str | None) -> bool:
    signs = iter(long or "")
    return all(sign in signs for sign in short.replace(" ", ""))


def dishonesties(sent: Mapping[str, Any], patched: Any, fix: Fix) -> Iterator[str]:
    """Say what a patch must not do; written apart from `rules.repairs.honesty`."""
    if not isinstance(patched, dict):
        yield "more than one order, or none"
        return
    before, after = dict(leaves(sent)), dict(leaves(patched))
    changed = {p for p in before.keys() | after.keys() if before.get(p) != after.get(p)}
    yield from other_fields(sent, patched, changed)
    yield from other_money(sent, patched, fix, changed)
    yield from other_words(sent, {path: after.get(path) for path in changed}, before)
    if "placed_at" in changed and not before["placed_at"].startswith("1970"):
        was, now = (datetime.fromisoformat(one["placed_at"]) for one in (sent, patched))
        if now > was and (now - was) % timedelta(hours=1):
            yield "an order made to look younger"
    if "order_id" in changed and sent.get("attempts"):
        yield "another number for an order that was sent"


def other_fields(sent: Mapping[str, Any], patched: Any, changed: set[str]) -> Iterator[str]:
    same_lines = len(patched.get("items", [])) == len(sent.get("items", []))
    for path in changed:
        root, *_, last = [*path.split("/"), path]
        own = root == "items" and (not same_lines or path.split("/")[-1] in LINE)
        if path not in FREE and not own:
            yield f"{last} is none of ours"
    if same_lines:
        return
    was, now, due = (
        Counter(line.get("sku") for line in order.get("items", []))
        for order in (sent, patched, sent.get("record") or {})
    )
    for sku in was | now:
        if now[sku] < was[sku] and was[sku] <= due[sku]:
            yield f"the record's line {sku} is gone"
        if now[sku] > was[sku] and was[sku] >= due[sku]:
            yield f"no record has line {sku}"


def other_money(
    sent: Mapping[str, Any], patched: Any, fix: Fix, changed: set[str]
) -> Iterator[str]:
    record = sent.get("record") or {}
    due = record.get("amount_minor")
    if "amount_minor" in changed and patched["amount_minor"] != (
        sum_of(sent) if due is None else due
    ):
        yield "an amount that nothing states"
    if "amount_minor" in changed and due is None and fix.certain:
        yield "an amount without a record is never certain"
    if "currency" in changed and patched["currency"] != record.get("currency"):
        yield "a currency that no record states"
    paid = {path for path in changed if path in ("amount_minor", "currency")}
    paid |= {path for path in changed if path.startswith("credit/")}
    if paid and not fix.changes_what_buyer_pays:
        yield f"{paid} changed silently"


def other_words(
    sent: Mapping[str, Any], after: Mapping[str, Any], before: Mapping[str, Any]
) -> Iterator[str]:
    record = sent.get("record") or {}
    for path, text in after.items():
        if path.endswith(("subject", "description", "purpose", "/name")):
            names = [line.get("name") for line in sent.get("items", [])]
            own = names if path.startswith("items") else [before.get(path), sent.get("subject")]
            sources = [*own, record.get("subject")]
            if text is None and path in FREE:
                yield f"{path} is gone"
            elif text is not None and not any(is_left_of(str(text), one) for one in sources):
                yield f"{path} in other words"


def dishonest_patches(sent: Mapping[str, Any], decision: Decision) -> list[str]:
    found = []
    for fix in decision.fix_candidates:
        patched = jsonpatch.apply_patch(sent, msgspec.to_builtins(fix.patch))
        found += [f"{fix.repair}: {one}" for one in dishonesties(sent, patched, fix)]
    return found


amounts = st.sampled_from([0, 1, 310, 30_999, 31_001, 32_700, 33_000, 35_000, 310_000, 3_100_000])
texts = st.sampled_from(
    ["保温杯/茶&A", LONG, "测试商品", "茶\x07👍🏽", "test", "🇨🇳" * 60, "名" * 200]
)
small = st.sampled_from([0, 1, 37, 500, 1_000, 1_001, 1_700, 170_000])
MISTAKES: dict[str, st.SearchStrategy[Any]] = {
    "amount_minor": amounts,
    "discount_minor": small,
    "freight_minor": small,
    "tax_minor": small,
    "list_amount_minor": amounts,
    "currency": st.sampled_from(["HKD", "USD"]),
    "subject": texts,
    "description": texts,
    "order_id": st.sampled_from(["A-1/2", "订单 1", "x" * 41, "A_1*"]),
    "goods_kind": st.none(),
    "notify_url": st.sampled_from([" https://a.example.com/x", "http://a.example.com/x?y=1", "x"]),
    "placed_at": st.sampled_from(
        ["2026-03-11T18:30:00+08:00", "2026-03-11T02:30:00+08:00", "1970-01-01T00:29:33.1962Z"]
    ),
    "expires_at": st.sampled_from(
        ["2026-03-11T10:30:05+08:00", "2026-03-11T03:00:00+08:00", "2027-01-01T00:00:00Z"]
    ),
    "state": st.sampled_from(["closed", "paying"]),
    "device": st.sampled_from([{"id": "d", "ip": ip} for ip in ("::ffff:36.1.1.1", "10.0.0.1")]),
    "account": st.just({"limit_per_order_minor": 300_000}),
    "attempts": st.just([{"attempt_no": 1, "sent_at": "2026-03-11T10:29:00+08:00"}]),
    "attributes": st.sampled_from(
        [
            {"discountable_amount_minor": 31_000, "undiscountable_amount_minor": 5},
            {"account_type": 1, "bank_branch_no": "308584001024"},
        ]
    ),
    "credit": st.sampled_from(
        [
            {"instalments": 3, "plan_total_minor": 31_558, "first_pay_minor": 11_520,
             "later_pay_minor": 10_519, "plan_fee_minor": 558},
            {"instalments": 5, "plan_total_minor": 100, "first_pay_minor": 21,
             "later_pay_minor": 20},
        ]
    ),
    "record_amount_minor": st.sampled_from([31_000, 30_000, 310]),
    "record_items": st.sampled_from([[], [{"sku": "T-1", "quantity": 3}]]),
    "record_currency": st.just("HKD"),
    "record_subject": texts,
}  # fmt: skip


@st.composite
def mistaken(draw: st.DrawFn, raw: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(MISTAKES)), min_size=1, max_size=3, unique=True))
    fields = {name: draw(MISTAKES[name]) for name in names}
    order = raw(channel=draw(st.sampled_from(GOODS)), **fields)
    if draw(st.booleans()) and not any(name.startswith("record") for name in names):
        order.pop("record")
    if draw(st.booleans()):
        line = draw(st.sampled_from(["quantity", "unit_price_minor", "list_price_minor"]))
        order["items"] = [dict(one) for one in order["items"]]
        order["items"][0][line] = draw(st.sampled_from([1, 3, 59, 12_900, 14_900, 590_000]))
    if draw(st.integers(0, 4)) == 0:
        lines = order["items"][:1] if draw(st.booleans()) else order["items"] * 2
        order["items"] = [dict(one) for one in lines]
    if draw(st.integers(0, 4)) == 0:
        order |= {
            "kind": "payout",
            "channel": draw(st.sampled_from(["lakala_payout", "wechat_transfer"])),
        }
        order["payout"] = {"payee": PAYEE, "purpose": draw(texts), "speed": "D0"}
        order["product"] = "ipsdf"
    return order


RANDOM = settings(suppress_health_check=list(HealthCheck), max_examples=120)


@RANDOM
@given(data=st.data())
def test_no_patch_for_any_mistake_is_dishonest(data: Any, raw: Any, advise: Any) -> None:
    sent = data.draw(mistaken(raw))
    assert dishonest_patches(sent, advise(sent)) == []


@RANDOM
@given(data=st.data())
def test_every_offered_patch_applies_to_what_was_sent_and_leaves_no_block(
    data: Any, raw: Any, read: Any, advise: Any
) -> None:
    sent = data.draw(mistaken(raw))
    decision = advise(sent)
    asked = {one.code for one in decision.reasons}
    for fix in decision.fix_candidates:
        repaired = jsonpatch.apply_patch(sent, msgspec.to_builtins(fix.patch))
        assert read(repaired) != read(sent)
        left = advise(repaired).reasons
        assert not [one.code for one in left if one.severity is Severity.BLOCK]
        assert {one.code for one in left if one.severity is Severity.CONFIRM} <= asked
        assert fix.equation
        with pytest.raises(jsonpatch.JsonPatchTestFailed):
            jsonpatch.apply_patch(otherwise(sent), msgspec.to_builtins(fix.patch))


def otherwise(order: Any) -> Any:
    """Another order of the same shape: no test of a patch can pass."""
    if isinstance(order, dict):
        return {name: otherwise(value) for name, value in order.items()}
    return [otherwise(one) for one in order] if isinstance(order, list) else "other"


NOTHING = Text(zh="", en="")
PLACED = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
PLANTED: dict[str, tuple[Change, ...]] = {
    "half the amount": (
        Change("/amount_minor", 31_001, 15_500),
        Change("/discount_minor", 1_700, 17_200),
    ),
    "other words": (Change("/subject", "保温杯和茶", "办公用品"),),
    "another receiver": (Change("/receiver/city", "杭州市", "宁波市"),),
    "another device": (Change("/device/id", "device-1", "device-2"),),
    "another buyer": (Change("/buyer/id", "buyer-1", "buyer-2"),),
    "another card": (Change("/buyer/card/hash", "f" * 32, "0" * 32),),
    "another sku": (Change("/items/0/sku", "T-1", "T-0"),),
    "a line less": (
        Change("/items/1", Item(quantity=1, unit_price_minor=5_900), None, op="remove"),
    ),
    "another campaign": (Change("/campaign_id", None, "C1"),),
    "another record": (Change("/record/amount_minor", 31_000, 31_001),),
    "a younger order": (Change("/placed_at", PLACED, PLACED + timedelta(minutes=25)),),
    "another attribute": (Change("/attributes/x", None, 1),),
}


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a dishonest proposer before the honest ones."""

    def add(name: str) -> None:
        def propose(scene: Scene, wanted: object) -> Iterator[tuple[Part, ...]]:
            yield (Part("amounts", PLANTED[name], "planted", NOTHING, True),)

        monkeypatch.setattr(proposing, "PROPOSERS", (propose,))

    return add


@pytest.fixture
def is_planted() -> Callable[[Decision], bool]:
    return lambda decision: any("planted" in fix.equation for fix in decision.fix_candidates)


@pytest.mark.parametrize("name", PLANTED)
def test_a_dishonest_proposer_is_found_out(
    name: str, raw: Any, advise: Any, plant: Any, is_planted: Any, monkeypatch: Any
) -> None:
    sent = raw(amount_minor=31_001, attributes={"y": 2})
    sent["buyer"] = {**sent["buyer"], "card": {"hash": "f" * 32}}
    if name == "half the amount":
        sent["record"].pop("amount_minor")
    plant(name)
    assert not is_planted(advise(sent)), "the gate lets it through"
    monkeypatch.setattr(offering, "dishonesty", lambda *_: None)
    monkeypatch.setattr(offering, "is_better", lambda *_: True)
    assert dishonest_patches(sent, advise(sent)), "nor does the test above see it"
