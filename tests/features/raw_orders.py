"""Random raw orders of every shape that the canonical model allows."""

from typing import Any

from hypothesis import strategies as st

from features.times import from_us

_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
)
_MINOR = st.sampled_from([0, 1, 99, 100, 12_900, 10**12])
_INSTANT = st.integers(1_577_836_800_000_000, 1_900_000_000_000_000).map(
    lambda instant_us: from_us(instant_us).isoformat()
)
_PLACES = st.sampled_from(
    ["杭州市", "杭州市 ", "Ｗｕｘｉ", "wuxi", "文三路 1 号", "文三路１号", ""]
)


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any subset of the given fields."""
    return st.fixed_dictionaries({}, optional=fields)


_ITEM = st.fixed_dictionaries(
    {"quantity": st.integers(1, 9), "unit_price_minor": _MINOR},
    optional={
        "list_price_minor": _MINOR,
        "sku": _TEXT,
        "name": _TEXT,
        "category": st.sampled_from(["a", "b"]),
    },
)
_PAYEE = maybe(
    id=_TEXT,
    kind=st.sampled_from(["personal", "corporate"]),
    account=st.sampled_from(["6222020000001234", "62-x", "6222021234567894"]),
    account_changed_at=_INSTANT,
)

raw_orders = st.fixed_dictionaries(
    {
        "order_id": _TEXT,
        "merchant_id": _TEXT,
        "channel": st.sampled_from(["generic", "jd_pay"]),
        "placed_at": _INSTANT,
        "amount_minor": _MINOR,
        "currency": st.sampled_from(["CNY", "EUR"]),
    },
    optional={
        "subject": _TEXT,
        "state": st.sampled_from(["created", "paid"]),
        "discount_minor": _MINOR,
        "freight_minor": _MINOR,
        "tax_minor": _MINOR,
        "list_amount_minor": _MINOR,
        "expires_at": _INSTANT,
        "items": st.lists(_ITEM, max_size=3),
        "buyer": maybe(
            id=_TEXT,
            registered_at=_INSTANT,
            phone=st.sampled_from(["13800138000", "138 0013 8000"]),
            card=st.sampled_from(["6222021234567894", "4111 1111 1111 1111"]),
            email=st.sampled_from(["A@b.cn", "a@b.cn"]),
        ),
        "device": maybe(
            id=_TEXT, ip=st.sampled_from(["203.0.113.7", "2001:db8::1", "not an ip", ""])
        ),
        "receiver": maybe(
            province=_PLACES, city=_PLACES, district=_PLACES, line=_PLACES, name=_TEXT
        ),
        "credit": maybe(instalments=st.sampled_from([3, 6]), plan_total_minor=_MINOR),
        "record": maybe(
            amount_minor=_MINOR,
            subject=_TEXT,
            created_at=_INSTANT,
            items=st.lists(maybe(quantity=st.integers(1, 9), unit_price_minor=_MINOR), max_size=2),
        ),
        "account": maybe(balance_minor=_MINOR, restricted=st.booleans()),
        "attempts": st.lists(
            st.fixed_dictionaries(
                {"attempt_no": st.integers(1, 5), "sent_at": _INSTANT},
                optional={"raw_code": _TEXT},
            ),
            max_size=2,
        ),
        "attributes": maybe(colour=_TEXT, size=st.integers(-5, 5), rush=st.booleans()),
    },
)


def with_payout(raw: dict[str, Any], payee: dict[str, Any]) -> dict[str, Any]:
    """Make a payout of a raw order."""
    return {**raw, "kind": "payout", "payout": {"payee": payee}}


raw_submissions = st.one_of(raw_orders, st.builds(with_payout, raw_orders, _PAYEE))
