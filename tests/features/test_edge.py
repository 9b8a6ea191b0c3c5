"""Raw input becomes an order, or one error that names every bad field and leaks nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.edge import MAX_BODY_BYTES, encode_order, order_from_dict, parse_order
from features.errors import InvalidOrder
from features.masking import Masker, load_or_make_key
from features.order import Order
from tests.features.raw_orders import raw_submissions

CARD = "6222021234567894"


def parse(fields: dict[str, Any], masker: Masker) -> Order:
    return parse_order(json.dumps(fields).encode(), masker)


def faults_of(fields: dict[str, Any], masker: Masker) -> dict[str, str]:
    with pytest.raises(InvalidOrder) as caught:
        parse(fields, masker)
    return {fault.path: str(fault) for fault in caught.value.faults}


def test_every_bad_field_is_named_at_once(order_fields: dict[str, Any], masker: Masker) -> None:
    order_fields |= {"amount_minor": -5, "placed_at": "2026-11-11T20:00:00", "currency": "rmb"}
    order_fields["items"][1]["quantity"] = 0
    del order_fields["merchant_id"]
    faults = faults_of(order_fields, masker)
    assert set(faults) == {
        "amount_minor", "placed_at", "currency", "items[1].quantity", "merchant_id",
    }  # fmt: skip
    assert "-5" in faults["amount_minor"]
    assert "+08:00" in faults["placed_at"]


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z"]
)
def test_an_instant_out_of_all_reason_is_refused(
    instant: str, order_fields: dict[str, Any], masker: Masker
) -> None:
    assert instant in faults_of({**order_fields, "placed_at": instant}, masker)["placed_at"]


def test_a_line_break_after_a_currency_is_no_currency(
    order_fields: dict[str, Any], masker: Masker
) -> None:
    assert "currency" in faults_of({**order_fields, "currency": "CNY\n"}, masker)


def test_an_unknown_field_is_refused_with_the_nearest_name(
    order_fields: dict[str, Any], masker: Masker
) -> None:
    faults = faults_of({**order_fields, "amount_miner": 1}, masker)
    assert "Did you mean 'amount_minor'?" in faults["amount_miner"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'{"a":NaN}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_json_object_is_an_invalid_order(body: bytes, masker: Masker) -> None:
    with pytest.raises(InvalidOrder):
        parse_order(body, masker)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(masker: Masker) -> None:
    with pytest.raises(InvalidOrder, match="at most"):
        parse_order(b" " * (MAX_BODY_BYTES + 1), masker)


def test_instants_are_kept_in_utc(order_fields: dict[str, Any], masker: Masker) -> None:
    placed_at = parse(order_fields, masker).placed_at
    assert placed_at == datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
    assert placed_at.tzinfo is UTC


@pytest.mark.parametrize("card", [CARD, int(CARD), {"number": CARD}, "6222 0212 3456 7894"])
def test_a_card_number_is_reduced_however_it_is_written(
    card: object, order_fields: dict[str, Any], masker: Masker
) -> None:
    order_fields["buyer"]["card"] = card
    order = parse(order_fields, masker)
    assert CARD.encode() not in encode_order(order)
    assert order.buyer is not None
    assert order.buyer.card is not None
    assert (order.buyer.card.bin, order.buyer.card.last4) == ("622202", "7894")
    assert order.buyer.card.hash == masker.account(CARD)["hash"]


def test_an_error_about_a_card_does_not_show_it(
    order_fields: dict[str, Any], masker: Masker
) -> None:
    order_fields["buyer"]["card"] = {"pan": CARD, "hash": CARD}
    order_fields["buyer"]["id"] = int(CARD)
    with pytest.raises(InvalidOrder) as caught:
        parse(order_fields, masker)
    assert CARD not in str(caught.value)


@pytest.mark.parametrize("name", ["card_no", "银行卡号", "mobile", "bank_account"])
def test_a_whole_number_cannot_hide_among_the_attributes(
    name: str, order_fields: dict[str, Any], masker: Masker
) -> None:
    faults = faults_of({**order_fields, "attributes": {name: CARD}}, masker)
    assert CARD not in faults[f"attributes.{name}"]


def test_a_payout_needs_its_block(order_fields: dict[str, Any], masker: Masker) -> None:
    assert "payout" in faults_of({**order_fields, "kind": "payout"}, masker)
    assert "payout" in faults_of({**order_fields, "payout": {"payee": {}}}, masker)


@given(raw_submissions)
def test_writing_and_reading_again_gives_the_same_order(raw: dict[str, Any]) -> None:
    masker = Masker(bytes(32))
    order = order_from_dict(raw, masker)
    assert parse_order(encode_order(order), masker) == order


@given(
    raw_submissions,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    ),
    st.data(),
)
def test_any_damage_is_an_order_or_our_own_error(
    raw: dict[str, Any], junk: object, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(raw)))
    damaged = {**raw, name: junk}
    try:
        order_from_dict(damaged, Masker(bytes(32)))
    except InvalidOrder as error:
        assert error.faults  # noqa: PT017 - either end is right; an error must name a fault


def test_the_key_of_a_data_folder_is_made_once(tmp_path: Any) -> None:
    key = load_or_make_key(tmp_path / "home")
    assert load_or_make_key(tmp_path / "home") == key
    assert (tmp_path / "home" / "secret.key").stat().st_mode & 0o777 == 0o600
