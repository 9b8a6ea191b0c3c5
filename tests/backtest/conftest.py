"""Small simulated histories, two settings, and the slow way to decide on every order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from features.catalog import Catalog, load_catalog
from features.columnar import build_features
from features.facts import order_facts
from features.history import History, read_history
from features.history_schema import order_from_row
from features.live import LiveState
from features.times import to_us
from rules.decide import decide
from rules.decision import Decision
from rules.terms import Terms
from training.backtest.decided import Court
from training.backtest.known import reads_of
from training.backtest.lists_then import ListsInTime, OneState
from training.backtest.pricing import Model
from training.backtest.setting import Setting, Sources, load_setting
from training.backtest.slices import Slice, of_rule_kinds
from training.bench.book_play import Answers, outcomes_of
from training.simulate.history import simulate_history
from training.simulate.scenario_file import load_scenario

SHIPPED = Path(__file__).parents[2] / "rules" / "book"
ORDERS, DAYS = 160, 20
END = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@dataclass(frozen=True)
class Played:
    """A history, its orders with features, and where it lies."""

    history: History
    orders: Slice


@pytest.fixture(scope="session")
def play(
    tmp_path_factory: pytest.TempPathFactory, catalog: Catalog
) -> Callable[[str, int], Played]:
    """Simulate a scenario and build its features, once for each seed."""
    made: dict[tuple[str, int], Played] = {}

    def played(scenario: str, seed: int) -> Played:
        if (scenario, seed) not in made:
            place = tmp_path_factory.mktemp("played") / "history"
            simulate_history(ORDERS, DAYS, seed, place, end=END, scenario=load_scenario(scenario))
            history = read_history(place)
            features = of_rule_kinds(build_features(history, catalog), catalog)
            made[scenario, seed] = Played(history, Slice(history.orders, features))
        return made[scenario, seed]

    return played


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Setting:
    return load_setting("old", Sources(), tmp_path_factory.mktemp("home"), catalog)


@pytest.fixture(scope="session")
def edited_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped book with a threshold lowered, a warning raised to a review, a rule removed."""
    folder = tmp_path_factory.mktemp("edited")
    for path in SHIPPED.glob("*.yaml"):
        (folder / path.name).write_text(edited(path.read_text("utf-8")), "utf-8")
    return folder


def edited(text: str) -> str:
    before, found, after = text.partition("  - code: ADDRESS_DISPERSION\n")
    after = after.replace("severity: warn", "severity: confirm", 1)
    after = after.replace("value: 4,", "value: 3,", 1)
    text = before + found + after
    kept = [
        rule for rule in text.split("\n  - code: ") if not rule.startswith("SUBJECT_OF_ANOTHER")
    ]
    return "\n  - code: ".join(kept)


@pytest.fixture(scope="session")
def edited_setting(edited_book: Path, shipped: Setting, catalog: Catalog) -> Setting:
    sources = Sources(book=edited_book)
    return load_setting("new", sources, edited_book, catalog)


def court_over(
    old: Setting,
    new: Setting,
    catalog: Catalog,
    lists: ListsInTime | None = None,
    model: Model | None = None,
) -> Court:
    reads = reads_of((old, new), catalog)
    return Court((old, new), catalog, reads, lists or OneState(), model)


def one_by_one(
    history: History, setting: Setting, lists: ListsInTime, scorer: Any = None
) -> Iterator[Decision]:
    """Decide on every order as it arrived, from a live state, by the lists of its instant."""
    terms = Terms(setting.book, setting.packs, scorer, setting.costs)
    state, answers = LiveState(setting.book.catalog), Answers(outcomes_of(history))
    held = [
        found
        for start, end, found in lists.stretches(history.orders["as_of"].dt.epoch("us"))
        for _ in range(start, end)
    ]
    for row, fields in enumerate(history.orders.iter_rows(named=True)):
        order, as_of_us = order_from_row(fields), to_us(fields["as_of"])
        answers.tell(state, as_of_us)
        yield decide(order, state, replace(terms, lists=held[row]), as_of_us)
        state.apply_order(order_facts(order), as_of_us)
