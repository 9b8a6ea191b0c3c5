"""Mistakes that the simulated worlds do not make: each planted into a sound order, one way out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from msgspec import structs

from features.order import Device, Item, Order
from features.times import from_us, to_us

_LONG = "十二生肖真丝长巾配礼盒款"
"""Twelve characters, 36 bytes."""


@dataclass(frozen=True, slots=True)
class Planted:
    """An order with a mistake, and what it was before."""

    sent: Order
    right: Order


Plant = Callable[[Order], Planted | None]
"""Plants one mistake; None where an order has no room for it."""


def _changed(order: Order, base: Mapping[str, Any], wrong: Mapping[str, Any]) -> Planted:
    right = structs.replace(order, **base)
    return Planted(structs.replace(right, **wrong), right)


def _goods(order: Order, **base: Any) -> Order | None:
    return None if order.payout is not None else structs.replace(order, **base)


def _emoji(order: Order) -> Planted | None:
    subject = order.subject or ""
    half = len(subject) // 2
    wrong = f"{subject[:half]}👍🏽{subject[half:]}\u200b"
    return _changed(order, {}, {"subject": wrong}) if subject else None


def _forbidden(order: Order) -> Planted | None:
    base = _goods(order, channel="alipay")
    return _changed(base, {}, {"subject": f"{base.subject}/"}) if base is not None else None


def _long_subject(order: Order) -> Planted | None:
    base = _goods(order, channel="jd_pay", record=None)
    long = _LONG * 12
    return _changed(base, {"subject": long[:42]}, {"subject": long}) if base is not None else None


def _long_purpose(order: Order) -> Planted | None:
    if order.payout is None:
        return None
    right = structs.replace(order.payout, purpose=_LONG[:10])
    wrong = structs.replace(order.payout, purpose=_LONG * 3)
    base = {"channel": "wechat_transfer", "payout": right}
    return _changed(order, base, {"payout": wrong})


def _dashed_number(order: Order) -> Planted | None:
    base = _goods(order, channel="unionpay")
    return (
        _changed(base, {}, {"order_id": f"{base.order_id[:6]}-{base.order_id[6:]}"})
        if base is not None
        else None
    )


def _inverted_type(order: Order) -> Planted | None:
    if order.payout is None or order.payout.payee.kind is None:
        return None
    right, wrong = ("1", "0") if order.payout.payee.kind == "personal" else ("0", "1")
    base = {"product": "ipsdf", "attributes": {**order.attributes, "account_type": right}}
    return _changed(order, base, {"attributes": {**order.attributes, "account_type": wrong}})


def _misplaced_branch(order: Order) -> Planted | None:
    if order.payout is None:
        return None
    payee = structs.replace(order.payout.payee, kind="corporate", branch_code="308584001024")
    right = structs.replace(order.payout, payee=payee)
    wrong = structs.replace(right, payee=structs.replace(payee, branch_code=None))
    kept = {**order.attributes, "bank_branch_no": "308584001024"}
    return _changed(order, {"payout": right, "attributes": kept}, {"payout": wrong})


def _late_expiry(order: Order) -> Planted | None:
    base = _goods(order, channel="wechat_pay")
    return _expiry(base, 15 * 86_400, 30 * 86_400) if base is not None else None


def _early_expiry(order: Order) -> Planted | None:
    base = _goods(order, channel="unionpay")
    return _expiry(base, 900, 20) if base is not None else None


def _expiry(order: Order, right_s: int, wrong_s: int) -> Planted:
    placed = order.placed_at
    base = {"expires_at": placed + timedelta(seconds=right_s)}
    return _changed(order, base, {"expires_at": placed + timedelta(seconds=wrong_s)})


def _epoch(order: Order) -> Planted | None:
    if order.record is None or order.record.created_at is None:
        return None
    seconds = to_us(order.placed_at) // 1_000_000
    return _changed(
        order, {"placed_at": from_us(seconds * 1_000_000)}, {"placed_at": from_us(seconds)}
    )


def _mapped_ip(order: Order) -> Planted | None:
    base = _goods(order, channel="jd_pay")
    if base is None or base.device is None or base.device.ip is None or ":" in base.device.ip:
        return None
    wrong: Device = structs.replace(base.device, ip=f"::ffff:{base.device.ip}")
    return _changed(base, {}, {"device": wrong})


def _blank_url(order: Order) -> Planted | None:
    return _url(order, " https://shop.example.com/notify ")


def _open_url(order: Order) -> Planted | None:
    return _url(order, "http://shop.example.com/notify?from=wechat")


def _url(order: Order, wrong: str) -> Planted | None:
    base = _goods(order, channel="wechat_pay", notify_url="https://shop.example.com/notify")
    return _changed(base, {}, {"notify_url": wrong}) if base is not None else None


def _quantity(order: Order) -> Planted | None:
    first = order.items[0] if order.items else None
    return (
        None if first is None else _line(order, structs.replace(first, quantity=first.quantity + 1))
    )


def _swapped_prices(order: Order) -> Planted | None:
    first = order.items[0] if order.items else None
    if first is None or first.list_price_minor in (None, first.unit_price_minor):
        return None
    unit, listed = first.unit_price_minor, first.list_price_minor
    wrong = structs.replace(first, unit_price_minor=listed or 0, list_price_minor=unit)
    return _line(order, wrong)


def _paid_as_list(order: Order) -> Planted | None:
    first = order.items[0] if order.items else None
    if first is None or first.list_price_minor in (None, first.unit_price_minor):
        return None
    return _line(order, structs.replace(first, list_price_minor=first.unit_price_minor))


def _line(order: Order, wrong: Item) -> Planted | None:
    has_lines = order.record is not None and bool(order.record.items)
    return _changed(order, {}, {"items": (wrong, *order.items[1:])}) if has_lines else None


def _extra_line(order: Order) -> Planted | None:
    if order.record is None or not order.record.items:
        return None
    extra = Item(quantity=1, unit_price_minor=1_250, list_price_minor=1_250, sku="X0001")
    return _changed(order, {}, {"items": (*order.items, extra)})


def _missing_line(order: Order) -> Planted | None:
    if order.record is None or len(order.record.items) < 2 or len(order.items) < 2:
        return None
    # The record knows of a line what it costs, not its category.
    last = structs.replace(order.items[-1], category=None, kind=None, name=None)
    kept = order.items[:-1]
    return _changed(order, {"items": (*kept, last)}, {"items": kept})


def _freight_dropped(order: Order) -> Planted | None:
    wrong = {"amount_minor": order.amount_minor - order.freight_minor}
    return _changed(order, {}, wrong) if order.freight_minor else None


def _other_currency(order: Order) -> Planted | None:
    has_record = order.record is not None and order.record.currency is not None
    return _changed(order, {}, {"currency": "HKD"}) if has_record else None


def _plan_off(order: Order) -> Planted | None:
    credit = order.credit
    if credit is None or credit.first_pay_minor is None:
        return None
    wrong = structs.replace(credit, first_pay_minor=credit.first_pay_minor + 1_000)
    return _changed(order, {}, {"credit": wrong})


def _parts_off(order: Order) -> Planted | None:
    base = _goods(order, channel="alipay")
    if base is None:
        return None
    half = base.amount_minor // 2
    name, other = "discountable_amount_minor", "undiscountable_amount_minor"
    parts = {name: half, other: base.amount_minor - half}
    right = {"attributes": {**base.attributes, **parts}}
    return _changed(base, right, {"attributes": {**base.attributes, **parts, other: half + 700}})


def _no_subject(order: Order) -> Planted | None:
    recorded = order.record.subject if order.record is not None else None
    is_asked_for = order.channel == "jd_pay" and recorded == order.subject
    return _changed(order, {}, {"subject": None}) if is_asked_for else None


def _unit_and_text(order: Order) -> Planted | None:
    planted = _long_subject(order)
    if planted is None or order.record is None:
        return None
    record = structs.replace(order.record, subject=None)
    right = structs.replace(planted.right, record=record)
    wrong = {"record": record, "amount_minor": 100 * order.amount_minor}
    return Planted(structs.replace(planted.sent, **wrong), right)


PLANTS: Mapping[str, Plant] = {
    "emoji in the subject": _emoji,
    "forbidden character": _forbidden,
    "subject too long": _long_subject,
    "purpose too long": _long_purpose,
    "number with a dash": _dashed_number,
    "account type inverted": _inverted_type,
    "branch number elsewhere": _misplaced_branch,
    "expiry too late": _late_expiry,
    "expiry too soon": _early_expiry,
    "seconds read as microseconds": _epoch,
    "IPv4 written as IPv6": _mapped_ip,
    "blanks around the URL": _blank_url,
    "URL without https, with query": _open_url,
    "quantity": _quantity,
    "prices of a line exchanged": _swapped_prices,
    "paid price sent as list price": _paid_as_list,
    "line too many": _extra_line,
    "line missing": _missing_line,
    "freight not in the amount": _freight_dropped,
    "another currency": _other_currency,
    "instalments off": _plan_off,
    "parts of the discount off": _parts_off,
    "no subject": _no_subject,
    "unit and length at once": _unit_and_text,
}


def is_put_right(patched: Order, planted: Planted) -> bool:
    """Tell whether an order is what it was; of a number only its form can be right."""
    if patched == planted.right:
        return True
    number = patched.order_id
    is_number = number not in (planted.sent.order_id, planted.right.order_id)
    formed = number.isascii() and number.isalnum() and 8 <= len(number) <= 32
    sent = structs.replace(planted.right, order_id=number)
    return is_number and formed and patched == sent and "-" in planted.sent.order_id
