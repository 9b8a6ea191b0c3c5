"""Makes a bundle of a history: one calibrated head for each refusal that has enough examples."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from features.history import History, read_history
from features.progress import Progress, silent
from features.times import from_us
from models.bundle import Bundle, Training, make_bundle
from models.encoding import Encoding
from training.card import write_card
from training.dataset import ALL, Dataset, build_dataset, feature_families, open_catalog
from training.encode import encode, fit_encoding
from training.errors import TrainingError
from training.evaluate import Metrics, Scored, measure
from training.fit import FittedHead, Learner, Rows, fit_head, probabilities, refit
from training.labels import POLICY_HEADS, head_labels
from training.split import instants

MIN_POSITIVES = 50
"""A head with fewer examples is not trained."""

TEST_SHARE = 0.2
"""The last part of the history in time, that the measured twin of the model never sees."""

EMBARGO_QUANTILE = 0.95
"""The gap before the test: so long that this share of the outcomes had arrived."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TrainedHead:
    """One head, and what its twin, trained until the test, reached; None: too few to measure."""

    name: str
    fitted: FittedHead
    metrics: Metrics | None


@dataclass(frozen=True, slots=True)
class Trained:
    """What training gives: the bundle, its heads, and why other heads have none."""

    bundle: Bundle
    heads: tuple[TrainedHead, ...]
    skipped: dict[str, str]
    embargo_us: int


@dataclass(frozen=True, slots=True)
class _Split:
    """The measured twin learns from `early`, by the labels known then, and is tested on `late`."""

    early: Mask
    late: Mask
    known_before_us: int
    embargo_us: int


def train(folder: Path, catalog: Path | None, seed: int, progress: Progress = silent) -> Trained:
    """Fit every head that the labels allow, on all of a history.

    Raises TrainingError when no head can be trained.
    """
    history = read_history(folder)
    data = build_dataset(history, open_catalog(history, catalog), ALL, progress)
    split = _split(history)
    encoding = fit_encoding(data.features, data.catalog, data.names)
    whole = encode(data.features, encoding)
    # The measured twin may not know which texts are frequent after its own time.
    seen = data.features.filter(pl.Series(split.early))
    until_test = encode(data.features, fit_encoding(seen, data.catalog, data.names))
    heads: list[TrainedHead] = []
    skipped: dict[str, str] = {}
    for done, name in enumerate(POLICY_HEADS):
        progress(done, len(POLICY_HEADS), name)
        found = _train_head(name, data, whole, until_test, split, seed)
        if isinstance(found, str):
            skipped[name] = found
        else:
            heads.append(found)
    if not heads:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in skipped.items())
        raise TrainingError(f"{folder} has too few refusals to learn from. {reasons}")
    progress(len(POLICY_HEADS), len(POLICY_HEADS), "bundle")
    return Trained(
        _bundle(data, encoding, heads, skipped, seed), tuple(heads), skipped, split.embargo_us
    )


def _split(history: History) -> _Split:
    times = instants(history)
    embargo_us = _embargo(history)
    start = int(np.quantile(times, 1 - TEST_SHARE))
    return _Split(times < start - embargo_us, times >= start, start, embargo_us)


def _embargo(history: History) -> int:
    """How long it takes until most final outcomes have arrived, in microseconds."""
    answered = history.outcomes.filter(pl.col("final")).join(
        history.orders.select("order_id", "as_of").unique("order_id"), on="order_id"
    )
    waits = (answered["received_at"] - answered["as_of"]).dt.total_microseconds()
    wait = waits.quantile(EMBARGO_QUANTILE)
    return max(0, int(wait)) if wait is not None else 0


def _train_head(
    name: str,
    data: Dataset,
    whole: pd.DataFrame,
    until_test: pd.DataFrame,
    split: _Split,
    seed: int,
) -> TrainedHead | str:
    """Fit one head, or say why not."""
    labels = head_labels(data.history, name)
    known = labels.is_not_null().to_numpy()
    answers = labels.fill_null(0).to_numpy().astype(np.int8)
    positives = int(answers.sum())
    if min(positives, int(known.sum()) - positives) < MIN_POSITIVES:
        return f"{positives} of {int(known.sum())} labelled orders, {MIN_POSITIVES} are needed"
    families = feature_families(data.catalog, data.names)
    rows = Rows(whole[known], answers[known], families)
    in_time = head_labels(data.history, name, split.known_before_us).is_not_null().to_numpy()
    early, late = split.early & in_time, split.late & known
    if not (_both_classes(answers[early]) and _both_classes(answers[late])):
        return TrainedHead(name, fit_head(rows, seed), None)
    twin = fit_head(Rows(until_test[early], answers[early], families), seed)
    chances = probabilities(twin, until_test[late])
    days = np.zeros(len(chances), dtype=np.int64)
    metrics = measure(Scored(answers[late].astype(np.int64), chances, days))
    return TrainedHead(name, refit(rows, twin, seed), metrics)


def _both_classes(labels: NDArray[np.int8]) -> bool:
    enough = Learner().min_validation_positives
    positives = int(labels.sum())
    return min(positives, len(labels) - positives) >= enough


def _bundle(
    data: Dataset,
    encoding: Encoding,
    heads: list[TrainedHead],
    skipped: dict[str, str],
    seed: int,
) -> Bundle:
    times = instants(data.history)
    training = Training(
        source=str(data.history.manifest.get("source", "")),
        simulated=bool(data.history.manifest.get("simulated", False)),
        train_from=from_us(int(times.min())).isoformat(),
        train_until=from_us(int(times.max())).isoformat(),
        rows=len(times),
        seed=seed,
        metrics={head.name: _figures(head) for head in heads},
    )
    return make_bundle(
        schema_hash=data.catalog.schema_hash,
        encoding=encoding,
        heads={head.name: (head.fitted.text, head.fitted.calibration) for head in heads},
        catalog_text=data.catalog.source_text,
        card=write_card(training, skipped),
        training=training,
    )


def _figures(head: TrainedHead) -> dict[str, float]:
    figures = {"rows": float(head.fitted.rows), "positives": float(head.fitted.positives)}
    if head.metrics is not None:
        figures |= {
            "auc": head.metrics.auc,
            "average_precision": head.metrics.average_precision,
            "ece": head.metrics.ece,
        }
    return figures
