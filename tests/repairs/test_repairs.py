"""Each kind of mistake gets the patch that puts it right, and says why."""

from typing import Any

import jsonpatch
import msgspec
import pytest

from rules.decision import Action, Decision, Fix, Severity

PAYEE = {
    "id": "payee-1",
    "kind": "corporate",
    "name": "杭州某某有限公司",
    "account": "6222021234567894",
    "branch_code": "308584001024",
}
PAYOUT: dict[str, Any] = {
    "kind": "payout",
    "channel": "lakala_payout",
    "product": "ipsdf",
    "payout": {"payee": PAYEE, "speed": "D0", "purpose": "货款"},
    "items": None,
    "list_amount_minor": None,
    "discount_minor": None,
    "freight_minor": None,
    "buyer": None,
    "device": None,
    "receiver": None,
    "goods_kind": None,
    "record": {"amount_minor": 31_000, "currency": "CNY", "state": "created"},
}
AS_OF_US = 1_773_196_200_000_000
URL = "https://shop.example.com/notify"


def patched(fields: dict[str, Any], fix: Fix) -> Any:
    """Apply a patch to what the caller sent, with nothing but the library."""
    return jsonpatch.apply_patch(fields, msgspec.to_builtins(fix.patch))


def changed(fix: Fix) -> dict[str, Any]:
    return {one.path: one.value for one in fix.patch if one.op != "test"}


def only(decision: Decision) -> Fix:
    (fix,) = decision.fix_candidates
    return fix


@pytest.mark.parametrize(
    ("mistake", "right"),
    [
        ({"amount_minor": 3_100_000}, {"/amount_minor": 31_000}),
        ({"amount_minor": 310}, {"/amount_minor": 31_000}),
        ({"amount_minor": 32_700}, {"/amount_minor": 31_000}),
        ({"discount_minor": None}, {"/discount_minor": 1_700}),
        ({"freight_minor": 0}, {"/freight_minor": 1_000}),
        ({"subject": "测试商品"}, {"/subject": "保温杯和茶"}),
        ({"placed_at": "2026-03-11T18:30:00+08:00"}, {"/placed_at": "2026-03-11T02:30:00Z"}),
        ({"placed_at": "1970-01-01T08:29:33.196200+08:00"}, {"/placed_at": "2026-03-11T02:30:00Z"}),
        ({"device": {"id": "d", "ip": "::ffff:36.152.44.95"}}, {"/device/ip": "36.152.44.95"}),
    ],
)
def test_a_mistake_that_the_record_proves_is_fixed(
    raw: Any, read: Any, advise: Any, mistake: Any, right: Any
) -> None:
    sent = raw(**mistake)
    decision = advise(sent)
    assert decision.action is Action.FIX
    assert decision.fix is not None
    assert changed(decision.fix) == right
    assert advise(patched(sent, decision.fix)).action is Action.SUBMIT


def test_list_prices_sent_as_paid_are_put_back_line_by_line(raw: Any, advise: Any) -> None:
    sent = raw(amount_minor=35_000)
    sent["items"][0]["unit_price_minor"] = 14_900
    fix = advise(sent).fix
    assert changed(fix) == {"/amount_minor": 31_000, "/items/0/unit_price_minor": 12_900}
    assert "2 × 12900 + 1 × 5900 − 1700 + 1000 + 0 = 31000" in fix.equation
    assert "items.0.unit_price_minor = record.items.0.unit_price_minor = 12900" in fix.equation
    assert fix.changes_what_buyer_pays


def test_a_line_is_added_and_taken_out_only_by_the_record(raw: Any, advise: Any) -> None:
    sent = raw()
    extra = {"sku": "T-9", "quantity": 1, "unit_price_minor": 700, "list_price_minor": 700}
    more, less = sent | {"items": [*sent["items"], extra]}, sent | {"items": sent["items"][:1]}
    for order in (more, less):
        fix = only(advise(order))
        repaired = patched(order, fix)
        prices = [(line["sku"], line["unit_price_minor"]) for line in repaired["items"]]
        assert prices == [("T-1", 12_900), ("T-2", 5_900)]
        assert not fix.changes_what_buyer_pays
    for order in (more, less):
        unknown = {name: value for name, value in order.items() if name != "record"}
        assert all(
            one.op in ("test", "add", "replace") and "unit_price" not in str(one.value)
            for fix in advise(unknown).fix_candidates
            for one in fix.patch
        )


def test_where_the_truth_is_ambiguous_a_person_chooses_among_ranked_candidates(
    raw: Any, advise: Any
) -> None:
    decision = advise(raw(record=None, amount_minor=32_700))
    assert decision.action is Action.FIX
    assert decision.fix is None
    assert changed(decision.fix_candidates[0]) == {"/amount_minor": 31_000}
    assert len(decision.fix_candidates) > 1
    assert not any(fix.certain for fix in decision.fix_candidates)


def test_two_mistakes_get_one_patch(raw: Any, advise: Any) -> None:
    subject = "十二生肖真丝长巾" * 20
    sent = raw(amount_minor=3_100_000, subject=subject, record_subject=None)
    decision = advise(sent)
    fix = decision.fix
    assert fix is not None
    assert fix.repair == "amounts+shorten"
    assert changed(fix) == {"/amount_minor": 31_000, "/subject": subject[:42]}
    assert "126 bytes ≤ 128 (sent: 480)" in fix.equation
    assert advise(patched(sent, fix)).reasons == ()


def test_a_mistake_beside_one_that_no_patch_mends_is_not_offered(raw: Any, advise: Any) -> None:
    decision = advise(raw(amount_minor=3_100_000, state="closed"))
    assert decision.action is Action.STOP
    assert decision.fix_candidates == ()


def test_the_names_of_many_lines_are_cut_together(raw: Any, advise: Any) -> None:
    line = {"quantity": 1, "unit_price_minor": 100, "name": "保温杯" * 40}
    sent = raw(record=None, items=[line] * 12, amount_minor=500, list_amount_minor=None)
    fix = advise(sent).fix
    assert len(changed(fix)) == 12
    assert changed(fix)["/items/11/name"] == "保温杯" * 11
    assert fix.equation.endswith("… 4 more names")


def test_a_unit_slip_that_broke_a_limit_too_is_fixed(raw: Any, advise: Any) -> None:
    account = {"limit_per_order_minor": 500_000}
    decision = advise(raw(amount_minor=3_100_000, account=account))
    assert "AMOUNT_OVER_LIMIT" in {one.code for one in decision.reasons}
    assert decision.action is Action.FIX
    assert changed(decision.fix) == {"/amount_minor": 31_000}


def test_an_amount_over_a_limit_is_never_made_smaller(raw: Any, advise: Any) -> None:
    decision = advise(raw(account={"limit_per_order_minor": 30_000}))
    assert decision.action is Action.STOP
    assert decision.fix_candidates == ()


def test_a_warning_alone_gets_a_candidate_and_no_fix(raw: Any, advise: Any) -> None:
    sent = raw(subject="保温杯👨‍👩‍👧和茶\u200b", record_subject=None)
    decision = advise(sent)
    assert decision.action is Action.SUBMIT
    assert decision.fix is None
    assert changed(only(decision)) == {"/subject": "保温杯和茶"}


def test_a_number_is_replaced_by_one_that_is_always_the_same(
    raw: Any, read: Any, advise: Any
) -> None:
    sent = raw(order_id="A-20260311/01")
    decision = advise(sent)
    assert decision.action is Action.FIX
    assert decision.fix is None, "it has to be stored first, so a person confirms it"
    number = changed(only(decision))["/order_id"]
    assert changed(only(advise(sent))) == {"/order_id": number}
    assert changed(only(advise(raw(order_id="A20260311-01")))) != {"/order_id": number}
    assert number.isalnum()
    assert 8 <= len(number) <= 32
    assert advise(patched(sent, only(decision))).action is Action.SUBMIT


@pytest.mark.parametrize(
    "sent_before",
    [
        {"attempts": [{"attempt_no": 1, "sent_at": "2026-03-11T10:29:00+08:00"}]},
        {"state": "paying"},
        {"attributes": {"last_payload_hash": "0f"}},
    ],
)
def test_a_number_that_may_have_been_sent_is_never_replaced(
    raw: Any, advise: Any, sent_before: Any
) -> None:
    decision = advise(raw(order_id="A-20260311/01", **sent_before))
    assert decision.action is Action.STOP
    assert decision.fix_candidates == ()


@pytest.mark.parametrize(
    ("channel", "mistake", "right"),
    [
        ("alipay", {"subject": "保温杯/茶&A=B"}, {"/subject": "保温杯茶A B"}),
        ("wechat_pay", {"notify_url": f" {URL}"}, {"/notify_url": URL}),
        ("wechat_pay", {"notify_url": "http://shop.example.com/notify?a=1"}, {"/notify_url": URL}),
        (
            "wechat_pay",
            {"expires_at": "2026-05-01T10:30:00+08:00"},
            {"/expires_at": "2026-03-26T02:30:00Z"},
        ),
        (
            "unionpay",
            {"expires_at": "2026-03-11T10:30:20+08:00"},
            {"/expires_at": "2026-03-11T02:45:00Z"},
        ),
        (
            "alipay",
            {
                "attributes": {
                    "discountable_amount_minor": 30_000,
                    "undiscountable_amount_minor": 0,
                }
            },
            {"/attributes/undiscountable_amount_minor": 1_000},
        ),
        ("jd_pay", {"goods_kind": None}, None),
        ("jd_pay", {"currency": "HKD"}, {"/currency": "CNY"}),
    ],
)
def test_what_one_channel_asks_for_is_proposed(
    raw: Any, advise: Any, channel: Any, mistake: Any, right: Any
) -> None:
    decision = advise(raw(channel=channel, record_subject=None, **mistake))
    found = [changed(fix) for fix in decision.fix_candidates]
    assert found[:1] == ([] if right is None else [right])


def test_an_account_type_is_written_as_the_product_writes_it(raw: Any, advise: Any) -> None:
    decision = advise(raw(**PAYOUT, attributes={"account_type": "1"}))
    assert decision.action is Action.FIX
    assert changed(decision.fix) == {"/attributes/account_type": "0"}
    inverted = PAYOUT | {"product": "qzt"}
    assert advise(raw(**inverted, attributes={"account_type": "1"})).fix_candidates == ()


def test_a_branch_number_is_taken_from_where_it_stands_and_never_made_up(
    raw: Any, advise: Any
) -> None:
    payee = {name: value for name, value in PAYEE.items() if name != "branch_code"}
    bare = PAYOUT | {"payout": {"payee": payee, "speed": "D0"}}
    assert advise(raw(**bare)).fix_candidates == ()
    found = advise(raw(**bare, attributes={"bank_branch_no": "308584001024"}))
    assert changed(found.fix) == {"/payout/payee/branch_code": "308584001024"}
    in_code = PAYOUT | {"payout": {"payee": payee | {"bank_code": "308584001024"}, "speed": "D0"}}
    doubtful = advise(raw(**in_code))
    assert doubtful.fix is None
    assert changed(only(doubtful)) == {"/payout/payee/branch_code": "308584001024"}


def test_a_plan_that_does_not_add_up_never_changes_silently(raw: Any, advise: Any) -> None:
    credit = {
        "product": "baitiao",
        "instalments": 3,
        "plan_total_minor": 31_558,
        "plan_fee_minor": 558,
        "first_pay_minor": 11_520,
        "later_pay_minor": 10_519,
    }
    decision = advise(raw(credit=credit))
    assert decision.fix is None
    assert changed(decision.fix_candidates[0]) == {"/credit/first_pay_minor": 10_520}
    assert all(fix.changes_what_buyer_pays for fix in decision.fix_candidates)


def test_what_is_left_of_a_coupon_goes_into_the_discount(raw: Any, advise: Any) -> None:
    fix = advise(raw(discount_minor=1_699, record_discount_minor=None)).fix_candidates[0]
    assert changed(fix) == {"/discount_minor": 1_700}
    assert not fix.changes_what_buyer_pays


def test_a_slip_of_the_zone_takes_the_expiry_along(raw: Any, advise: Any) -> None:
    west = {"placed_at": "2026-03-11T02:30:00+08:00", "expires_at": "2026-03-11T03:00:00+08:00"}
    decision = advise(raw(**west))
    right = {"/placed_at": "2026-03-11T02:30:00Z", "/expires_at": "2026-03-11T03:00:00Z"}
    assert changed(decision.fix_candidates[0]) == right


def test_a_time_hours_ahead_is_put_right_and_not_the_expiry_that_it_makes_too_soon(
    raw: Any, advise: Any
) -> None:
    east = {"placed_at": "2026-03-11T18:30:00+08:00", "expires_at": "2026-03-11T11:00:00+08:00"}
    decision = advise(raw(**east))
    assert decision.action is Action.FIX
    assert changed(decision.fix) == {"/placed_at": "2026-03-11T02:30:00Z"}


def test_an_order_that_has_lapsed_is_not_revived(raw: Any, advise: Any) -> None:
    sent = raw(expires_at="2026-03-11T10:45:00+08:00")
    decision = advise(sent, AS_OF_US + 900_000_000)
    assert decision.action is Action.STOP
    assert decision.fix_candidates == ()


def test_a_record_that_contradicts_its_own_lines_proves_nothing(raw: Any, advise: Any) -> None:
    decision = advise(raw(record_amount_minor=30_000))
    assert decision.action is Action.STOP
    assert decision.fix_candidates == ()


def test_every_reason_that_a_candidate_leaves_is_no_block(raw: Any, advise: Any) -> None:
    sent = raw(amount_minor=3_100_000, notify_url="http://10.0.0.8/pay")
    decision = advise(sent)
    for fix in decision.fix_candidates:
        left = advise(patched(sent, fix)).reasons
        assert all(one.severity is not Severity.BLOCK for one in left)
