"""Fits one LightGBM model per head; the one door to the LightGBM Python package.

Every choice (feature family, number of rounds, calibration) is made on the last part of the
training rows, in time; then all training rows are fitted anew with what was chosen. The test
period is never seen here.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

# Read when the library loads: OpenMP's threads otherwise spin, and on a shared machine two of
# them took ten times as long as one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.calibration import Calibration
from training.calibrate import IDENTITY, calibrated_loss, choose_calibration
from training.merge import merge_models

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
Families = Mapping[str, Sequence[bool]]


@dataclass(frozen=True, slots=True)
class Learner:
    """Every number of the learner, chosen on earlier periods of three sets (docs/experiment.md)."""

    learning_rate: float = 0.05
    leaves: int = 15
    leaves_with_many_positives: int = 31
    many_positives: int = 5_000
    min_orders_in_leaf: int = 20
    feature_share: float = 0.7
    row_share: float = 0.8
    l2: float = 1.0
    """A leaf of 20 orders at 1 % weighs 0.2 in this sum: 5 would all but forbid rare waves."""

    rounds: tuple[int, ...] = (25, 50, 75, 100)
    members: int = 4
    validation_share: float = 0.25
    min_validation_positives: int = 20
    max_validation_rows: int = 300_000
    rows_for_threads: int = 300_000
    """With fewer rows threads wait for each other: 20,000 took 20 s on one, 55 s on two."""

    def parameters(self, seed: int, labels: NDArray[Any]) -> dict[str, Any]:
        """Name these numbers as LightGBM does; the same seed gives the same trees."""
        many = int(labels.sum()) >= self.many_positives
        cores = len(os.sched_getaffinity(0)) if len(labels) >= self.rows_for_threads else 1
        return {
            "objective": "binary",
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves_with_many_positives if many else self.leaves,
            "min_data_in_leaf": self.min_orders_in_leaf,
            "feature_fraction": self.feature_share,
            "bagging_fraction": self.row_share,
            "bagging_freq": 1,
            "lambda_l2": self.l2,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": cores,
            "verbosity": -1,
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """What the last part of the training rows preferred; `families` are averaged."""

    families: tuple[str, ...]
    rounds: int
    validation_log_loss: float | None


@dataclass(frozen=True, slots=True)
class FittedHead:
    """One head: LightGBM text over all inputs, its calibration, and how it was chosen."""

    text: str
    calibration: Calibration
    choice: Choice
    rows: int
    positives: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Training rows in the order of time: `matrix` (orders, features), `labels` 0 or 1.

    `families` are sets of inputs that may be split on, one flag per input. A text stands as the
    rank of its value by frequency: LightGBM's own categorical splits overfitted rare goods codes
    (docs/experiment.md).
    """

    matrix: pd.DataFrame
    labels: Labels
    families: Families


def fit_head(rows: Rows, seed: int, learner: Learner | None = None) -> FittedHead:
    """Choose and calibrate on the last part of the rows, then fit them all."""
    learner = learner or Learner()
    cut = _cut(rows.labels, learner)
    choice, calibration = _default(rows, learner), IDENTITY
    if cut is not None:
        early, late = _part(rows, _start(cut, learner), cut), _part(rows, cut, len(rows.labels))
        choice = _choose(early, late, seed, learner)
        text = _fit_bag(early, choice, seed, learner)
        calibration = choose_calibration(margins(text, late.matrix), late.labels)
    return FittedHead(
        text=_fit_bag(rows, choice, seed, learner),
        calibration=calibration,
        choice=choice,
        rows=len(rows.labels),
        positives=int(rows.labels.sum()),
    )


def refit(rows: Rows, fitted: FittedHead, seed: int, learner: Learner | None = None) -> FittedHead:
    """Fit anew on more rows with what was chosen and calibrated before."""
    return replace(
        fitted,
        text=_fit_bag(rows, fitted.choice, seed, learner or Learner()),
        rows=len(rows.labels),
        positives=int(rows.labels.sum()),
    )


def margins(text: str, matrix: pd.DataFrame) -> Floats:
    """Give every row's margin; the same numbers as `models.lightgbm_lib`, row by row."""
    booster = lgb.Booster(model_str=text)
    return np.asarray(booster.predict(matrix, raw_score=True), dtype=np.float64)


def probabilities(fitted: FittedHead, matrix: pd.DataFrame) -> Floats:
    """Give every row's calibrated probability."""
    return np.array([fitted.calibration.probability(m) for m in margins(fitted.text, matrix)])


def _cut(labels: Labels, learner: Learner) -> int | None:
    """Where the validation part begins; None when either part has too few positives."""
    cut = int(len(labels) * (1 - learner.validation_share))
    rare = min(int(part.sum()) for part in (labels[:cut], labels[cut:]))
    common = min(int((1 - part).sum()) for part in (labels[:cut], labels[cut:]))
    return cut if min(rare, common) >= learner.min_validation_positives else None


def _start(cut: int, learner: Learner) -> int:
    return max(0, cut - learner.max_validation_rows)


def _part(rows: Rows, start: int, end: int) -> Rows:
    return Rows(rows.matrix.iloc[start:end], rows.labels[start:end], rows.families)


def _default(rows: Rows, learner: Learner) -> Choice:
    """Without enough positives to choose by: few rounds, all families averaged."""
    return Choice(tuple(rows.families), learner.rounds[1], None)


def _choose(early: Rows, late: Rows, seed: int, learner: Learner) -> Choice:
    data = _dataset(early)
    curves = {
        name: _curve(_train(data, used, seed, max(learner.rounds), learner), late, learner)
        for name, used in early.families.items()
    }
    singles = [(name,) for name in curves]
    candidates: list[tuple[str, ...]] = [*singles, *combinations(curves, 2)]
    choices = [
        Choice(names, rounds, _loss([curves[name][rounds] for name in names], late.labels))
        for names in candidates
        for rounds in learner.rounds
    ]
    return min(choices, key=lambda choice: choice.validation_log_loss or 0.0)


def _curve(booster: lgb.Booster, late: Rows, learner: Learner) -> dict[int, Floats]:
    return {
        rounds: np.asarray(booster.predict(late.matrix, raw_score=True, num_iteration=rounds))
        for rounds in learner.rounds
    }


def _loss(curves: Sequence[Floats], labels: Labels) -> float:
    return calibrated_loss(np.mean(curves, axis=0), labels)


def _fit_bag(rows: Rows, choice: Choice, seed: int, learner: Learner) -> str:
    """Fit the members with seeds of their own and average them into one model."""
    data = _dataset(rows)
    texts = []
    for member in range(learner.members):
        used = rows.families[choice.families[member % len(choice.families)]]
        booster = _train(data, used, seed * 1000 + member, choice.rounds, learner)
        texts.append(booster.model_to_string(num_iteration=choice.rounds))
    return merge_models(texts)


def _dataset(rows: Rows) -> lgb.Dataset:
    return lgb.Dataset(
        rows.matrix,
        rows.labels,
        free_raw_data=False,
        params={"verbosity": -1, "feature_pre_filter": False},
    )


def _train(
    data: lgb.Dataset, used: Sequence[bool], seed: int, rounds: int, learner: Learner
) -> lgb.Booster:
    """Fit with the gain of unused inputs multiplied by zero, so that they are never split on."""
    parameters = learner.parameters(seed, np.asarray(data.get_label()))
    if not all(used):
        parameters["feature_contri"] = [float(flag) for flag in used]
    return lgb.train(parameters, data, rounds)
