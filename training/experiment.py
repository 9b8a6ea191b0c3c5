"""Train on one period, test on a later one, measure; nothing is chosen on the test."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from features.history import History, read_history
from features.progress import Progress, silent
from training.dataset import (
    ALL,
    RAW,
    Dataset,
    build_dataset,
    feature_families,
    open_catalog,
    orders_where,
)
from training.encode import encode, fit_encoding
from training.errors import ExperimentError
from training.evaluate import Interval, Metrics, Scored, bootstrap, measure
from training.fit import Choice, Rows, fit_head, probabilities
from training.groups import day_codes, entity_codes
from training.labels import head_labels
from training.sources.conditions import filter_orders
from training.split import Protocol, make_protocol, positions

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, as the user said it."""

    history: Path
    target: str
    train_from: str
    train_until: str
    embargo: str
    test_from: str
    test_until: str
    catalog: Path | None = None
    features: str = "all"
    filter: str | None = None
    test_filter: str | None = None
    entity: str | None = None
    seeds: tuple[int, ...] = (1,)
    bootstrap: int = 200


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


@dataclass(frozen=True, slots=True)
class _Side:
    """One period's rows, in time; `censored` were left out for want of a label."""

    rows: NDArray[np.int64]
    labels: NDArray[np.int8]
    censored: int


def run_experiment(plan: Plan, progress: Progress = silent) -> Report:
    """Run the plan; the same plan gives the same figures.

    Raises ExperimentError for periods, filters or a target that measure nothing, CatalogError
    for a catalog that reads what is known only after submission.
    """
    if plan.features not in (RAW, ALL):
        raise ExperimentError(f"--features is {RAW} or {ALL}, not {plan.features!r}")
    history, protocol, kept, tested = _open(plan)
    catalog = open_catalog(history, plan.catalog)
    train, test = _sides(plan, history, protocol, kept, tested)
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


def _open(plan: Plan) -> tuple[History, Protocol, Mask, Mask]:
    """Read what lies before the test's end; nothing later is there to be seen."""
    whole = read_history(plan.history)
    protocol = make_protocol(
        whole,
        train_from=plan.train_from,
        train_until=plan.train_until,
        embargo=plan.embargo,
        test_from=plan.test_from,
        test_until=plan.test_until,
    )
    seen = positions(whole) < protocol.test.end
    history = orders_where(whole, pl.Series(seen))
    if not history.orders.height:
        raise ExperimentError(
            f"{plan.history} holds no order before --test-until {plan.test_until}"
        )
    kept = _condition(whole, plan.filter)[seen]
    return history, protocol, kept, kept & _condition(whole, plan.test_filter)[seen]


def _condition(whole: History, condition: str | None) -> Mask:
    if condition is None:
        return np.ones(whole.orders.height, dtype=bool)
    return filter_orders(whole.folder, condition).to_numpy()


def _sides(
    plan: Plan, history: History, protocol: Protocol, kept: Mask, tested: Mask
) -> tuple[_Side, _Side]:
    places = positions(history)
    known = head_labels(history, plan.target, protocol.labels_known_before_us)
    truth = head_labels(history, plan.target)
    train = _side("train", plan.target, protocol.train.mask(places) & kept, known)
    return train, _side("test", plan.target, protocol.test.mask(places) & tested, truth)


def _side(name: str, target: str, inside: Mask, labels: pl.Series) -> _Side:
    known = labels.is_not_null().to_numpy()
    rows = np.flatnonzero(inside & known)
    censored = int((inside & ~known).sum())
    found = labels.gather(rows).to_numpy().astype(np.int8)
    if not len(rows):
        raise ExperimentError(_emptiness(name, target, int(inside.sum()), censored))
    if found.min() == found.max():
        raise ExperimentError(
            f"the {name} period has {len(rows):,} orders and all are labelled {found[0]} for "
            f"{target!r}; both kinds are needed: take a longer period, or another --target"
        )
    return _Side(rows, found, censored)


def _emptiness(name: str, target: str, inside: int, censored: int) -> str:
    if not inside:
        return (
            f"the {name} period has no order that the filter keeps; "
            f"check --{name}-from, --{name}-until and the filters"
        )
    return (
        f"none of the {censored:,} orders of the {name} period has a label for {target!r}: their "
        "outcomes are not final, of another kind, or (train) arrived only after the embargo"
    )


def _prepare(data: Dataset, train: _Side, test: _Side) -> tuple[Rows, pd.DataFrame]:
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
