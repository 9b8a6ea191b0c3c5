"""Simulates a merchant's history and writes it as `import` writes one, with the truth beside it."""

from datetime import datetime
from pathlib import Path

import polars as pl
from msgspec import Struct

from features.history import HistoryWriter
from features.outcome import REFUSALS
from features.times import to_us
from rules.packs import load_packs
from training.simulate.answers import give_answers, outcomes_frame
from training.simulate.codebook import Codebook
from training.simulate.layout import orders_frame, truth_frame
from training.simulate.rhythm import DAY_US
from training.simulate.scenario import Scenario, ScenarioError, load_scenario
from training.simulate.stream import Span
from training.simulate.world import build_world

_MOST_DAYS = 3_650


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

    The same arguments always give the same bytes. Raises ScenarioError for counts that make no
    history and HistoryError when `out` is in the way.
    """
    world_like = scenario or load_scenario()
    span = _span(orders, days, seed, end or world_like.end)
    book = Codebook(world_like, load_packs())
    world = build_world(world_like, span, orders)
    frame = orders_frame(world)
    truth = truth_frame(world, frame)
    answers = give_answers(world_like, span, world.stream, world.channel, world.verdicts, book)
    outcomes = outcomes_frame(answers, frame["order_id"], book)
    with HistoryWriter(out, overwrite=overwrite) as writer:
        writer.manifest |= {
            "simulated": True,
            "source": f"simulated: scenario {world_like.name}, seed {seed}, {days} days",
        }
        writer.write_orders(frame)
        writer.write_outcomes(outcomes)
        writer.write_extra("truth", truth)
    return _report(world_like, seed, out, truth, outcomes)


def _span(orders: int, days: int, seed: int, end: datetime) -> Span:
    for name, value, least, most in (
        ("orders", orders, 100, None),
        ("days", days, 1, _MOST_DAYS),
        ("seed", seed, 0, None),
    ):
        if value < least or (most is not None and value > most):
            upper = f" and at most {most}" if most else ""
            raise ScenarioError(f"{name} is {value}, but must be at least {least}{upper}")
    end_us = to_us(end)
    return Span(seed, end_us - days * DAY_US, end_us)


def _report(
    scenario: Scenario, seed: int, out: Path, truth: pl.DataFrame, outcomes: pl.DataFrame
) -> SimulationReport:
    final = outcomes.filter("final")
    refusals = final.filter(pl.col("outcome_class").is_in(sorted(REFUSALS)))
    causes = truth.join(refusals, on="order_id", how="semi")["cause"].value_counts(sort=True)
    return SimulationReport(
        out=str(out),
        scenario=scenario.name,
        seed=seed,
        orders=truth.height,
        outcomes=outcomes.height,
        refused=refusals.height,
        unresolved=truth.height - final["order_id"].n_unique(),
        causes=dict(causes.iter_rows()),
    )
