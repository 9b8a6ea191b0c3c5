"""What a service receives: the orders and outcomes of a simulated history, in order of arrival."""

from collections.abc import Iterator
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import polars as pl

from features.catalog import Catalog, load_catalog
from features.facts import order_facts
from features.history import History, order_from_row, read_history
from features.kinds import Value
from features.live import LiveState
from features.times import to_us
from training.simulate.history import simulate_history

SIXTY = Path(__file__).with_name("catalog_60.yaml")
DAYS = 60


class Arrived(msgspec.Struct, frozen=True):
    """An order, with its facts, or an answer about one."""

    at_us: int
    order_id: str
    facts: dict[str, Value] | None = None
    outcome_class: str = ""
    final: bool = False


def sixty() -> Catalog:
    """Load what every benchmark means by 60 features."""
    return load_catalog(SIXTY)


def simulated(orders: int) -> Iterator[Arrived]:
    """Simulate a history and give its events one by one."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "history"
        simulate_history(orders, DAYS, 1, place)
        history = read_history(place)
        yield from merge(_orders(history), _answers(history), key=lambda event: event.at_us)


def take(state: LiveState, event: Arrived) -> None:
    """Let the state count an event."""
    if event.facts is None:
        state.apply_outcome(event.order_id, event.outcome_class, event.final, event.at_us)
    else:
        state.apply_order(event.facts, event.at_us)


def _orders(history: History) -> Iterator[Arrived]:
    for batch in history.orders.iter_slices(1_000):
        for row in batch.iter_rows(named=True):
            facts = order_facts(order_from_row(row))
            yield Arrived(to_us(row["as_of"]), str(facts["order_id"]), facts)


def _answers(history: History) -> Iterator[Arrived]:
    columns = (pl.col("received_at").dt.epoch("us"), "order_id", "outcome_class", "final")
    for at_us, order_id, outcome_class, final in history.outcomes.select(*columns).iter_rows():
        yield Arrived(at_us, order_id, None, outcome_class, final)
