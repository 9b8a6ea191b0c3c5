"""What only a channel's pack can tell of an order: each check at its edge."""

from typing import Any

import pytest

from features.facts import order_facts
from features.order import Order
from features.times import to_us
from rules.checks.network import is_local, portable_url
from rules.checks.texts import UNPRINTABLE
from rules.pack_facts import CHECK_KINDS, CHECK_UNITS, CHECKS, check_facts
from rules.packs import Pack, load_packs

PACKS = load_packs()
PAYOUT: dict[str, Any] = {
    "kind": "payout",
    "items": [],
    "record": None,
    "buyer": None,
    "receiver": None,
}


def checked(order: Order, pack: Pack | None = None) -> dict[str, Any]:
    as_of_us = to_us(order.placed_at)
    found = check_facts(order_facts(order), pack or PACKS[order.channel], order, as_of_us)
    return {name.removeprefix("check."): value for name, value in found.items()}


def test_names_are_unique_and_every_number_has_its_unit() -> None:
    assert len(CHECK_KINDS) == len(CHECKS)
    assert CHECK_UNITS["check.last_attempt_age_seconds"] == "SECONDS"
    assert CHECK_UNITS["check.subject_characters"] == "COUNT"
    assert CHECK_UNITS["check.discount_sum_residue_minor"] == "MINOR"


def test_a_length_is_counted_strictly_where_the_channel_does_not_say_how(make_order: Any) -> None:
    found = checked(make_order(subject="保温杯"))
    assert (found["subject_characters"], found["subject_codepoints"]) == (9, 3)


@pytest.mark.parametrize(
    ("channel", "order_id", "valid"),
    [
        ("jd_pay", "A" * 32, True),
        ("jd_pay", "A" * 33, False),
        ("wechat_pay", "A_-*42", True),
        ("wechat_pay", "A_-*4", False),
        ("wechat_pay", "A42 42", False),
        ("alipay", "A" * 64, True),
        ("alipay", "A-42", False),
        ("unionpay", "A" * 7, False),
        ("unionpay", "A" * 8, True),
        ("unionpay", "A1234567_", False),
        ("lakala_payout", "A-1", None),
    ],
)
def test_an_order_number_fits_its_channel(
    make_order: Any, channel: str, order_id: str, valid: bool | None
) -> None:
    order = make_order(order_id=order_id)
    assert checked(order, PACKS[channel]).get("order_id_valid") is valid


def test_a_merchant_number_of_jd_has_twelve_digits(make_order: Any) -> None:
    assert checked(make_order())["merchant_id_valid"]
    assert not checked(make_order(merchant_id="1102345670012"))["merchant_id_valid"]


def test_overlong_lesser_fields_are_counted(make_order: Any) -> None:
    line = {"quantity": 1, "unit_price_minor": 100}
    fitting = make_order(items=[{**line, "name": "n" * 100, "sku": "s" * 30}])
    assert checked(fitting)["overlong_fields"] == 0
    longer = make_order(
        items=[{**line, "name": "n" * 101, "sku": "s" * 31}], industry_code="1" * 32
    )
    assert checked(longer)["overlong_fields"] == 2
    chinese = checked(make_order(items=[{**line, "name": "茶" * 34}]))
    assert (chinese["overlong_fields"], chinese["overlong_fields_codepoints"]) == (1, 0)
    assert "overlong_fields" not in checked(make_order(channel="generic"))


def test_alipay_forbids_three_characters_in_a_subject(make_order: Any) -> None:
    order = make_order(channel="alipay", subject="a/b=c&d-e")
    assert checked(order)["subject_forbidden_characters"] == 3
    assert "subject_forbidden_characters" not in checked(make_order())


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("保温杯 500ml ★", 0),
        ("杯\t子\x00", 2),
        ("红包🧧", 1),
        ("⛄", 1),
        ("a\u200bb", 1),
        ("𠮷野家", 0),
    ],
)
def test_control_characters_and_emoji_are_counted(make_order: Any, text: str, count: int) -> None:
    assert checked(make_order(subject=text))["unprintable_characters"] == count


def test_the_expression_of_unprintable_characters_has_no_lonely_end() -> None:
    assert UNPRINTABLE.startswith("[")
    assert "★" not in UNPRINTABLE


@pytest.mark.parametrize(
    ("channel", "ip", "accepted", "public"),
    [
        ("jd_pay", "36.152.44.95", True, True),
        ("jd_pay", "2408:8207::1", False, True),
        ("jd_pay", "10.0.0.1", True, False),
        ("jd_pay", "36.152.44", False, False),
        ("wechat_pay", "2408:8207::1", True, True),
        ("alipay", "192.168.1.4", False, False),
        ("alipay", "36.152.44.95", True, True),
        ("unionpay", "::ffff:127.0.0.1", None, False),
    ],
)
def test_an_ip_is_of_the_form_that_the_channel_takes(
    make_order: Any, channel: str, ip: str, accepted: bool | None, public: bool
) -> None:
    found = checked(make_order(channel=channel, device={"ip": ip}))
    assert (found.get("ip_accepted"), found["ip_public"]) == (accepted, public)


@pytest.mark.parametrize(
    ("url", "accepted", "portable"),
    [
        ("https://pay.example.com/notify", True, True),
        ("http://pay.example.com/notify", False, False),
        ("https://pay.example.com/notify?a=1", False, False),
        ("https://pay.example.com/notify?", False, False),
        ("https://10.1.2.3/notify", True, False),
        ("https://localhost/notify", True, False),
        ("https://pay.example.com/" + "n" * 231, True, True),
        ("https://pay.example.com/" + "n" * 232, False, False),
        ("pay.example.com/notify", False, False),
        ("https://[::1/notify", False, False),
    ],
)
def test_wechat_takes_https_without_a_query(
    make_order: Any, url: str, accepted: bool, portable: bool
) -> None:
    found = checked(make_order(channel="wechat_pay", notify_url=url))
    assert (found["notify_url_accepted"], found["notify_url_public"]) == (accepted, portable)


def test_a_bare_host_name_is_local() -> None:
    assert is_local("intranet")
    assert not portable_url("https://intranet/notify")


@pytest.mark.parametrize(
    ("product", "sent", "kind", "matches"),
    [
        ("ipsdf", "0", "corporate", True),
        ("ipsdf", "0", "personal", False),
        ("qzt", "0", "corporate", False),
        ("qzt", "0", "personal", True),
        ("qzt", 1, "corporate", True),
        (None, "0", "corporate", None),
        ("other", "0", "corporate", None),
        ("account_manager", "0", "corporate", None),
    ],
)
def test_lakala_writes_the_account_type_the_opposite_way_in_two_products(
    make_order: Any, product: Any, sent: Any, kind: str, matches: bool | None
) -> None:
    order = make_order(
        **PAYOUT,
        channel="lakala_payout",
        product=product,
        payout={"payee": {"kind": kind}},
        attributes={"account_type": sent},
    )
    assert checked(order).get("account_type_matches") is matches


@pytest.mark.parametrize(
    ("product", "speed", "batch", "offered"),
    [
        ("ipsdf", "D0", None, True),
        ("ipsdf", "D1", None, False),
        ("ipsdf", "D1", "0001", True),
        ("ipsdf", "D0", "0001", False),
        ("qzt", "T1", None, True),
        (None, "T1", None, True),
        (None, "T0", None, False),
    ],
)
def test_a_payout_speed_is_offered_by_product_and_batch(
    make_order: Any, product: Any, speed: str, batch: Any, offered: bool
) -> None:
    payout = {"payee": {}, "speed": speed} | ({"batch_id": batch} if batch else {})
    order = make_order(**PAYOUT, channel="lakala_payout", product=product, payout=payout)
    assert checked(order)["payout_speed_offered"] is offered


def test_required_fields_depend_on_the_api(make_order: Any) -> None:
    assert checked(make_order())["required_missing"] == 0
    assert checked(make_order(subject="", goods_kind=None))["required_missing"] == 2
    bare = {"channel": "wechat_pay", "device": None}
    assert checked(make_order(**bare))["required_missing"] == 0
    assert checked(make_order(**bare, sales_channel="H5"))["required_missing"] == 1


def test_a_place_at_zero_is_not_missing(make_order: Any) -> None:
    here = {"latitude": 0.0, "longitude": 0.0, "ip": "36.152.44.95", "id": "d"}
    found = checked(make_order(channel="lakala_collect", device=here))
    assert found["risk_fields_missing"] == 1  # when the buyer registered


def test_a_last_attempt_is_read_by_code_and_age(make_order: Any) -> None:
    attempt = {"attempt_no": 1, "sent_at": "2026-03-11T10:29:00+08:00", "raw_code": "JMPT200045"}
    found = checked(make_order(attempts=[attempt]))
    assert (found["last_attempt_class"], found["last_attempt_final"]) == ("validation", True)
    assert found["last_attempt_subclass"] == "data_mismatch"
    assert found["last_attempt_age_seconds"] == 60.0
    assert "last_attempt_class" not in checked(make_order())


def test_the_same_number_with_other_content_is_a_conflict(make_order: Any) -> None:
    attempt = {"attempt_no": 1, "sent_at": "2026-03-11T10:29:00+08:00"}
    both = {"payload_hash": "b", "last_payload_hash": "a"}
    assert checked(make_order(attempts=[attempt], attributes=both))["payload_conflict"]
    same = {"payload_hash": "a", "last_payload_hash": "a"}
    assert not checked(make_order(attempts=[attempt], attributes=same))["payload_conflict"]
    assert "payload_conflict" not in checked(make_order(attributes=both))


def test_alipays_two_parts_add_up_to_the_whole(make_order: Any) -> None:
    parts = {"discountable_amount_minor": 30_000, "undiscountable_amount_minor": 999}
    assert checked(make_order(attributes=parts))["discount_sum_residue_minor"] == -1


def test_a_receivers_name_of_one_character_or_with_digits_is_not_plausible(make_order: Any) -> None:
    for name, plausible in (("王芳", True), ("王", False), ("王芳2", False)):
        found = checked(make_order(receiver={"name": name}))
        assert found["receiver_name_plausible"] is plausible


def test_the_instant_of_the_decision_is_a_fact(order: Order) -> None:
    assert checked(order)["as_of"] == to_us(order.placed_at)
