"""How sure we are: what another draw of the same test would have given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluate import Floats, Ints, Scored

AUC = "auc"
AVERAGE_PRECISION = "average_precision"
METRICS = (AVERAGE_PRECISION, AUC)

INTERVAL_PERCENT = 95


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % percentile bootstrap interval."""

    low: float
    high: float

    def turned(self) -> "Interval":
        """Give the interval of the opposite difference."""
        return Interval(0.0 - self.high, 0.0 - self.low)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows from the most to the least probable, sorted once for many weightings.

    `last` is the last place of each run of equal probabilities; `labels` stand in that order.
    """

    order: Ints
    last: Ints
    labels: Floats

    def figures(self, weights: Floats) -> dict[str, float]:
        """Give both metrics of the rows taken `weights` times; both labels must be among them.

        The same as `training.evaluate` gives: ties count half, and are one step.
        """
        drawn = weights[self.order]
        caught = np.cumsum(drawn * self.labels)[self.last]
        taken = np.cumsum(drawn)[self.last]
        steps = np.diff(caught, prepend=0.0)
        passed = np.diff(taken - caught, prepend=0.0)
        positives, negatives = caught[-1], taken[-1] - caught[-1]
        precision = np.divide(caught, taken, out=np.zeros_like(caught), where=taken > 0)
        return {
            AVERAGE_PRECISION: float(steps @ precision / positives),
            AUC: float(passed @ (caught - steps / 2) / (positives * negatives)),
        }


def rank(labels: NDArray[np.integer], probabilities: Floats) -> Ranking:
    """Sort the rows by falling probability."""
    order = np.argsort(-probabilities, kind="stable")
    falling = probabilities[order]
    last = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
    return Ranking(order, last, labels[order].astype(np.float64))


def draw_weights(scored: Scored, draws: int, seed: int) -> Iterator[Floats]:
    """Redraw the test with replacement: how often each row is taken, draw by draw.

    One entity's orders stand and fall together, so whole entities are drawn where one is named.
    A draw without both labels measures nothing and is left out.
    """
    rng = np.random.default_rng(seed)
    units = np.arange(len(scored.labels)) if scored.entities is None else _units(scored.entities)
    n_units = int(units.max()) + 1
    for _ in range(draws):
        taken = np.bincount(rng.integers(0, n_units, n_units), minlength=n_units)[units]
        weights = taken.astype(np.float64)
        if 0 < weights @ scored.labels < weights.sum():
            yield weights


def bootstrap(scored: Scored, draws: int, seed: int) -> dict[str, Interval]:
    """Give the spread of AUC and average precision over `draws` redrawn tests."""
    ranking = rank(scored.labels, scored.probabilities)
    found = [ranking.figures(weights) for weights in draw_weights(scored, draws, seed)]
    return _intervals(found)


def paired_bootstrap(
    scored: Scored, others: Mapping[str, Floats], draws: int, seed: int
) -> dict[str, dict[str, Interval]]:
    """Give the spread of what `scored` has more than each of the `others`, by name and metric.

    `others` are probabilities of the same rows; every draw is the same for all of them.
    """
    base = rank(scored.labels, scored.probabilities)
    rankings = {name: rank(scored.labels, chances) for name, chances in others.items()}
    gained: dict[str, list[dict[str, float]]] = {name: [] for name in others}
    for weights in draw_weights(scored, draws, seed):
        own = base.figures(weights)
        for name, ranking in rankings.items():
            other = ranking.figures(weights)
            gained[name].append({metric: own[metric] - other[metric] for metric in METRICS})
    return {name: _intervals(found) for name, found in gained.items()}


def _units(entities: Ints) -> Ints:
    """Give each order without an entity a unit of its own."""
    alone = entities < 0
    units = entities.copy()
    units[alone] = entities.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return units


def _intervals(found: list[dict[str, float]]) -> dict[str, Interval]:
    if not found:
        return {}
    tail = (100 - INTERVAL_PERCENT) / 2
    spread = {
        metric: np.percentile([figures[metric] for figures in found], [tail, 100 - tail])
        for metric in METRICS
    }
    return {metric: Interval(float(low), float(high)) for metric, (low, high) in spread.items()}
