"""Verdicts of a whole history at once: how long, and how much memory, once its features are built.

The sample that is repeated is real: facts, features and checks of simulated orders.
"""

import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import polars as pl

from features.catalog import load_catalog
from features.columnar import build_features
from features.facts import order_facts
from features.history import order_from_row, read_history
from features.kinds import Kind, Value
from features.times import to_us
from rules.book import load_book
from rules.bound import BoundBook, bind
from rules.engines.columnar import ColumnarEngine
from rules.pack_facts import check_facts
from rules.packs import load_packs
from training.bench.rule_books import bound_book, seeded_rules
from training.simulate.history import simulate_history

_DAYS = 60
_DTYPES = {
    Kind.NUMBER: pl.Float64,
    Kind.INSTANT: pl.Int64,
    Kind.TEXT: pl.String,
    Kind.BOOLEAN: pl.Boolean,
}


Known = dict[str, Value]


@dataclass(frozen=True, slots=True)
class HistorySpeed:
    """Verdicts over `rows` orders: seconds by the clock and of the CPU, best round; bytes."""

    book: str
    rules: int
    rows: int
    seconds: float
    cpu_seconds: float
    hits: int
    frame_bytes: int
    verdict_bytes: int
    peak_bytes: int


def shipped_book(channel: str) -> BoundBook:
    """Bind the shipped book to a channel."""
    return bind(load_book(), load_packs()[channel])


def shipped_book_over(
    sample: Sequence[Known], bound: BoundBook, rows: int, rounds: int
) -> HistorySpeed:
    """Evaluate a bound book over that many orders, repeated from a sample."""
    frame = pl.DataFrame(
        {
            name: pl.Series([row.get(name) for row in sample], dtype=_DTYPES[kind], strict=False)
            for name, kind in bound.kinds.items()
        }
    )
    return _evaluate("shipped", bound, _repeated(frame, rows), rounds)


def seeded_book_over(
    columns: Sequence[dict[str, Value]], count: int, rows: int, rounds: int, seed: int
) -> HistorySpeed:
    """Evaluate a seeded book over that many orders, repeated from whole rows."""
    values = {name: [float(row[name]) for row in columns] for name in columns[0]}
    bound = bound_book(seeded_rules(count, values, seed))
    return _evaluate("seeded", bound, _repeated(pl.DataFrame(values), rows), rounds)


def known_of_simulated(orders: int, seed: int, channel: str) -> list[Known]:
    """Give facts, features and checks of simulated orders, as each live answer reads them."""
    pack, catalog = load_packs()[channel], load_catalog()
    with TemporaryDirectory() as folder:
        place = Path(folder) / "history"
        simulate_history(orders, _DAYS, seed, place)
        history = read_history(place)
        features = build_features(history, catalog).to_dicts()
        known = [order_from_row(row) for row in history.orders.to_dicts()]
    rows: list[Known] = []
    for order, found in zip(known, features, strict=True):
        facts = order_facts(order)
        checks = check_facts(facts, pack, order, to_us(order.placed_at))
        numbers = {name: value for name, value in found.items() if name in catalog.units}
        stated = {name: value for name, value in numbers.items() if value is not None}
        rows.append({**stated, **facts, **checks})
    return rows


def _repeated(sample: pl.DataFrame, rows: int) -> pl.DataFrame:
    return pl.concat([sample] * -(-rows // sample.height)).head(rows).rechunk()


def _evaluate(name: str, bound: BoundBook, frame: pl.DataFrame, rounds: int) -> HistorySpeed:
    engine = ColumnarEngine(bound)
    engine.evaluate_frame(frame.head(1_000))
    times: list[tuple[float, float]] = []
    verdicts = pl.DataFrame()
    for _ in range(rounds):
        wall, cpu = perf_counter(), process_time()
        verdicts = engine.evaluate_frame(frame)
        times.append((perf_counter() - wall, process_time() - cpu))
    return HistorySpeed(
        book=name,
        rules=len(bound.conditions),
        rows=frame.height,
        seconds=min(one[0] for one in times),
        cpu_seconds=min(one[1] for one in times),
        hits=int(sum(verdicts.select(pl.all().sum()).row(0))),
        frame_bytes=int(frame.estimated_size()),
        verdict_bytes=int(verdicts.estimated_size()),
        peak_bytes=_peak_bytes(),
    )


def _peak_bytes() -> int:
    """Give the most memory that this process held: kilobytes on Linux, bytes on macOS."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
