"""The checks of a history are the checks of its orders, value by value."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.edge import order_from_dict
from features.facts import order_facts
from features.history_schema import frame_from_orders
from features.masking import Masker
from features.order import Order
from features.times import to_us
from rules.checks.columns import check_columns, check_history
from rules.checks.expressions import EXPRESSIONS
from rules.pack_dates import day_start_us
from rules.pack_facts import CHECK_KINDS, check_facts
from rules.packs import Packs, load_packs

PACKS = load_packs()
MASKER = Masker(bytes(range(32)))
SHORT = st.text("保温杯★🧧𠮷a/b=&1 \t-_", max_size=60)
TEXTS = SHORT | st.sampled_from(["", "保" * 43, "a" * 129])
IDS = st.from_regex(r"[A-Za-z0-9_*\- ]{1,40}", fullmatch=True)
IPS = st.sampled_from(["36.152.44.95", "10.0.0.1", "2408:8207::1", "not an ip", "::1"])
URLS = st.sampled_from(["https://a.example/n", "http://a.example/n", "https://10.0.0.1/?q", "x"])
CODES = st.sampled_from(["JMPT200019", "ACQ.SYSTEM_ERROR", "000000", "trade_state=FAIL", "?"])


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


ATTEMPTS = st.lists(
    st.fixed_dictionaries(
        {"attempt_no": st.integers(1, 9), "sent_at": st.just("2026-03-10T10:00:00+08:00")},
        optional={"raw_code": CODES, "raw_sub_code": CODES, "raw_message": TEXTS},
    ),
    max_size=2,
)
LINES = st.lists(
    st.fixed_dictionaries(
        {"quantity": st.integers(1, 9), "unit_price_minor": st.integers(0, 999)},
        optional={"name": TEXTS, "sku": st.text("a保", max_size=40)},
    ),
    max_size=3,
)
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "subject": TEXTS,
    "description": TEXTS,
    "product": st.sampled_from(["ipsdf", "qzt", "cashier", "other"]),
    "sales_channel": st.sampled_from(["h5", "H5", "app"]),
    "goods_kind": st.sampled_from(["physical", "virtual"]),
    "industry_code": st.text("1保", max_size=32),
    "notify_url": URLS,
    "items": LINES,
    "attempts": ATTEMPTS,
    "buyer": maybe(id=st.text("b", min_size=1, max_size=64)),
    "device": maybe(ip=IPS, id=IDS, latitude=st.just(0.0)),
    "receiver": maybe(name=SHORT, city=TEXTS.filter(lambda t: len(t) < 129), line=TEXTS),
    "attributes": maybe(
        account_type=st.sampled_from(["0", "1", 1, "P"]),
        payload_hash=st.sampled_from("ab"),
        last_payload_hash=st.sampled_from("ab"),
        discountable_amount_minor=st.integers(0, 9),
        undiscountable_amount_minor=st.integers(0, 9),
    ),
}
PAYOUTS = st.fixed_dictionaries(
    {"payee": maybe(kind=st.sampled_from(["personal", "corporate"]), name=SHORT)},
    optional={
        "speed": st.sampled_from(["D0", "D1", "T1"]),
        "batch_id": st.just("0001"),
        "purpose": TEXTS,
    },
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    fields = draw(st.fixed_dictionaries({}, optional=COMMON))
    fields |= {
        "order_id": draw(IDS),
        "merchant_id": draw(st.sampled_from(["110234567001", "m"])),
        "channel": draw(st.sampled_from([*PACKS.names, "nobody"])),
        "placed_at": f"2026-03-{draw(st.integers(10, 28))}T10:00:00+08:00",
        "amount_minor": draw(st.integers(0, 99)),
        "currency": "CNY",
    }
    if draw(st.booleans()):
        fields |= {"kind": "payout", "payout": draw(PAYOUTS)}
    return order_from_dict(fields, MASKER)


def live(order: Order, packs: Packs) -> dict[str, Any]:
    if order.channel not in packs.names:
        return {}
    as_of_us = to_us(order.placed_at)
    pack = packs[order.channel].at(as_of_us)
    return check_facts(order_facts(order), pack, order, as_of_us)


def rows(orders: list[Order], packs: Packs) -> list[dict[str, Any]]:
    table = check_history(frame_from_orders(orders), packs)
    return [{k: v for k, v in row.items() if v is not None} for row in table.to_dicts()]


@given(st.lists(orders(), min_size=1, max_size=12))
def test_a_history_and_its_orders_have_the_same_checks(drawn: list[Order]) -> None:
    drawn = sorted(drawn, key=lambda order: order.placed_at)
    assert rows(drawn, PACKS) == [live(order, PACKS) for order in drawn]


@given(st.lists(orders(), min_size=1, max_size=6), st.sampled_from(PACKS.names))
def test_orders_seen_by_another_pack_have_its_checks(drawn: list[Order], name: str) -> None:
    drawn = sorted(drawn, key=lambda order: order.placed_at)
    table = check_columns(frame_from_orders(drawn), PACKS[name])
    for order, row in zip(drawn, table.to_dicts(), strict=True):
        found = check_facts(order_facts(order), PACKS[name], order, to_us(order.placed_at))
        assert {k: v for k, v in row.items() if v is not None} == found


@pytest.fixture(scope="session")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Packs:
    folder = tmp_path_factory.mktemp("packs")
    (folder / "mine.yaml").write_text(
        """channel: jd_pay
title: {zh: 我的, en: Mine}
extends: jd_pay
kinds: [order]
checked_on: 2026-11-22
facts:
  order_id_pattern:
    value: "[A-Z]{9}"
    source: my contract
    grade: A
    effective_from: 2026-03-20
    earlier:
      - {value: "[a-z]{9}", source: my contract, grade: A, effective_until: 2026-03-15}
""",
        "utf-8",
    )
    return load_packs(folder)


@given(st.lists(orders(), min_size=1, max_size=12))
def test_values_hold_from_their_dates_in_both(dated: Packs, drawn: list[Order]) -> None:
    drawn = sorted(drawn, key=lambda order: order.placed_at)
    assert rows(drawn, dated) == [live(order, dated) for order in drawn]


def test_a_value_holds_from_its_date_on(dated: Packs, make_order: Any) -> None:
    edge = {
        "2026-03-14T23:59:59+08:00": ("abcdefghi", True),
        "2026-03-15T00:00:00+08:00": ("abcdefghi", None),
        "2026-03-20T00:00:00+08:00": ("ABCDEFGHI", True),
        "2026-03-20T00:00:01+08:00": ("abcdefghi", False),
    }
    made = [make_order(placed_at=at, order_id=name) for at, (name, _) in edge.items()]
    table = check_history(frame_from_orders(made), dated, ["check.order_id_valid"])
    assert table["check.order_id_valid"].to_list() == [valid for _, valid in edge.values()]
    for order, (_, valid) in zip(made, edge.values(), strict=True):
        assert live(order, dated).get("check.order_id_valid") is valid


def test_a_day_begins_at_midnight_in_china() -> None:
    assert day_start_us(date(2026, 3, 20)) == 1_773_936_000_000_000


def test_only_the_asked_columns_are_made(make_order: Any) -> None:
    table = check_history(frame_from_orders([make_order()]), PACKS, ["check.ip_public"])
    assert table.columns == ["check.ip_public"]
    assert check_history(frame_from_orders([make_order()]), PACKS, ["check.as_of"]).shape == (1, 1)
    assert set(EXPRESSIONS) <= set(CHECK_KINDS)
