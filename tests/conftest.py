"""What every test may ask for: a masker with a fixed key, one order, the shipped book and packs."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from features.catalog import Catalog, load_catalog
from features.edge import order_from_dict
from features.masking import Masker
from features.order import Order
from rules.book import Book, load_book
from rules.packs import Packs, load_packs

settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=50,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")

_LINES = [
    {"sku": "T-1", "quantity": 2, "unit_price_minor": 12_900, "list_price_minor": 14_900},
    {"sku": "T-2", "quantity": 1, "unit_price_minor": 5_900, "list_price_minor": 5_900},
]


@pytest.fixture(scope="session")
def masker() -> Masker:
    """A masker whose hashes are the same in every run."""
    return Masker(bytes(range(32)))


@pytest.fixture
def order_fields() -> dict[str, Any]:
    """A clean order as a caller sends it: 2 × 129.00 + 59.00 − 17.00 + 10.00 = 310.00 yuan."""
    return {
        "order_id": "A20260311000001",
        "merchant_id": "110234567001",
        "channel": "jd_pay",
        "placed_at": "2026-03-11T10:30:00+08:00",
        "amount_minor": 31_000,
        "currency": "CNY",
        "state": "created",
        "goods_kind": "physical",
        "subject": "保温杯和茶",
        "list_amount_minor": 35_700,
        "discount_minor": 1_700,
        "freight_minor": 1_000,
        "items": [{**line, "name": f"goods {line['sku']}"} for line in _LINES],
        "buyer": {"id": "buyer-1", "card": "6222021234567894"},
        "device": {"id": "device-1", "kind": "app", "ip": "203.0.113.7"},
        "receiver": {
            "name": "王芳",
            "phone": "13800138000",
            "province": "浙江省",
            "city": "杭州市",
            "line": "文三路 1 号",
        },
        "record": {
            "amount_minor": 31_000,
            "list_amount_minor": 35_700,
            "currency": "CNY",
            "subject": "保温杯和茶",
            "state": "created",
            "items": [dict(line) for line in _LINES],
        },
    }


@pytest.fixture
def order(order_fields: dict[str, Any], masker: Masker) -> Order:
    """The clean order, parsed."""
    return order_from_dict(order_fields, masker)


@pytest.fixture
def make_order(order_fields: dict[str, Any], masker: Masker) -> Callable[..., Order]:
    """The clean order with some fields replaced; None takes a field away."""

    def make(**changes: Any) -> Order:
        fields = {**order_fields, **changes}
        kept = {name: value for name, value in fields.items() if value is not None}
        return order_from_dict(kept, masker)

    return make


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The shipped catalog."""
    return load_catalog()


@pytest.fixture(scope="session")
def book(catalog: Catalog) -> Book:
    """The shipped book."""
    return load_book(catalog=catalog)


@pytest.fixture(scope="session")
def packs() -> Packs:
    """The shipped packs."""
    return load_packs()


@pytest.fixture
def book_from(tmp_path: Path, catalog: Catalog) -> Callable[..., Book]:
    """A book from the YAML text of one file, over a catalog or the shipped one."""

    def load(text: str, own: Catalog | None = None) -> Book:
        (tmp_path / "book.yaml").write_text(text, encoding="utf-8")
        return load_book(tmp_path, own or catalog)

    return load
