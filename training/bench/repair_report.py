"""What `preflight bench repairs` measures, and how it is shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from features.history import read_history
from features.live import LiveState
from features.progress import Progress, silent
from rules.book import Book
from rules.packs import load_packs
from rules.terms import Terms
from training.bench.book_share import Share
from training.bench.repair_count import (
    LEAST_RIGHT,
    FaultCount,
    RepairCount,
    count_repairs,
    together,
)
from training.bench.repair_play import Group, RepairPlay
from training.simulate.history import simulate_history
from training.simulate.scenario import Scenario

_DAYS = 60
_TITLES: Mapping[Group, str] = {
    Group.FAULT: "faults of the simulated worlds",
    Group.STRIPPED: "the same, the record taken away",
    Group.UNDECIDABLE: "faults that no record tells",
    Group.PLANTED: "planted mistakes",
}


@dataclass(frozen=True, slots=True)
class RepairReport:
    """One book, one seed, some scenarios."""

    book: str
    """The version of the book."""
    orders: int
    """Of each scenario."""
    seed: int
    scenarios: tuple[RepairCount, ...]

    @property
    def meets_targets(self) -> bool:
        """Whether every scenario meets every target."""
        return all(one.meets_targets for one in self.scenarios)

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "book": self.book,
            "orders": self.orders,
            "seed": self.seed,
            "targets": {"least_right": LEAST_RIGHT, "standing": 1.0, "silent": 0},
            "meets_targets": self.meets_targets,
            "all": together(self.scenarios).as_json(),
            "scenarios": [one.as_json() for one in self.scenarios],
        }

    def lines(self) -> Iterator[str]:
        """Write it as lines for people."""
        yield f"book {self.book}, {self.orders:,} orders of each scenario, seed {self.seed}"
        yield f"put right by the first candidate, target {LEAST_RIGHT:.0%}:"
        for one in self.scenarios:
            faults, planted = (_shown(one.of(group)) for group in (Group.FAULT, Group.PLANTED))
            yield f"  {one.scenario:<14}{faults}; planted {planted}"
        every = together(self.scenarios)
        for group, title in _TITLES.items():
            yield from _table(title, every.groups.get(group, {}))
        patches = every.offers
        yield ""
        yield f"patches offered: {patches.offered:,}; {patches.standing:,} stand when judged anew"
        yield f"  change what the buyer pays and do not say so: {patches.silent}"
        yield f"  make an order that a rule then asks a person about: {patches.asking}"
        yield f"  offered for an order without a fault: {patches.unasked}"
        yield f"targets {'met' if self.meets_targets else 'missed'}"


def measure_repairs(
    book: Book,
    scenarios: Sequence[Scenario],
    orders: int,
    seed: int,
    progress: Progress = silent,
) -> RepairReport:
    """Simulate each scenario in a folder that is removed again, and repair its orders.

    Raises ScenarioError for counts that make no history.
    """
    terms, counted, total = Terms(book, load_packs()), [], len(scenarios) * orders
    for number, scenario in enumerate(scenarios):
        before = number * orders
        progress(before, total, f"{scenario.name}, simulate")
        with TemporaryDirectory() as folder:
            place = Path(folder) / "history"
            simulate_history(orders, _DAYS, seed, place, scenario=scenario)
            history, rows = read_history(place), pl.read_parquet(place / "truth.parquet")
        truth = {row["order_id"]: row for row in rows.iter_rows(named=True)}
        play = RepairPlay(history, truth, terms, LiveState(book.catalog))
        watched = _part_of_it(progress, before, total, scenario.name)
        counted.append(count_repairs(scenario.name, play.play(watched)))
    return RepairReport(book.version, orders, seed, tuple(counted))


def _part_of_it(progress: Progress, before: int, total: int, name: str) -> Progress:
    return lambda done, _, what: progress(before + done, total, f"{name}, {what}")


def _table(title: str, faults: Mapping[str, FaultCount]) -> Iterator[str]:
    yield ""
    yield f"{title:<34}{'orders':>7}{'first':>9}{'listed':>9}{'certain':>9}{'wrongly':>9}"
    for name in sorted(faults):
        one = faults[name]
        first, listed = (Share(part, one.orders).value or 0 for part in (one.first, one.listed))
        yield (
            f"  {name:<32}{one.orders:>7,}{first:>9.1%}{listed:>9.1%}"
            f"{one.certain:>9,}{one.certain_wrong:>9,}"
        )


def _shown(count: FaultCount) -> str:
    return f"{count.first:,} of {count.orders:,}, {Share(count.first, count.orders)}"
