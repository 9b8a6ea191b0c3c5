"""What checks read of an order beyond its facts; `rules.checks.columns` reads it from a history."""

from collections.abc import Callable, Iterator, Mapping

from features.kinds import Kind, Value
from features.order import Attempt, Order
from features.times import to_us

_Reader = Callable[[Order, int | None], Value | None]


def _last(read: Callable[[Attempt], Value | None]) -> _Reader:
    return lambda order, _: read(order.attempts[-1]) if order.attempts else None


def _texts(order: Order, field: str) -> Iterator[str]:
    return (text for item in order.items if (text := getattr(item, field)) is not None)


def _longest(field: str) -> _Reader:
    return lambda order, _: max(map(len, _texts(order, field)), default=None)


def _heaviest(field: str) -> _Reader:
    return lambda order, _: max((len(t.encode()) for t in _texts(order, field)), default=None)


ORDER_INPUTS: Mapping[str, tuple[_Reader, Kind]] = {
    "as_of": (lambda _, as_of_us: as_of_us, Kind.INSTANT),
    "attempts.last_raw_sub_code": (_last(lambda last: last.raw_sub_code), Kind.TEXT),
    "attempts.last_raw_message": (_last(lambda last: last.raw_message), Kind.TEXT),
    "attempts.last_sent_at": (_last(lambda last: to_us(last.sent_at)), Kind.INSTANT),
    "items.name_characters": (_longest("name"), Kind.NUMBER),
    "items.name_bytes": (_heaviest("name"), Kind.NUMBER),
    "items.sku_characters": (_longest("sku"), Kind.NUMBER),
    "items.sku_bytes": (_heaviest("sku"), Kind.NUMBER),
}
"""Bytes are those of UTF-8."""
