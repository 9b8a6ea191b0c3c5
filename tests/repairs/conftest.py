"""The shipped book and packs, and a short way to decide on raw orders."""

from collections.abc import Callable
from typing import Any

import pytest

from features.edge import order_from_dict
from features.masking import Masker
from features.order import Order
from rules.book import Book
from rules.decide import decide
from rules.decision import Decision
from rules.packs import Packs
from rules.terms import Terms

AS_OF_US = 1_773_196_200_000_000
"""The instant at which the clean order is placed."""


@pytest.fixture(scope="session")
def terms(book: Book, packs: Packs) -> Terms:
    return Terms(book, packs)


@pytest.fixture
def raw(order_fields: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """The clean order as it is sent, some fields replaced; None takes a field away.

    Its record states all, `record_…` replaces a field of it.
    """

    def make(**changes: Any) -> dict[str, Any]:
        stated = {"discount_minor": 1_700, "freight_minor": 1_000, "tax_minor": 0}
        record = order_fields["record"] | stated | {"created_at": "2026-03-11T10:29:58+08:00"}
        for name in [name for name in changes if name.startswith("record_")]:
            record[name.removeprefix("record_")] = changes.pop(name)
        fields = order_fields | {"record": record} | changes
        return {name: value for name, value in fields.items() if value is not None}

    return make


@pytest.fixture
def read(masker: Masker) -> Callable[[dict[str, Any]], Order]:
    """Read a raw order as the service does."""
    return lambda fields: order_from_dict(fields, masker)


@pytest.fixture
def advise(terms: Terms, masker: Masker) -> Callable[..., Decision]:
    """Decide on a raw order, two seconds after the clean one was placed."""

    def judge(fields: dict[str, Any], as_of_us: int = AS_OF_US + 2_000_000) -> Decision:
        return decide(order_from_dict(fields, masker), None, terms, as_of_us)

    return judge
