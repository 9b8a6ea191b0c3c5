"""Random orders with lines and a record of them: gifts, repeated skus, gaps, absurd amounts."""

from typing import Any

from hypothesis import strategies as st

from features.order import MAX_MINOR, Credit, Item, Order, Record, RecordItem
from features.times import from_us

NOON_US = 1_773_201_600_000_000
"""2026-03-11, noon in Beijing."""
_SECOND_US = 1_000_000
_PRICES = st.sampled_from([0, 1, 99, 100, 500, 9_900, 10_000, MAX_MINOR])
_QUANTITIES = st.sampled_from([1, 1, 1, 2, 3, 1_000, 1_000_000])
_MAYBE_PRICE = st.none() | _PRICES
_INSTANTS = st.one_of(
    st.sampled_from(
        [NOON_US // 1_000, NOON_US // 1_000_000, 0, 61_000 * _SECOND_US, 3_600 * _SECOND_US]
    ),
    st.integers(-30 * 3_600, 30 * 3_600).map(lambda s: NOON_US + s * _SECOND_US),
    st.integers(-30, 30).map(lambda h: NOON_US + h * 3_600 * _SECOND_US),
    st.integers(-(10**9), 10**9).map(lambda us: NOON_US + us),
).map(from_us)


@st.composite
def lines(draw: st.DrawFn) -> tuple[tuple[Item, ...], tuple[RecordItem, ...]]:
    """Draw an order's lines and the record's: the same, touched, or unlike."""
    skus = draw(st.sampled_from([("a",), ("a", "b"), ("a", "b", None), (None,), ("a", "")]))
    items = draw(st.lists(_items(skus), max_size=4))
    same = [draw(_as_recorded(item)) for item in items]
    touched = draw(st.sampled_from([same, same[:-1], same + same[:1], same[::-1]]))
    foreign = [draw(_as_recorded(item)) for item in draw(st.lists(_items(skus), max_size=3))]
    return tuple(items), tuple(draw(st.sampled_from([same, touched, foreign, []])))


def _items(skus: tuple[str | None, ...]) -> st.SearchStrategy[Item]:
    return st.builds(
        Item,
        quantity=_QUANTITIES,
        unit_price_minor=_PRICES,
        list_price_minor=_MAYBE_PRICE,
        sku=st.sampled_from(skus),
    )


@st.composite
def _as_recorded(draw: st.DrawFn, item: Item) -> RecordItem:
    fields: dict[str, Any] = {
        "sku": item.sku,
        "quantity": item.quantity,
        "unit_price_minor": item.unit_price_minor,
        "list_price_minor": item.list_price_minor,
    }
    if draw(st.booleans()):
        fields[draw(st.sampled_from(list(fields)))] = None
    if draw(st.integers(0, 3)) == 0:
        fields[draw(st.sampled_from(["unit_price_minor", "list_price_minor"]))] = draw(_PRICES)
    return RecordItem(**fields)


@st.composite
def lined_orders(draw: st.DrawFn) -> Order:
    """Draw an order whose sums may hold, nearly hold, or not at all."""
    items, recorded = draw(lines())
    discount, freight, tax = (draw(st.sampled_from([0, 0, 1, 100, 990, MAX_MINOR])) for _ in "dft")
    amount = _within(sum(i.quantity * i.unit_price_minor for i in items) - discount + freight + tax)
    listed = _within(sum(i.quantity * (i.list_price_minor or 0) for i in items))
    return Order(
        order_id="A1",
        merchant_id="M",
        channel="generic",
        placed_at=draw(_INSTANTS),
        amount_minor=draw(_near(amount)),
        currency="CNY",
        list_amount_minor=draw(st.none() | _near(listed)),
        discount_minor=discount,
        freight_minor=freight,
        tax_minor=tax,
        items=items,
        credit=draw(st.none() | _credits()),
        record=draw(st.none() | _records(amount, listed, recorded)),
    )


def _near(amount: int) -> st.SearchStrategy[int]:
    slips = [amount, amount, amount + 1, amount // 100, 100 * amount, amount + 99, 0, MAX_MINOR]
    return st.sampled_from([_within(slip) for slip in slips])


def _within(amount: int) -> int:
    return max(0, min(MAX_MINOR, amount))


def _credits() -> st.SearchStrategy[Credit]:
    return st.builds(
        Credit,
        instalments=st.none() | st.sampled_from([1, 3, 120]),
        plan_total_minor=_MAYBE_PRICE,
        first_pay_minor=_MAYBE_PRICE,
        later_pay_minor=_MAYBE_PRICE,
    )


def _records(
    amount: int, listed: int, recorded: tuple[RecordItem, ...]
) -> st.SearchStrategy[Record]:
    return st.builds(
        Record,
        amount_minor=st.none() | _near(amount),
        list_amount_minor=st.none() | _near(listed),
        discount_minor=st.sampled_from([None, 0, 100]),
        freight_minor=st.sampled_from([None, 0, 100]),
        currency=st.sampled_from([None, "CNY", "CNY", "USD"]),
        state=st.sampled_from([None, "created", "refunded"]),
        created_at=st.none() | _INSTANTS,
        items=st.just(recorded),
    )
