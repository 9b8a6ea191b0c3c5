"""The shipped book and packs, and what the tests of waiting share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from features.edge import order_from_dict
from features.masking import Masker
from features.order import Order
from rules.book import Book, load_book
from rules.packs import Packs, load_packs

MakeOrder = Callable[..., Order]


@pytest.fixture(scope="session")
def book() -> Book:
    return load_book()


@pytest.fixture(scope="session")
def packs() -> Packs:
    return load_packs()


@pytest.fixture
def make_order(order_fields: dict[str, Any], masker: Masker) -> MakeOrder:
    """The clean order with some fields replaced; None takes a field away."""

    def make(**changes: Any) -> Order:
        fields = {**order_fields, **changes}
        kept = {name: value for name, value in fields.items() if value is not None}
        return order_from_dict(kept, masker)

    return make


@pytest.fixture
def book_from(tmp_path: Path) -> Callable[..., Book]:
    """A book from the YAML text of one file, over the catalog that is given or the shipped one."""

    def load(text: str, catalog: Any = None) -> Book:
        (tmp_path / "book.yaml").write_text(text, encoding="utf-8")
        return load_book(tmp_path, catalog)

    return load
