"""The shipped book and packs, fakes for state and model, and a short way to decide."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from features.catalog import Catalog, load_catalog
from features.edge import order_from_dict
from features.kinds import Value
from features.masking import Masker
from features.order import Order
from rules.book import Book, load_book
from rules.decide import decide
from rules.decision import Decision
from rules.packs import Packs, load_packs
from rules.terms import Terms

AS_OF_US = 1_773_196_200_000_000
Decide = Callable[..., Decision]
MakeOrder = Callable[..., Order]


@dataclass(frozen=True)
class FixedScorer:
    """A model that always answers the same."""

    answers: Mapping[str, float]
    version: str = "fixed"
    schema_hash: str = "fixed"

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(self.answers)

    def probabilities(self, features: Mapping[str, Value]) -> dict[str, float]:
        return dict(self.answers)


@dataclass
class FakeState:
    """State that knows what a test tells it, and counts how often it is read."""

    features: Mapping[str, Value] = field(default_factory=dict)
    reads: int = 0

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        self.reads += 1
        return dict(self.features)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="session")
def book(catalog: Catalog) -> Book:
    return load_book(catalog=catalog)


@pytest.fixture(scope="session")
def packs() -> Packs:
    return load_packs()


@pytest.fixture(scope="session")
def fixed_scorer() -> type[FixedScorer]:
    return FixedScorer


@pytest.fixture(scope="session")
def fake_state() -> type[FakeState]:
    return FakeState


@pytest.fixture
def make_order(order_fields: dict[str, Any], masker: Masker) -> MakeOrder:
    """The clean order with some fields replaced; None takes a field away."""

    def make(**changes: Any) -> Order:
        fields = {**order_fields, **changes}
        kept = {name: value for name, value in fields.items() if value is not None}
        return order_from_dict(kept, masker)

    return make


@pytest.fixture
def decide_on(book: Book, packs: Packs) -> Decide:
    """Decide on an order with the shipped book and packs."""

    def judge(order: Order, state: Any = None, scorer: Any = None, **changes: Any) -> Decision:
        past = changes.pop("past", None)
        terms = replace(Terms(book, packs, scorer), **changes)
        return decide(order, state, terms, AS_OF_US, past)

    return judge


@pytest.fixture
def book_from(tmp_path: Path, catalog: Catalog) -> Callable[[str], Book]:
    """A book from the YAML text of one file."""

    def load(text: str) -> Book:
        (tmp_path / "book.yaml").write_text(text, encoding="utf-8")
        return load_book(tmp_path, catalog)

    return load


@pytest.fixture(scope="session")
def random_language() -> ModuleType:
    """Random expressions and rows, shared with tests/expression."""
    path = Path(__file__).parents[1] / "expression" / "strategies.py"
    spec = importlib.util.spec_from_file_location("expression_strategies", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
