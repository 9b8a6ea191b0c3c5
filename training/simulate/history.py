"""Simulates a merchant's history and writes it as `import` writes one, with the truth beside it."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import msgspec
import polars as pl
from msgspec import Struct

from features.history import HistoryWriter
from features.outcome import REFUSALS
from features.times import to_us
from rules.packs import load_packs
from training.simulate.answers import give_answers, outcomes_frame
from training.simulate.attempts import draw_attempts
from training.simulate.codebook import Codebook
from training.simulate.goods import stock_shelf
from training.simulate.layout import orders_frame
from training.simulate.rhythm import DAY_US
from training.simulate.scenario import Scenario, ScenarioError
from training.simulate.scenario_file import load_scenario
from training.simulate.settlement import settle
from training.simulate.slices import WORLD, Span, cut_slices
from training.simulate.truth import truth_frame
from training.simulate.world import Carry, World, build_world

_MOST_DAYS = 3_650
_SEEDS_APART = 1_000_003


class SimulationReport(Struct, frozen=True, kw_only=True):
    """What was simulated: counts, and refusals by their true cause."""

    out: str
    scenario: str
    seed: int
    orders: int
    outcomes: int
    refused: int
    unresolved: int
    """Orders of which no final answer is known at the end."""
    causes: dict[str, int]


class _Pages:
    """Writes worlds, slice by slice, and counts what they hold."""

    def __init__(self, writer: HistoryWriter, book: Codebook) -> None:
        self._writer, self._book = writer, book
        self.orders = self.outcomes = self.refused = self.settled = 0
        self.causes: Counter[str] = Counter()

    def write(self, world: World) -> None:
        """Lay out one slice and write its orders, its outcomes and its truth."""
        attempts = draw_attempts(world, self._book)
        answers = give_answers(world, attempts)
        orders = orders_frame(world, attempts, self._book)
        outcomes = outcomes_frame(answers, orders["order_id"], self._book)
        truth = truth_frame(
            world, orders, attempts, settle(world, world.replies.accepted_us), self._book
        )
        self._writer.write_orders(orders)
        self._writer.write_outcomes(outcomes)
        self._writer.write_extra_part("truth", truth)
        self._count(orders, outcomes, truth)

    def _count(self, orders: pl.DataFrame, outcomes: pl.DataFrame, truth: pl.DataFrame) -> None:
        final = outcomes.filter("final").unique("order_id", keep="last", maintain_order=True)
        refusals = final.filter(pl.col("outcome_class").is_in(sorted(REFUSALS)))
        causes = truth.join(refusals, on="order_id", how="semi")["cause"].value_counts()
        self.causes.update(dict(causes.iter_rows()))
        self.orders += orders.height
        self.outcomes += outcomes.height
        self.refused += refusals.height
        self.settled += final.height


def simulate_history(
    orders: int,
    days: int,
    seed: int,
    out: Path,
    end: datetime | None = None,
    scenario: Scenario | None = None,
    *,
    overwrite: bool = False,
) -> SimulationReport:
    """Write a history of `days` days that ends at `end` (the scenario's own end by default).

    The same arguments always give the same bytes. Memory does not grow with the number of
    orders: one slice of time is drawn while the one before it is written.
    Raises ScenarioError for counts that make no history and HistoryError when `out` is in the way.
    """
    chosen = scenario or load_scenario()
    span = _span(orders, days, seed, end or chosen.end, chosen)
    book = Codebook(chosen, load_packs())
    with HistoryWriter(out, overwrite=overwrite) as writer:
        writer.manifest |= {
            "simulated": True,
            "source": f"simulated: scenario {chosen.name}, seed {seed}, {days} days",
            WORLD: msgspec.to_builtins(span),
        }
        pages = _Pages(writer, book)
        _write_all(pages, _worlds(chosen, span, book))
    return SimulationReport(
        out=str(out),
        scenario=chosen.name,
        seed=seed,
        orders=pages.orders,
        outcomes=pages.outcomes,
        refused=pages.refused,
        unresolved=pages.orders - pages.settled,
        causes=dict(pages.causes.most_common()),
    )


def _worlds(scenario: Scenario, span: Span, book: Codebook) -> Iterator[World]:
    shelf, carry = stock_shelf(span.seed), Carry.none()
    for piece in cut_slices(scenario, span):
        world, carry = build_world(scenario, piece, shelf, carry, book)
        yield world


def _write_all(pages: _Pages, worlds: Iterator[World]) -> None:
    """Write each slice while the next one is drawn; never more than two stand in memory."""
    writing: Future[None] | None = None
    with ThreadPoolExecutor(1) as pen:
        for world in worlds:
            if writing is not None:
                writing.result()
            writing = pen.submit(pages.write, world)
        if writing is not None:
            writing.result()


def _span(orders: int, days: int, seed: int, end: datetime, scenario: Scenario) -> Span:
    for name, value, least, most in (
        ("orders", orders, 100, None),
        ("days", days, 1, _MOST_DAYS),
        ("seed", seed, 0, None),
    ):
        if value < least or (most is not None and value > most):
            upper = f" and at most {most}" if most else ""
            raise ScenarioError(f"{name} is {value}, but must be at least {least}{upper}")
    end_us = to_us(end)
    return Span(seed + _SEEDS_APART * scenario.seed, end_us - days * DAY_US, end_us, orders)
