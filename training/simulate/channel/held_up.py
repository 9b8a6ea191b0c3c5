"""What of a history's cause still holds when an order comes mended, later, or elsewhere."""

from collections.abc import Mapping

import jsonpatch
import msgspec

from features.edge import encode_order
from features.order import Order
from features.times import from_us
from training.simulate.channel.books import ZONE
from training.simulate.channel.kinds import Kind
from training.simulate.channel.registry import Fate
from training.simulate.channel.spells import OF_A_TIME

_AT_ITS_TIME_US = 60_000_000
"""Sent within a minute of the history's instant, it met what it met there."""
_OF_A_DAY = frozenset({"over_day_limit", "frequency_limit"})
_OF_A_CHANNEL = OF_A_TIME | {"frequency_limit"}
KIND_OF_ANSWER: Mapping[str, Kind] = {
    "already_paid": Kind.ALREADY_PAID,
    "closed_order": Kind.CLOSED,
    "amount": Kind.AMOUNT,
    "content": Kind.CONTENT,
    "clock": Kind.CONTENT,
    "duplicate": Kind.DUPLICATE,
    "order_limit": Kind.ORDER_LIMIT,
    "day_limit": Kind.DAY_LIMIT,
    "count_limit": Kind.DAY_LIMIT,
    "funds": Kind.FUNDS,
    "payee": Kind.PAYEE,
    "risk": Kind.RISK,
    "outage": Kind.OUTAGE,
    "busy": Kind.OUTAGE,
    "key_mismatch": Kind.SIGNATURE,
    "restricted": Kind.RESTRICTED,
    "arrears": Kind.RESTRICTED,
}
"""How a channel words a cause that the history never heard of it."""


def is_elsewhere(fate: Fate, channel: str) -> bool:
    """Tell whether the order came by another channel than the history's."""
    return fate.channel is not None and fate.channel != channel


def is_moved(fate: Fate, channel: str, now_us: int) -> bool:
    """Tell whether it came by another channel, or at another time."""
    if is_elsewhere(fate, channel):
        return True
    return fate.sent_us is not None and abs(now_us - fate.sent_us) > _AT_ITS_TIME_US


def still_holds(
    fate: Fate, channel: str, order: Order, amount_minor: int, now_us: int
) -> str | None:
    """Name the cause that still holds an order up; behind a bad time its own fault may stand."""
    cause = fate.fault if fate.cause in _left_behind(fate, channel, now_us) else fate.cause
    if cause in _OF_A_DAY and _is_another_day(fate, now_us):
        return None
    return None if is_mended(fate, order, amount_minor) else cause


def _left_behind(fate: Fate, channel: str, now_us: int) -> frozenset[str]:
    if is_elsewhere(fate, channel):
        return _OF_A_CHANNEL
    return OF_A_TIME if is_moved(fate, channel, now_us) else frozenset()


def is_mended(fate: Fate, order: Order, amount_minor: int) -> bool:
    """Tell whether what was wrong has been put right: the amount that was sent, or the fields."""
    was_the_amount = fate.right_minor not in (None, fate.sent_minor)
    if was_the_amount and amount_minor == fate.right_minor:
        return True
    if not fate.right:
        return False
    document = msgspec.json.decode(encode_order(order)) | {"amount_minor": amount_minor}
    operations = [{"op": "add", "path": at, "value": value} for at, value in fate.right.items()]
    right = jsonpatch.apply_patch(document, operations)
    return bool(msgspec.convert(document, Order) == msgspec.convert(right, Order))


def _is_another_day(fate: Fate, now_us: int) -> bool:
    if fate.sent_us is None:
        return False
    then, now = (from_us(one).astimezone(ZONE).date() for one in (fate.sent_us, now_us))
    return then != now
