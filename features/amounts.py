"""The arithmetic of an order: what its parts come to, and what is left over, in minor units.

A residue is what the parts come to less what is stated; None where a part is not stated.
"""

from collections.abc import Iterable, Sequence

from features.order import MAX_MINOR, Credit, Item, Order, RecordItem

WIDEST_MINOR = 1_000 * MAX_MINOR
"""A residue as a fact lies within plus or minus this; beyond it no amount can be."""

SLIP = 100
"""Minor units in a major one: fen in a yuan, cents in a euro."""


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
    """Say what the order ought to cost: lines - discount + freight + tax; None without lines.

    The sum rule of Alipay's field documents (S26); channels state no tolerance.
    """
    if not order.items:
        return None
    lines = unit_total_minor(order.items)
    return lines - order.discount_minor + order.freight_minor + order.tax_minor


def items_residue_minor(order: Order) -> int | None:
    """Say by how much the lines and charges exceed the amount; None without lines."""
    expected = expected_total_minor(order)
    return None if expected is None else expected - order.amount_minor


def list_residue_minor(order: Order) -> int | None:
    """Say by how much the lines' list prices exceed the list amount; None if one is not stated."""
    if not order.items or order.list_amount_minor is None:
        return None
    total = list_total_minor(order.items)
    return None if total is None else total - order.list_amount_minor


def plan_residue_minor(credit: Credit | None) -> int | None:
    """Say by how much first + (n - 1) x later payment exceeds the plan's total.

    The fields of JD's plan query (S1: plan, firstPay, laterPay, total); that they add up follows
    from their names, no channel states it. Whether a fee is within the total is stated nowhere,
    so the total is not held against the amount.
    """
    if credit is None or credit.instalments is None or credit.plan_total_minor is None:
        return None
    if credit.first_pay_minor is None or credit.later_pay_minor is None:
        return None
    payments = credit.first_pay_minor + (credit.instalments - 1) * credit.later_pay_minor
    return payments - credit.plan_total_minor


def rounding_minor(items: Iterable[Item]) -> int:
    """Bound what rounding can leave of a coupon that is spread over lines; a residue is below it.

    A unit price is rounded to the fen, so each piece of a discounted line is off by less than
    one; a line without a list price may be discounted and counts once.
    """
    bound = 0
    for item in items:
        if item.list_price_minor is None:
            bound += 1
        elif item.unit_price_minor < item.list_price_minor:
            bound += item.quantity
    return bound


def unit_slip(sent_minor: int, right_minor: int) -> int:
    """Tell whether major and minor units were mixed up: 1 is 100 times too large, -1 too small.

    Nearly counts: the remainder below one major unit may have been cut off or rounded.

    >>> unit_slip(1_290_000, 12_900), unit_slip(129, 12_950), unit_slip(12_900, 12_900)
    (1, -1, 0)
    """
    if right_minor >= SLIP and sent_minor > 0 and abs(SLIP * sent_minor - right_minor) < SLIP:
        return -1
    if sent_minor >= SLIP and right_minor > 0 and abs(sent_minor - SLIP * right_minor) < SLIP:
        return 1
    return 0


def dearest(items: Sequence[Item]) -> Item | None:
    """Give the line with the highest unit price, the first of equals; None without lines."""
    return max(items, key=lambda item: item.unit_price_minor, default=None)


def second_dearest(items: Sequence[Item]) -> Item | None:
    """Give the dearest of the other lines, the first of equals; None without a second line."""
    falling = sorted(items, key=lambda item: item.unit_price_minor, reverse=True)
    return falling[1] if len(falling) > 1 else None
