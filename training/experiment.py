"""Train on one period, test on a later one, measure; nothing is chosen on the test."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np
import pandas as pd

from features.progress import Progress, silent
from training.bootstrap import Interval, bootstrap
from training.dataset import (
    ALL,
    RAW,
    Dataset,
    build_dataset,
    feature_families,
    open_catalog,
)
from training.encode import encode, fit_encoding
from training.errors import ExperimentError
from training.evaluate import Metrics, Scored, measure
from training.fit import Choice, Rows, fit_head, probabilities
from training.groups import day_codes, entity_codes
from training.plan import Plan, Side, open_plan


@dataclass(frozen=True, slots=True)
class Seconds:
    """Wall time: of building the features, and of fitting the first model."""

    features: float
    training: float


@dataclass(frozen=True, slots=True)
class SeedResult:
    """What one seed gave."""

    seed: int
    metrics: Metrics
    choice: Choice


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of an experiment; `seeds[0]` is the headline."""

    target: str
    late_labels: bool
    train_rows: int
    train_positives: int
    train_censored: int
    test_rows: int
    test_positives: int
    test_censored: int
    features: tuple[str, ...]
    seconds: Seconds
    seeds: tuple[SeedResult, ...]
    intervals: dict[str, Interval]


def run_experiment(plan: Plan, progress: Progress = silent) -> Report:
    """Run the plan; the same plan gives the same figures.

    Raises ExperimentError for periods, filters or a target that measure nothing, CatalogError
    for a catalog that reads what is known only after submission.
    """
    if plan.features not in (RAW, ALL):
        raise ExperimentError(f"--features is {RAW} or {ALL}, not {plan.features!r}")
    opened = open_plan(plan)
    history, protocol, train, test = opened.history, opened.protocol, opened.train, opened.test
    catalog = open_catalog(history, plan.catalog)
    entities = entity_codes(history, catalog, plan.entity)
    started = perf_counter()
    data = build_dataset(history, catalog, plan.features, progress)
    built = perf_counter() - started
    rows, matrix = _prepare(data, train, test)
    scored_days = day_codes(history, catalog, by_sequence=protocol.by_sequence)[test.rows]
    results: list[SeedResult] = []
    trained = 0.0
    headline: Scored | None = None
    for done, seed in enumerate(plan.seeds):
        progress(done, len(plan.seeds), f"seed {seed}")
        started = perf_counter()
        fitted = fit_head(rows, seed)
        trained = trained or perf_counter() - started
        scored = Scored(
            labels=test.labels.astype(np.int64),
            probabilities=probabilities(fitted, matrix),
            days=scored_days,
            entities=None if entities is None else entities[test.rows],
        )
        headline = headline or scored
        results.append(SeedResult(seed, measure(scored), fitted.choice))
    progress(len(plan.seeds), len(plan.seeds), "bootstrap")
    return Report(
        target=plan.target,
        late_labels=plan.late_labels,
        train_rows=len(train.rows),
        train_positives=int(train.labels.sum()),
        train_censored=train.censored,
        test_rows=len(test.rows),
        test_positives=int(test.labels.sum()),
        test_censored=test.censored,
        features=data.names,
        seconds=Seconds(round(built, 3), round(trained, 3)),
        seeds=tuple(results),
        intervals=bootstrap(headline, plan.bootstrap, plan.seeds[0]) if headline else {},
    )


def _prepare(data: Dataset, train: Side, test: Side) -> tuple[Rows, pd.DataFrame]:
    if not data.names:
        raise ExperimentError("the catalog has no raw feature; add `fields`, or use --features all")
    learned = data.features[train.rows]
    encoding = fit_encoding(learned, data.catalog, data.names)
    rows = Rows(
        matrix=encode(learned, encoding),
        labels=train.labels,
        families=feature_families(data.catalog, data.names),
    )
    return rows, encode(data.features[test.rows], encoding)
