"""Repair of an order's number that the channel does not take: another one, always the same."""

import re
from collections.abc import Collection, Iterator
from hashlib import sha256

from features.mismatch.equation import Change
from features.order import Order
from rules.decision import Text
from rules.repairs.part import Part, Scene, Slot

_DIGEST = 16
"""Hex digits of a digest: two numbers that differ only in what is left out stay two numbers."""
_LENGTHS = (32, *range(64, 32, -1), *range(31, _DIGEST - 1, -1))
"""32 first: every channel takes so many letters and digits."""
_UNSENT = frozenset({None, "created"})
_TEXT = Text(
    zh="换成渠道接受的订单号：字母和数字，由原订单号推算，每次结果相同。先在商户系统里把新号与原"
    "订单一起存好再提交，通知和查询都用新号；并把编号规则改为 8 至 32 位字母数字。若该订单曾以任何"
    "订单号提交过，不要换号，先查询。",
    en="Take a number that the channel accepts: letters and digits, derived from your own, always "
    "the same. Store it with the order in your system before you send it; notifications and "
    "queries come under it. Change your numbering to 8 to 32 letters and digits. Where the order "
    "was sent before under any number, keep that number and query first.",
)


def order_ids(scene: Scene, wanted: Collection[str]) -> Iterator[Slot]:
    """Propose another number for an order that was never sent; not certain: it must be stored."""
    order, pattern = scene.order, scene.pack.text("order_id_pattern")
    if "order_id" not in wanted or pattern is None or _may_be_sent(order):
        return
    accepts = re.compile(pattern).fullmatch
    number = _accepted(order, pattern) if accepts(order.order_id) is None else None
    if number is not None:
        change = Change("/order_id", order.order_id, number)
        proof = f"order_id = {number}: {len(number)} letters and digits of [{pattern}]"
        yield (Part("order_id", (change,), f"{proof} (sent: {order.order_id})", _TEXT, False),)


def derived_number(order: Order, length: int) -> str:
    """Derive a number of at most `length` letters and digits from an order's own."""
    digest = sha256(f"{order.merchant_id}\n{order.order_id}".encode()).hexdigest()[:_DIGEST]
    own = re.sub(r"[^A-Za-z0-9]", "", order.order_id)
    kept = length - _DIGEST
    return f"{own[-kept:] if kept else ''}{digest}"


def _accepted(order: Order, pattern: str) -> str | None:
    accepts = re.compile(pattern).fullmatch
    numbers = (derived_number(order, length) for length in _LENGTHS)
    return next((number for number in numbers if accepts(number)), None)


def _may_be_sent(order: Order) -> bool:
    """Tell whether the order may have reached a channel: then a new number could pay it twice."""
    record = order.record.state if order.record is not None else None
    hashes = order.attributes.get("last_payload_hash")
    is_new = order.state in _UNSENT and record in _UNSENT
    return bool(order.attempts) or hashes is not None or not is_new
