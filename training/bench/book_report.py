"""What `preflight bench book` measures, scenario by scenario, and how it is shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from features.history import read_history
from features.progress import Progress, silent
from rules.book import Book
from rules.decision import Action
from rules.packs import load_packs
from training.bench.book_count import LEAST_CAUGHT, MOST_TOUCHED, BookCount, RuleCount, count
from training.bench.book_play import Part, play
from training.bench.book_share import Actions
from training.simulate.history import simulate_history
from training.simulate.scenario import Scenario

_DAYS = 60
_TITLES: Mapping[Part, str] = {
    Part.DECIDABLE: "decidable faults",
    Part.PROBABLE: "probable causes",
    Part.CLEAN: "clean orders",
    Part.DISPERSED: "clean, of gift senders",
    Part.QUERY_FIRST: "earlier attempt unresolved, to query first",
    Part.UNNOTICED: "faults that the channel let pass",
}


@dataclass(frozen=True, slots=True)
class BookReport:
    """One book, one seed, some scenarios."""

    book: str
    """The version of the book."""
    orders: int
    """Of each scenario."""
    seed: int
    scenarios: tuple[BookCount, ...]

    @property
    def meets_targets(self) -> bool:
        """Whether every scenario meets both targets."""
        return all(one.catches_enough and one.touches_little for one in self.scenarios)

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "book": self.book,
            "orders": self.orders,
            "seed": self.seed,
            "targets": {"least_caught": LEAST_CAUGHT, "most_touched": MOST_TOUCHED},
            "meets_targets": self.meets_targets,
            "scenarios": [one.as_json() for one in self.scenarios],
        }

    def lines(self) -> Iterator[str]:
        """Write it as lines for people."""
        yield f"book {self.book}, {self.orders:,} orders of each scenario, seed {self.seed}"
        for one in self.scenarios:
            yield from ("", one.scenario)
            yield from _faults(one)
            yield from _clean(one)
            yield from _rules(one.rules)


def measure_book(
    book: Book,
    scenarios: Sequence[Scenario],
    orders: int,
    seed: int,
    progress: Progress = silent,
) -> BookReport:
    """Simulate each scenario in a folder that is removed again, and decide on its orders.

    Raises ScenarioError for counts that make no history.
    """
    packs, counted, total = load_packs(), [], len(scenarios) * orders
    for number, scenario in enumerate(scenarios):
        before = number * orders
        progress(before, total, f"{scenario.name}, simulate")
        with TemporaryDirectory() as folder:
            place = Path(folder) / "history"
            simulate_history(orders, _DAYS, seed, place, scenario=scenario)
            history, truth = read_history(place), _truth(place)
        watched = _part_of_it(progress, before, total, scenario.name)
        counted.append(count(scenario.name, play(history, truth, book, packs, watched)))
    return BookReport(book.version, orders, seed, tuple(counted))


def _truth(place: Path) -> dict[str, dict[str, Any]]:
    rows = pl.read_parquet(place / "truth.parquet").iter_rows(named=True)
    return {row["order_id"]: row for row in rows}


def _part_of_it(progress: Progress, before: int, total: int, name: str) -> Progress:
    return lambda done, _, what: progress(before + done, total, f"{name}, {what}")


def _faults(one: BookCount) -> Iterator[str]:
    decidable, probable = one.parts[Part.DECIDABLE], one.parts[Part.PROBABLE]
    yield _titled(Part.DECIDABLE, decidable)
    yield (
        f"    stopped or sent to repair {decidable.certain}, with review {decidable.held}; "
        f"target {LEAST_CAUGHT:.0%}: {_met(one.catches_enough)}"
    )
    for cause, actions in one.causes[Part.DECIDABLE].items():
        if actions.certain.count < actions.orders:
            yield f"    not all of {cause}: {actions}"
    yield _titled(Part.PROBABLE, probable)
    yield f"    recall {probable.held}, precision {one.precision}"
    for cause, actions in one.causes[Part.PROBABLE].items():
        if actions.held.count:
            yield f"    some of {cause}: {actions}"


def _clean(one: BookCount) -> Iterator[str]:
    clean = one.parts[Part.CLEAN]
    yield _titled(Part.CLEAN, clean)
    yield (
        f"    touched {clean.held}: stopped {clean.share(Action.STOP)}, reviewed "
        f"{clean.share(Action.REVIEW)}; target {MOST_TOUCHED:.1%}: {_met(one.touches_little)}"
    )
    for part in (Part.DISPERSED, Part.QUERY_FIRST, Part.UNNOTICED):
        yield _titled(part, one.parts[part])


def _rules(rules: Sequence[RuleCount]) -> Iterator[str]:
    yield (
        f"  {'rules that hold orders':<36}{'hits':>7}{'faulty':>8}{'query first':>13}"
        f"{'false alarms':>14}{'precision':>11}"
    )
    for rule in rules:
        if rule.holds:
            share = rule.precision.value
            yield (
                f"  {rule.code:<36}{rule.hits:>7,}{rule.faulty:>8,}{rule.query_first:>13,}"
                f"{rule.false_alarms:>14,}{'–' if share is None else f'{share:.1%}':>11}"
            )
    only_told = sum(not rule.holds for rule in rules)
    yield f"  {only_told} more only gave a reason; --json counts them too."


def _titled(part: Part, actions: Actions) -> str:
    return f"  {_TITLES[part]}: {actions.orders:,}: {actions}"


def _met(met: bool) -> str:
    return "met" if met else "missed"
