"""Everything that `preflight bench rules` measures, in one run, and how it is shown."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from features.errors import PreflightError
from training.bench.rule_history import (
    HistorySpeed,
    known_of_simulated,
    seeded_book_over,
    shipped_book,
    shipped_book_over,
)
from training.bench.rule_rivals import CONTESTANTS, OURS
from training.bench.rule_speed import (
    EngineComparison,
    EngineSpeed,
    compare_engines,
    simulated_rows,
    speed_of_book,
)

SIXTY = Path(__file__).parents[2] / "bench" / "catalog_60.yaml"
"""What every benchmark means by 60 features; it stands beside the source, not in the wheel."""
BOOKS = (50, 500)
CHANNEL = "jd_pay"
_SAMPLE = 5_000
_UNREADY = {500: ("durable-rules",)}
"""Its host refuses a fact that more than 64 of 500 rules match at once, with its error 303."""


@dataclass(frozen=True, slots=True)
class RuleReport:
    """Live speed by book, and history."""

    live: tuple[EngineComparison, ...]
    shipped: EngineSpeed
    history: tuple[HistorySpeed, ...]

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        live = [
            {**asdict(one), "times_slower": {s.name: one.times_slower(s) for s in one.speeds}}
            for one in self.live
        ]
        history = [asdict(one) for one in self.history]
        return {"live": live, "shipped": asdict(self.shipped), "history": history}

    def lines(self) -> list[str]:
        """Write it as lines for people."""
        lines = []
        for book in self.live:
            lines.append(f"{book.rules} rules, all hits of one order, µs: clock, CPU, times ours")
            lines += [
                f"  {one.name:<28}{one.wall_us:>12,.1f}{one.cpu_us:>12,.1f}"
                f"{book.times_slower(one):>8.1f}"
                for one in book.speeds
            ]
            lines += [f"  {name:<28} left out: not there" for name in book.left_out]
        lines.append(
            f"the shipped book over real orders, {self.shipped.rules} rules: "
            f"{self.shipped.wall_us:,.1f} µs by the clock, {self.shipped.cpu_us:,.1f} of the CPU"
        )
        lines.append("history: rules, orders, seconds by the clock, of the CPU, MB of peak memory")
        lines += [
            f"  {one.book:<12}{one.rules:>6}{one.rows:>12,}{one.seconds:>8.2f}"
            f"{one.cpu_seconds:>8.2f}{one.peak_bytes / 1e6:>10,.0f}"
            for one in self.history
        ]
        return lines


def measure_rules(orders: int, history_rows: int, rounds: int, seed: int) -> RuleReport:
    """Measure all; raises PreflightError where two engines disagree or the catalog is absent."""
    if not SIXTY.is_file():
        raise PreflightError(f"{SIXTY} is not there; run this from a checkout of the source")
    rows = simulated_rows(5 * orders, orders, seed, SIXTY)
    known, bound = known_of_simulated(_SAMPLE, seed, CHANNEL), shipped_book(CHANNEL)
    return RuleReport(
        live=tuple(_compare(rows, count, rounds, seed) for count in BOOKS),
        shipped=speed_of_book("shipped", bound, known[-orders:], rounds),
        history=(
            seeded_book_over(rows, BOOKS[0], history_rows, rounds, seed),
            shipped_book_over(known, bound, history_rows, rounds),
        ),
    )


def _compare(rows: Sequence[Any], count: int, rounds: int, seed: int) -> EngineComparison:
    names = [name for name in CONTESTANTS if name not in _UNREADY.get(count, ())]
    assert OURS in names
    return compare_engines(rows, count, rounds, seed, names)
