"""Repairs: a JSON Patch that would make the order agree with the merchant's own figures.

A proposal is an equation over the order alone. Whether it is offered is decided by
`rules.decide`, which applies it and evaluates every rule again.
"""

from collections.abc import Callable, Iterable, Mapping

import jsonpatch
import msgspec

from features.amounts import expected_total_minor
from features.edge import encode_order
from features.order import Order
from rules.decision import Fix, PatchOperation, Text
from rules.entries import Repair

_AMOUNT = "/amount_minor"


def proposals(order: Order, repairs: Iterable[Repair]) -> tuple[Fix, ...]:
    """Propose the named repairs that would change the order, likeliest first, each patch once."""
    wanted = set(repairs)
    found: dict[tuple[PatchOperation, ...], Fix] = {}
    for repair, propose in _PROPOSERS.items():
        fix = propose(order) if repair in wanted else None
        if fix is not None:
            found.setdefault(fix.patch, fix)
    return tuple(found.values())


def patched(order: Order, fix: Fix) -> Order:
    """Apply a patch to an order and read the result as strictly as any order."""
    document = msgspec.json.decode(encode_order(order))
    operations = msgspec.to_builtins(fix.patch)
    return msgspec.convert(jsonpatch.apply_patch(document, operations), Order)


def _amount_to_record(order: Order) -> Fix | None:
    record = order.record
    if record is None or record.amount_minor in (None, order.amount_minor):
        return None
    if record.currency not in (None, order.currency):
        return None  # amounts in two currencies have no common equation
    basket = expected_total_minor(order)
    return Fix(
        repair="amount_to_record",
        patch=_set_amount(order, record.amount_minor or 0),
        equation=f"amount_minor = record.amount_minor = {record.amount_minor} "
        f"(sent: {_sent(order, record.amount_minor or 0)})",
        text=Text(
            zh="把金额改为商户系统记录的订单金额；这会改变用户实付金额，请先与用户确认。",
            en="Set the amount to the one in your own record. This changes what the buyer pays: "
            "confirm it with the buyer first.",
        ),
        changes_what_buyer_pays=True,
        certain=basket in (None, record.amount_minor),
    )


def _amount_to_basket(order: Order) -> Fix | None:
    basket = expected_total_minor(order)
    if basket is None or basket == order.amount_minor or basket < 0:
        return None
    lines = " + ".join(f"{item.quantity} × {item.unit_price_minor}" for item in order.items[:20])
    more = " + …" if len(order.items) > 20 else ""
    recorded = order.record.amount_minor if order.record is not None else None
    return Fix(
        repair="amount_to_basket",
        patch=_set_amount(order, basket),
        equation=f"amount_minor = {lines}{more} − {order.discount_minor} + {order.freight_minor} "
        f"+ {order.tax_minor} = {basket} (sent: {order.amount_minor})",
        text=Text(
            zh="按商品明细合计改金额；明细与金额哪个正确需要人工确认，且会改变用户实付金额。",
            en="Set the amount to the basket's total. A person must confirm whether the basket or "
            "the amount is right, and it changes what the buyer pays.",
        ),
        changes_what_buyer_pays=True,
        certain=recorded == basket,
    )


_PROPOSERS: Mapping[Repair, Callable[[Order], Fix | None]] = {
    "amount_to_record": _amount_to_record,
    "amount_to_basket": _amount_to_basket,
}


def _set_amount(order: Order, amount_minor: int) -> tuple[PatchOperation, ...]:
    """Replace the amount, after a test that it is still the one that was looked at."""
    return (
        PatchOperation(op="test", path=_AMOUNT, value=order.amount_minor),
        PatchOperation(op="replace", path=_AMOUNT, value=amount_minor),
    )


def _sent(order: Order, truth_minor: int) -> str:
    sent = order.amount_minor
    if truth_minor and sent == 100 * truth_minor:
        return f"{sent} = 100 × {truth_minor}: yuan taken for fen"
    if sent and truth_minor == 100 * sent:
        return f"{sent} = {truth_minor} ÷ 100: fen taken for yuan"
    return str(sent)
