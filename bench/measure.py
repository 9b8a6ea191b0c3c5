"""Measures what an order costs in each room, on a simulated history; figures are of this machine.

Run by `make bench`. Ratios hold between machines, absolutes do not.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from features.catalog import load_catalog
from features.columnar import build_features
from features.facts import order_facts
from features.history import History, order_from_row, read_history
from features.live import LiveState
from features.order import Order
from features.times import to_us
from rules.book import load_book
from rules.decide import decide
from rules.packs import load_packs
from rules.terms import Terms
from training.simulate.history import simulate_history

ORDERS = 20_000
ROUNDS = 2_000


def main() -> None:
    """Print one line per measurement, or JSON with --json."""
    with TemporaryDirectory() as folder:
        figures = measure(Path(folder) / "history")
    if "--json" in sys.argv[1:]:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:<44}{figure:>14,.1f}")


def measure(folder: Path) -> dict[str, float]:
    """Measure every room once it is warm."""
    simulate_history(1_000, 10, 1, folder.with_name("warm"))
    seconds = _seconds(lambda: simulate_history(ORDERS, 60, 1, folder))
    history = read_history(folder)
    catalog = load_catalog()
    build_features(read_history(folder.with_name("warm")), catalog)
    columnar = _seconds(lambda: build_features(history, catalog))
    return {
        "simulate, orders per second": ORDERS / seconds,
        f"columnar, {len(catalog.names)} features, orders per second": ORDERS / columnar,
        **_one_by_one(history),
    }


def _one_by_one(history: History) -> dict[str, float]:
    orders = [order_from_row(row) for row in history.orders.head(2 * ROUNDS).to_dicts()]
    state = LiveState(load_catalog())
    for order in orders[:ROUNDS]:
        state.apply_order(order_facts(order), to_us(order.placed_at))
    later = orders[ROUNDS:]
    return {
        "facts of an order, µs": _micros(order_facts, later),
        "live features, read, µs": _micros(lambda order: _read(state, order), later),
        "decide without a model, µs": _micros(_decider(state), later),
        "live features, apply, µs": _micros(
            lambda order: state.apply_order(order_facts(order), to_us(order.placed_at)), later
        ),
    }


def _read(state: LiveState, order: Order) -> None:
    state.read(order_facts(order), to_us(order.placed_at))


def _decider(state: LiveState) -> Callable[[Order], object]:
    terms = Terms(load_book(), load_packs())
    return lambda order: decide(order, state, terms, to_us(order.placed_at))


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _micros(work: Callable[[Order], object], orders: Sequence[Order]) -> float:
    return _seconds(lambda: [work(order) for order in orders]) / len(orders) * 1e6


if __name__ == "__main__":
    main()
