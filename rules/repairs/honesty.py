"""What no repair may do, whoever proposes it: checked on every patched order before it is judged.

One order stays one order, of the same merchant, buyer, receiver, payee, channel and goods. The
amount and the currency move to the merchant's record alone, or without one to the order's own
sum. Texts get shorter, or the record's; a number is changed only if it was never sent; no order
is made to look younger than it is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import structs

from features.amounts import expected_total_minor
from features.mismatch.clock import HOUR_US, epoch_slip
from features.order import Device, Item, Order, Payout, RecordItem
from features.times import to_us
from rules.repairs.network import plain_ip

_FREE = (
    "amount_minor", "currency", "list_amount_minor", "discount_minor", "freight_minor",
    "tax_minor", "credit", "placed_at", "expires_at", "order_id", "subject", "description",
    "notify_url", "goods_kind", "items",
)  # fmt: skip
"""Fields that may change, within the limits below; no other may."""
_ATTRIBUTES = ("account_type", "discountable_amount_minor", "undiscountable_amount_minor")


def dishonesty(sent: Order, patched: Order) -> str | None:
    """Say what is dishonest about a repaired order; None where nothing is."""
    return next(_faults(sent, patched), None)


def _faults(sent: Order, patched: Order) -> Iterator[str]:
    if _neutral(sent, patched) != sent:
        yield "who pays, is paid, gets the goods, or where it is sent, is another"
    if not _is_due(sent, patched):
        yield "the amount or the currency is neither the record's nor the order's own sum"
    if not _same_goods(sent, patched):
        yield "other goods, or lines that no record states"
    if patched.order_id != sent.order_id and sent.attempts:
        yield "another number for an order that was sent before"
    if not all(_is_own_words(*texts) for texts in _texts(sent, patched)):
        yield "a text in other words"
    if _product(patched) != _product(sent):
        yield "another credit product"
    if not _is_own_time(sent, patched):
        yield "an order made to look younger"


def _product(order: Order) -> tuple[bool, str | None]:
    credit = order.credit
    return (False, None) if credit is None else (True, credit.product)


def _is_own_time(sent: Order, patched: Order) -> bool:
    """Tell whether the order's time moves back, or on by what a wrong zone or unit makes of it."""
    placed_us = to_us(sent.placed_at)
    later_us = to_us(patched.placed_at) - placed_us
    return later_us <= 0 or later_us % HOUR_US == 0 or epoch_slip(placed_us) > 1


def _neutral(sent: Order, patched: Order) -> Order:
    """Put back what may change; what differs then must not."""
    back = {name: getattr(sent, name) for name in _FREE}
    return structs.replace(
        patched,
        **back,
        device=_device(sent.device, patched.device),
        payout=_payout(sent.payout, patched.payout),
        attributes={
            name: sent.attributes.get(name) if name in _ATTRIBUTES else value
            for name, value in patched.attributes.items()
        },
    )


def _device(sent: Device | None, patched: Device | None) -> Device | None:
    if sent is None or patched is None or sent.ip is None or patched.ip is None:
        return patched
    is_same = plain_ip(sent.ip) == plain_ip(patched.ip)
    return structs.replace(patched, ip=sent.ip) if is_same else patched


def _payout(sent: Payout | None, patched: Payout | None) -> Payout | None:
    """Let a purpose be shortened, and bank and branch be named where they were not."""
    if sent is None or patched is None:
        return patched
    named = {
        name: None for name in ("branch_code", "bank_name") if getattr(sent.payee, name) is None
    }
    payee = structs.replace(patched.payee, **named)
    return structs.replace(patched, payee=payee, purpose=sent.purpose)


def _is_due(sent: Order, patched: Order) -> bool:
    record = sent.record
    if patched.currency != sent.currency:
        recorded = record.currency if record is not None else None
        if patched.currency != recorded:
            return False
    if patched.amount_minor == sent.amount_minor:
        return True
    if record is not None and record.amount_minor is not None:
        is_same_money = record.currency in (None, patched.currency)
        return is_same_money and patched.amount_minor == record.amount_minor
    return patched.amount_minor == expected_total_minor(sent)


def _same_goods(sent: Order, patched: Order) -> bool:
    """Tell whether every line keeps what it is, and lines come and go only by the record."""
    if patched.goods_kind != sent.goods_kind and sent.goods_kind is not None:
        return False
    if len(patched.items) == len(sent.items):
        both = zip(sent.items, patched.items, strict=True)
        return all(_what(old) == _what(new) for old, new in both)
    recorded = sent.record.items if sent.record is not None else ()
    was, now, due = (_skus(lines) for lines in (sent.items, patched.items, recorded))
    kept = all(was[sku] > due[sku] for sku in was - now)
    return kept and all(was[sku] < due[sku] for sku in now - was)


def _what(item: Item) -> tuple[str | None, ...]:
    return item.sku, item.category, item.kind


def _skus(lines: Sequence[Item | RecordItem]) -> Counter[str | None]:
    return Counter(line.sku for line in lines)


def _texts(sent: Order, patched: Order) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Give each text as sent, as patched, and another that it may be taken from."""
    recorded = sent.record.subject if sent.record is not None else None
    yield sent.subject, patched.subject, recorded
    yield sent.description, patched.description, None
    if sent.payout is not None and patched.payout is not None:
        yield sent.payout.purpose, patched.payout.purpose, sent.subject
    if len(sent.items) == len(patched.items):
        for old, new in zip(sent.items, patched.items, strict=True):
            yield old.name, new.name, None


def _is_own_words(sent: str | None, patched: str | None, other: str | None) -> bool:
    if patched == sent:
        return True
    return patched is not None and any(
        text is not None and _is_part(patched, text) for text in (sent, other)
    )


def _is_part(short: str, long: str) -> bool:
    """Tell whether one text is what is left of the other, gaps closed by spaces at most."""
    left = iter(long)
    return all(sign in left for sign in short if sign != " ")
