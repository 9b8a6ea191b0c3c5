"""Spreads the orders that wait for the same instant, lest all are sent at once and break it again.

Each order has its own turn, a keyed hash of its number over a span after the instant. A channel's
window is followed by a span as long as itself: what came in over a quarter of an hour goes out
over a quarter of an hour, no faster than it came. Where that is more than the pack says that the
channel takes, the span is longer by as much.
"""

from collections.abc import Iterable
from hashlib import blake2b

from features.catalog import Catalog
from features.order import Order
from features.times import US_PER_SECOND
from rules.court import Court, Row

SPAN_US = 15 * 60 * US_PER_SECOND
"""After an instant that no window sets: midnight, the end of a maintenance or of a stop."""
_RATE, _RATE_FACT = "lane_orders_1m", "max_requests_per_second"
_PER_MINUTE = 60
_DIGEST = 8


def turn_us(order: Order, span_us: int) -> int:
    """Give an order's own place in a span: the same order always has the same."""
    key = f"{order.channel} {order.merchant_id} {order.order_id}".encode()
    digest = blake2b(key, digest_size=_DIGEST).digest()
    return int.from_bytes(digest, "big") % max(1, span_us)


def span_us(codes: Iterable[str], court: Court, features: Row) -> int:
    """Give how long the orders take that wait for these rules, in microseconds."""
    names = court.judge.book.names
    widths = [_narrowest(court.terms.book.catalog, names[code]) for code in codes]
    known = [width for width in widths if width is not None]
    span = max(known) if known and len(known) == len(widths) else max([SPAN_US, *known])
    return int(span * _times_too_fast(court, features))


def _times_too_fast(court: Court, features: Row) -> float:
    """Say how many times more comes in than the channel takes; at least 1."""
    takes, comes = court.pack.number(_RATE_FACT), features.get(_RATE)
    if not takes or not isinstance(comes, int | float):
        return 1.0
    return max(1.0, comes / (_PER_MINUTE * takes))


def _narrowest(catalog: Catalog, names: Iterable[str]) -> int | None:
    behind = catalog.windows_behind
    found = [window.width_us for name in names for window in behind.get(name, ())]
    return min(found, default=None)
