import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.bootstrap import AUC, AVERAGE_PRECISION, bootstrap, paired_bootstrap, rank
from training.evaluate import Scored, auc, average_precision

weighted = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(0, 3)), min_size=2, max_size=60
).filter(lambda rows: len({label for label, _, weight in rows if weight}) == 2)


@given(weighted)
def test_a_ranking_gives_the_metrics_of_every_weighting(rows: list[tuple[int, int, int]]) -> None:
    labels, ranks, weights = (np.array(column) for column in zip(*rows, strict=True))
    chances, taken = ranks / 6, weights.astype(np.float64)
    found = rank(labels, chances).figures(taken)
    assert found[AUC] == pytest.approx(auc(labels, chances, taken))
    assert found[AVERAGE_PRECISION] == pytest.approx(average_precision(labels, chances, taken))


def measured(seed: int, gain: float) -> Scored:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 400)
    return Scored(labels, rng.random(400) + gain * labels, np.zeros(400, dtype=np.int64))


def test_the_same_probabilities_differ_by_nothing() -> None:
    scored = measured(1, 0.3)
    gained = paired_bootstrap(scored, {"same": scored.probabilities}, 30, 1)["same"]
    assert {(at.low, at.high) for at in gained.values()} == {(0.0, 0.0)}


def test_what_ranks_better_has_more_in_every_draw() -> None:
    good = measured(1, 0.6)
    gained = paired_bootstrap(good, {"noise": measured(2, 0.0).probabilities}, 50, 1)["noise"]
    assert gained[AUC].low > 0.1
    assert gained[AVERAGE_PRECISION].low > 0.1


def test_a_pair_is_drawn_together() -> None:
    scored = measured(1, 0.6)
    alone = bootstrap(scored, 80, 1)[AUC]
    nearly = scored.probabilities + np.random.default_rng(3).normal(0, 0.01, 400)
    paired = paired_bootstrap(scored, {"nearly": nearly}, 80, 1)["nearly"][AUC]
    assert paired.high - paired.low < (alone.high - alone.low) / 5


def test_an_interval_holds_the_value_and_repeats_with_its_seed() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 400)
    chances = rng.random(400) + 0.3 * labels
    measured = Scored(labels, chances, np.zeros(400, dtype=np.int64))
    found = bootstrap(measured, 50, 1)
    assert found["auc"].low < auc(labels, chances) < found["auc"].high
    assert found == bootstrap(measured, 50, 1)


def test_entities_are_drawn_whole() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat(rng.integers(0, 2, 40), 25)
    chances = np.repeat(rng.random(40), 25)
    days = np.zeros(1000, dtype=np.int64)
    alone = bootstrap(Scored(labels, chances, days), 60, 1)["auc"]
    whole = bootstrap(Scored(labels, chances, days, np.repeat(np.arange(40), 25)), 60, 1)["auc"]
    assert whole.high - whole.low > 2 * (alone.high - alone.low)
