"""Asks every rule engine for all hits of the same orders, and compares their speed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from features.catalog import load_catalog
from features.columnar import build_features
from features.errors import PreflightError
from features.history import read_history
from features.kinds import Value
from rules.bound import BoundBook
from rules.engines.compiled import CompiledEngine
from training.bench.rule_books import SeededRule, seeded_rules
from training.bench.rule_rivals import CONTESTANTS, OURS, Ask
from training.simulate.history import simulate_history

DAYS = 60
SLOW_ROWS = 100
"""Rows for a contestant that takes more than a millisecond for one; its time is per row."""
_SLOW_SECONDS = 1e-3

Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class EngineSpeed:
    """Microseconds for one order with all hits: the best round, by the clock and by the CPU."""

    name: str
    rules: int
    rows: int
    wall_us: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class EngineComparison:
    """All engines over one book; `left_out` says which are not installed."""

    rules: int
    hits_per_order: float
    speeds: tuple[EngineSpeed, ...]
    left_out: tuple[str, ...]

    def times_slower(self, speed: EngineSpeed) -> float:
        """Say how many times the CPU time of ours an engine takes for an order."""
        ours = next(one for one in self.speeds if one.name == OURS)
        return speed.cpu_us / ours.cpu_us


def simulated_rows(orders: int, wanted: int, seed: int, catalog_path: Path) -> list[Row]:
    """Give the features of the last orders of a simulated history; what is missing is 0 here.

    The engines differ in what missing means; over whole rows they must agree.
    """
    with TemporaryDirectory() as folder:
        place = Path(folder) / "history"
        simulate_history(orders, DAYS, seed, place)
        features = build_features(read_history(place), load_catalog(catalog_path))
    names = load_catalog(catalog_path).names
    rows = features.select(names).tail(wanted).fill_null(0.0).fill_nan(0.0).to_dicts()
    return [{name: round(float(value), 3) for name, value in row.items()} for row in rows]


def compare_engines(
    rows: Sequence[Row], count: int, rounds: int, seed: int, names: Sequence[str]
) -> EngineComparison:
    """Time the named engines over one seeded book; raises PreflightError where two disagree."""
    columns = {name: [float(row[name]) for row in rows] for name in rows[0]}
    rules = seeded_rules(count, columns, seed)
    expected = [CONTESTANTS[OURS](rules)(row) for row in rows[:SLOW_ROWS]]
    asks: dict[str, Ask] = {}
    for name in names:
        try:
            asks[name] = CONTESTANTS[name](rules)
        except ImportError:
            continue
        _check_agreement(name, rules, rows, asks[name], expected)
    hits = sum(map(len, expected)) / len(expected)
    left_out = tuple(name for name in names if name not in asks)
    return EngineComparison(count, hits, _speeds(asks, count, rows, rounds), left_out)


def speed_of_book(name: str, book: BoundBook, rows: Sequence[Row], rounds: int) -> EngineSpeed:
    """Time the compiled engine over a book of any making, kinds checked."""
    engine = CompiledEngine(book)
    asks: Mapping[str, Ask] = {name: lambda row: engine.evaluate(row).hits}
    return _speeds(asks, len(book.conditions), rows, rounds)[0]


def _check_agreement(
    name: str,
    rules: Sequence[SeededRule],
    rows: Sequence[Row],
    ask: Ask,
    expected: Sequence[set[str] | frozenset[str]],
) -> None:
    for row, hits in zip(rows, expected, strict=False):
        found = ask(row)
        if found != hits:
            code = min(found ^ hits)
            text = next(rule.text() for rule in rules if rule.code == code)
            raise PreflightError(f"{name} and {OURS} differ on {code}: {text}, over {row}")


def _speeds(
    asks: Mapping[str, Ask], rules: int, rows: Sequence[Row], rounds: int
) -> tuple[EngineSpeed, ...]:
    """Time all in turn, round by round, so that what else the machine does meets each alike."""
    asked = {name: _rows_for(ask, rows) for name, ask in asks.items()}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in asks}
    for _ in range(rounds):
        for name, ask in asks.items():
            times[name].append(_round(ask, asked[name]))
    return tuple(_best(name, rules, len(asked[name]), times[name]) for name in asks)


def _rows_for(ask: Ask, rows: Sequence[Row]) -> Sequence[Row]:
    started = perf_counter()
    for row in rows[:10]:
        ask(row)
    slow = (perf_counter() - started) / 10 > _SLOW_SECONDS
    return rows[:SLOW_ROWS] if slow else rows


def _best(name: str, rules: int, n_rows: int, times: Sequence[tuple[float, float]]) -> EngineSpeed:
    wall, cpu = min(one[0] for one in times), min(one[1] for one in times)
    return EngineSpeed(name, rules, n_rows, 1e6 * wall / n_rows, 1e6 * cpu / n_rows)


def _round(ask: Ask, rows: Sequence[Row]) -> tuple[float, float]:
    wall, cpu = perf_counter(), process_time()
    for row in rows:
        ask(row)
    return perf_counter() - wall, process_time() - cpu
