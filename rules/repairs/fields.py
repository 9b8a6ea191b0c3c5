"""Repairs of single fields: an enum of the channel, fields that stand elsewhere, parts of a sum."""

import re
from collections.abc import Collection, Iterator

from features.mismatch.equation import Change, Proposal
from features.order import Order, Scalar
from rules.checks.payouts import account_type_value
from rules.checks.presence import is_lacking
from rules.decision import Text
from rules.repairs.part import Part, Scene, Slot

_TYPE = Text(
    zh="把账户类型改为该产品的取值：拉卡拉两个产品的 0 和 1 含义相反。",
    en="Write the account type as this product does: two products of Lakala mean the opposite by "
    "0 and 1.",
)
_STATED = Text(
    zh="补上缺少的字段，取值在订单里已有，只是放在别处。",
    en="Fill in the field that is lacking; the order states its value elsewhere.",
)
_PARTS = Text(
    zh="使可优惠与不可优惠部分之和等于订单金额；金额不变，哪一部分有误需要人工确认。",
    en="Make the discountable and the undiscountable part add up to the amount. The amount stays; "
    "a person must confirm which part is wrong.",
)
_LINE_NUMBER = re.compile(r"[0-9]{12}")
"""A bank's line number (联行号) in the payment system of the People's Bank: 12 digits."""
_FILLED = {
    "payout.payee.branch_code": "/payout/payee/branch_code",
    "payout.payee.bank_name": "/payout/payee/bank_name",
    "payout.purpose": "/payout/purpose",
    "subject": "/subject",
    "goods_kind": "/goods_kind",
}
_DISCOUNTABLE, _UNDISCOUNTABLE = "discountable_amount_minor", "undiscountable_amount_minor"


def account_type(scene: Scene, wanted: Collection[str]) -> Iterator[Slot]:
    """Propose what this product writes for the payee's kind."""
    order, sent = scene.order, scene.order.attributes.get("account_type")
    if "account_type" not in wanted or sent is None or order.payout is None:
        return
    kind = order.payout.payee.kind
    right = account_type_value(scene.pack, kind, order.product)
    if right is None or right == str(sent):
        return
    value = int(right) if isinstance(sent, int) and right.isdigit() else right
    change = Change("/attributes/account_type", _plain(sent), value)
    product = order.product or scene.pack.channel
    proof = f"attributes.account_type = {right}: {product} writes {right} for {kind}"
    yield (Part("account_type", (change,), f"{proof} (sent: {sent})", _TYPE, certain=True),)


def missing_fields(scene: Scene, wanted: Collection[str]) -> Iterator[Slot]:
    """Propose values for lacking fields that the order or its record states elsewhere."""
    if "missing_fields" not in wanted:
        return
    for name, pointer in _FILLED.items():
        ways = () if _is_there(scene.order, name) else tuple(_stated(scene, name, pointer))
        if ways:
            yield ways


def _is_there(order: Order, name: str) -> bool:
    block: object = order
    for part in name.split("."):
        if block is None:
            return True  # not even its block is there: nothing to fill
        block = getattr(block, part)
    return not is_lacking(name, block if isinstance(block, str) else None)


def _stated(scene: Scene, name: str, pointer: str) -> Iterator[Part]:
    """Give the values that stand for a field, each once, with where they stand."""
    seen: set[str] = set()
    for value, source, certain in _sources(scene, name):
        if value not in seen:
            seen.add(value)
            change = Change(pointer, None, value, source)
            proof = f"{name} = {source[1:].replace('/', '.')} = {value} (sent: nothing)"
            yield Part("missing_fields", (change,), proof, _STATED, certain)


def _sources(scene: Scene, name: str) -> Iterator[tuple[str, str, bool]]:
    """Give values for a field: where each stands, and whether it leaves no doubt."""
    order = scene.order
    yield from _under_the_channels_name(scene, name)
    match name:
        case "payout.payee.branch_code":
            code = order.payout.payee.bank_code if order.payout is not None else None
            if code is not None and _LINE_NUMBER.fullmatch(code):
                yield code, "/payout/payee/bank_code", False
        case "subject" if order.record is not None and order.record.subject:
            yield order.record.subject, "/record/subject", True
        case "goods_kind":
            kinds = {item.kind for item in order.items}
            only = kinds.pop() if len(kinds) == 1 else None
            if only is not None:
                yield only, "/items/0/kind", True
        case "payout.purpose" if order.subject:
            yield order.subject, "/subject", False


def _under_the_channels_name(scene: Scene, name: str) -> Iterator[tuple[str, str, bool]]:
    """Find a field that was put among the attributes under the channel's own name for it."""
    wire = scene.pack.file.wire
    called = wire.names.get(name, "") if wire is not None else ""
    value = scene.order.attributes.get(called)
    if isinstance(value, str) and value:
        yield value, f"/attributes/{called}", True


def discount_parts(scene: Scene, wanted: Collection[str]) -> Iterator[Slot]:
    """Propose parts of the amount that add up to it; the amount itself stays."""
    if "discount_parts" not in wanted:
        return
    order = scene.order
    one, other = (_whole(order.attributes.get(n)) for n in (_DISCOUNTABLE, _UNDISCOUNTABLE))
    if one is None or other is None or one + other == order.amount_minor:
        return
    parts = tuple(
        _discount_part(order, name, present, right)
        for name, present, right in (
            (_UNDISCOUNTABLE, other, order.amount_minor - one),
            (_DISCOUNTABLE, one, order.amount_minor - other),
        )
        if right >= 0
    )
    if parts:
        yield parts


def _discount_part(order: Order, name: str, present: int, right: int) -> Part:
    change = Change(f"/attributes/{name}", present, right)
    rest = order.amount_minor - right
    proof = f"{right} + {rest} = {order.amount_minor}, the amount; {name} = {right}"
    return Part("discount_parts", (change,), f"{proof} (sent: {present})", _PARTS, certain=False)


def _whole(value: Scalar) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _plain(value: Scalar) -> Proposal:
    return value if isinstance(value, int | str) else str(value)
