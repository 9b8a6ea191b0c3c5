"""The arithmetic of an order: what its lines add up to, in minor units."""

from collections.abc import Iterable, Sequence

from features.order import Item, Order, RecordItem


def unit_total_minor(items: Iterable[Item]) -> int:
    """Add up quantity x unit price over the lines."""
    return sum(item.quantity * item.unit_price_minor for item in items)


def list_total_minor(items: Iterable[Item]) -> int | None:
    """Add up quantity x list price; None when a line has no list price."""
    total = 0
    for item in items:
        if item.list_price_minor is None:
            return None
        total += item.quantity * item.list_price_minor
    return total


def record_total_minor(items: Iterable[RecordItem]) -> int | None:
    """Add up the lines of the merchant's record; None when a line lacks quantity or price."""
    total = 0
    for item in items:
        if item.quantity is None or item.unit_price_minor is None:
            return None
        total += item.quantity * item.unit_price_minor
    return total


def expected_total_minor(order: Order) -> int | None:
    """Say what the order ought to cost: lines - discount + freight + tax; None without lines."""
    if not order.items:
        return None
    lines = unit_total_minor(order.items)
    return lines - order.discount_minor + order.freight_minor + order.tax_minor


def dearest(items: Sequence[Item]) -> Item | None:
    """Give the line with the highest unit price, the first of equals; None without lines."""
    return max(items, key=lambda item: item.unit_price_minor, default=None)
