"""Seeded defects: one mistake put into a clean order, and the truth beside it.

Written from what merchants get wrong, not from how `features.mismatch` looks for it: nothing of
that package is used here but plain orders.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from random import Random

from msgspec import structs

from features.order import MAX_MINOR, Item, Order, Record, RecordItem

FULFILMENT = "FULFILMENT"
_ZONES = (8, -8, 8, -8, 1, -1, 7, 9, -5, 13)


@dataclass(frozen=True, slots=True)
class Defect:
    """An order as it would be sent, the order as it should be, and what differs."""

    name: str
    sent: Order
    right: Order
    truth: Mapping[str, object]
    """The right value by JSON pointer; a line that was dropped is at `/items/-`."""


Maker = Callable[[Order, Random], Iterator[Defect]]
"""Makes one defect of an order, or none where the order cannot have it."""


def with_full_record(order: Order, right: Order) -> Order:
    """Give an order a merchant's record that states everything of the right order."""
    lines = tuple(
        RecordItem(
            sku=item.sku,
            quantity=item.quantity,
            unit_price_minor=item.unit_price_minor,
            list_price_minor=item.list_price_minor,
        )
        for item in right.items
    )
    record = Record(
        amount_minor=right.amount_minor,
        list_amount_minor=right.list_amount_minor,
        discount_minor=right.discount_minor,
        freight_minor=right.freight_minor,
        tax_minor=right.tax_minor,
        currency=right.currency,
        subject=right.subject,
        created_at=right.placed_at,
        read_at=right.placed_at,
        items=lines,
    )
    return structs.replace(order, record=record)


def seed_defects(orders: Sequence[Order], count: int, seed: int) -> list[Defect]:
    """Put one mistake into each of `count` orders, every kind equally often.

    Raises ValueError when too few orders can have the kind whose turn it is.
    """
    rng = Random(seed)
    chosen = iter(rng.sample(orders, len(orders)))
    return [_next_defect(make, chosen, rng) for make in islice(cycle(DEFECTS.values()), count)]


def _next_defect(make: Maker, orders: Iterator[Order], rng: Random) -> Defect:
    for order in orders:
        for defect in make(order, rng):
            return defect
    raise ValueError("there are too few orders for so many defects; bring more")


def _price(order: Order, rng: Random) -> Iterator[Defect]:
    number, item = _line(order, rng)
    step = rng.choice((1, 10, 100, 990, max(1, item.unit_price_minor // rng.randint(2, 30))))
    price = item.unit_price_minor + rng.choice((-1, 1)) * step
    if 0 <= price <= MAX_MINOR:
        yield _line_defect("price", order, number, unit_price_minor=price)


def _quantity(order: Order, rng: Random) -> Iterator[Defect]:
    number, item = _line(order, rng)
    quantity = rng.choice((item.quantity + rng.randint(1, 3), 10 * item.quantity, 1))
    if quantity != item.quantity and item.unit_price_minor:
        yield _line_defect("quantity", order, number, quantity=quantity)


def _freight(order: Order, _: Random) -> Iterator[Defect]:
    """Drop the freight: the field, or the line that bills it."""
    if order.freight_minor:
        sent = structs.replace(order, freight_minor=0)
        yield Defect("freight dropped", sent, order, {"/freight_minor": order.freight_minor})
    for number, item in enumerate(order.items):
        if item.sku == FULFILMENT and item.unit_price_minor and len(order.items) > 1:
            kept = (*order.items[:number], *order.items[number + 1 :])
            sent = structs.replace(order, items=kept)
            yield Defect("freight dropped", sent, order, {"/items/-": item})


def _coupon(order: Order, _: Random) -> Iterator[Defect]:
    """Take a coupon off the amount, but off no line and not as a discount."""
    if order.discount_minor:
        sent = structs.replace(order, discount_minor=0)
        yield Defect("coupon not spread", sent, order, {"/discount_minor": order.discount_minor})


def _unit(order: Order, rng: Random) -> Iterator[Defect]:
    number, item = _line(order, rng)
    amount, price = order.amount_minor, item.unit_price_minor
    match rng.choice(("amount up", "amount down", "price up", "price down")):
        case "amount up" if 0 < amount <= MAX_MINOR // 100:
            yield _top_defect("unit slip", order, amount_minor=100 * amount)
        case "amount down" if amount >= 100:
            yield _top_defect("unit slip", order, amount_minor=amount // 100)
        case "price up" if 0 < price <= MAX_MINOR // 100:
            yield _line_defect("unit slip", order, number, unit_price_minor=100 * price)
        case "price down" if price >= 100:
            yield _line_defect("unit slip", order, number, unit_price_minor=price // 100)


def _label(order: Order, rng: Random) -> Iterator[Defect]:
    """Send the paid price as list price, the list price as paid, or each as the other."""
    number, item = _line(order, rng)
    listed, paid = item.list_price_minor, item.unit_price_minor
    if listed is None or order.list_amount_minor is None or listed <= paid:
        return
    match rng.choice(("paid as list", "list as paid", "exchanged", "amounts")):
        case "paid as list":
            yield _line_defect("label swap", order, number, list_price_minor=paid)
        case "list as paid":
            yield _line_defect("label swap", order, number, unit_price_minor=listed)
        case "exchanged":
            yield _line_defect(
                "label swap", order, number, unit_price_minor=listed, list_price_minor=paid
            )
        case "amounts" if order.list_amount_minor > order.amount_minor:
            yield _top_defect("label swap", order, list_amount_minor=order.amount_minor)


def _zone(order: Order, rng: Random) -> Iterator[Defect]:
    sent = structs.replace(order, placed_at=order.placed_at + timedelta(hours=rng.choice(_ZONES)))
    yield Defect("zone slip", sent, order, {"/placed_at": order.placed_at})


DEFECTS: Mapping[str, Maker] = {
    "price": _price,
    "quantity": _quantity,
    "freight dropped": _freight,
    "coupon not spread": _coupon,
    "unit slip": _unit,
    "label swap": _label,
    "zone slip": _zone,
}
"""What can be seeded; a defect that an order cannot have yields nothing."""


def _line(order: Order, rng: Random) -> tuple[int, Item]:
    number = rng.randrange(len(order.items))
    return number, order.items[number]


def _line_defect(name: str, order: Order, number: int, **fields: int) -> Defect:
    item = order.items[number]
    lines = list(order.items)
    lines[number] = structs.replace(item, **fields)
    truth = {f"/items/{number}/{field}": getattr(item, field) for field in fields}
    return Defect(name, structs.replace(order, items=tuple(lines)), order, truth)


def _top_defect(name: str, order: Order, **fields: int) -> Defect:
    truth = {f"/{field}": getattr(order, field) for field in fields}
    return Defect(name, structs.replace(order, **fields), order, truth)
