"""The shipped book and packs, fakes for state and model, and a short way to decide."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from features.kinds import Value
from features.order import Order
from rules.book import Book
from rules.decide import decide
from rules.decision import Decision
from rules.packs import Packs
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
def fixed_scorer() -> type[FixedScorer]:
    return FixedScorer


@pytest.fixture(scope="session")
def fake_state() -> type[FakeState]:
    return FakeState


@pytest.fixture
def decide_on(book: Book, packs: Packs) -> Decide:
    """Decide on an order with the shipped book and packs."""

    def judge(order: Order, state: Any = None, scorer: Any = None, **changes: Any) -> Decision:
        past = changes.pop("past", None)
        terms = replace(Terms(book, packs, scorer), **changes)
        return decide(order, state, terms, AS_OF_US, past)

    return judge


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
