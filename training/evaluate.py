"""How good the probabilities are: ranking, alerts per day, calibration."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ECE_BINS = 15
ALERTS_PER_DAY = 100


@dataclass(frozen=True, slots=True)
class Scored:
    """What was measured on: row-aligned labels (0, 1), probabilities, days and entities.

    `entities` are dense codes, -1 where the order has none; None where no entity was named.
    """

    labels: Ints
    probabilities: Floats
    days: Ints
    entities: Ints | None = None

    def frame(self) -> pd.DataFrame:
        """Give it as one row per order: label, probability, day, entity."""
        entities = np.full(len(self.labels), -1) if self.entities is None else self.entities
        columns = (self.labels, self.probabilities, self.days, entities)
        names = ("label", "probability", "day", "entity")
        return pd.DataFrame(dict(zip(names, columns, strict=True)))


@dataclass(frozen=True, slots=True)
class Metrics:
    """Ranking and calibration on one test period; each in [0, 1]."""

    auc: float
    average_precision: float
    ece: float
    precision_at_100: float | None


def measure(scored: Scored) -> Metrics:
    """Compute every metric; both classes must be there."""
    return Metrics(
        auc=auc(scored.labels, scored.probabilities),
        average_precision=average_precision(scored.labels, scored.probabilities),
        ece=expected_calibration_error(scored.labels, scored.probabilities),
        precision_at_100=precision_at_k(scored) if scored.entities is not None else None,
    )


def auc(labels: Ints, probabilities: Floats, weights: Floats | None = None) -> float:
    """Area under the ROC curve; ties count half; `weights` are multiplicities of rows."""
    return float(roc_auc_score(labels, probabilities, sample_weight=weights))


def average_precision(labels: Ints, probabilities: Floats, weights: Floats | None = None) -> float:
    """Mean precision over recall steps, without interpolation; ties are one step."""
    return float(average_precision_score(labels, probabilities, sample_weight=weights))


def expected_calibration_error(labels: Ints, probabilities: Floats) -> float:
    """Mean |share of positives - mean probability| over 15 bins of equal size."""
    order = np.argsort(probabilities, kind="stable")
    bins = [rows for rows in np.array_split(order, ECE_BINS) if len(rows)]
    gaps = [abs(labels[rows].mean() - probabilities[rows].mean()) * len(rows) for rows in bins]
    return float(np.sum(gaps) / len(labels))


def precision_at_k(scored: Scored, k: int = ALERTS_PER_DAY) -> float:
    """Card precision@k of the Fraud Detection Handbook, for any entity.

    Each day the k entities with the highest probability of the day are inspected; precision is
    the share of k with a positive that day; an entity so detected is out from the next day on.
    The mean over days. Rows without the entity are left out.
    Source: fraud-detection-handbook.github.io, chapter 4, "Precision top-k metrics".
    """
    if scored.entities is None:
        raise ValueError("precision at k needs an entity")
    orders = scored.frame()
    orders = orders[orders["entity"] >= 0]
    detected: list[int] = []
    precisions = []
    for _, day in orders.groupby("day"):
        caught = _caught(day[~day["entity"].isin(detected)], k)
        precisions.append(len(caught) / k)
        detected += caught
    return float(np.mean(precisions)) if precisions else 0.0


def _caught(day: pd.DataFrame, k: int) -> list[int]:
    """Give the entities among the day's k most suspicious that have a positive."""
    ranked = day.groupby("entity").agg({"probability": "max", "label": "max"})
    top = ranked.sort_values("probability", ascending=False, kind="stable").head(k)
    return [int(entity) for entity in top.index[top["label"] == 1]]
