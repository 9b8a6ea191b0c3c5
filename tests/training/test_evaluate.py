import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from training.evaluate import (
    Scored,
    auc,
    average_precision,
    expected_calibration_error,
    precision_at_k,
)

rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), min_size=2, max_size=60).filter(
    lambda drawn: len({label for label, _ in drawn}) == 2
)


@given(rows)
def test_auc_and_average_precision_are_scikit_learns(drawn: list[tuple[int, int]]) -> None:
    labels = np.array([label for label, _ in drawn])
    chances = np.array([rank / 8 for _, rank in drawn])
    assert auc(labels, chances) == pytest.approx(roc_auc_score(labels, chances))
    expected = average_precision_score(labels, chances)
    assert average_precision(labels, chances) == pytest.approx(expected)


@given(rows)
def test_a_weight_of_two_is_the_row_twice(drawn: list[tuple[int, int]]) -> None:
    labels = np.array([label for label, _ in drawn])
    chances = np.array([rank / 8 for _, rank in drawn])
    weights = (1 + np.arange(len(labels)) % 2).astype(np.float64)
    twice = np.repeat(np.arange(len(labels)), weights.astype(int))
    assert auc(labels, chances, weights) == pytest.approx(auc(labels[twice], chances[twice]))
    assert average_precision(labels, chances, weights) == pytest.approx(
        average_precision(labels[twice], chances[twice])
    )


def test_the_share_of_a_bin_is_its_probability_when_calibrated() -> None:
    labels = np.tile([1, 0, 0, 0], 150)
    assert expected_calibration_error(labels, np.full(600, 0.25)) == pytest.approx(0, abs=0.02)
    assert expected_calibration_error(labels, np.full(600, 0.75)) == pytest.approx(0.5, abs=0.02)


def scored(*orders: tuple[int, int, float, int]) -> Scored:
    """Orders as (day, entity, probability, label)."""
    days, entities, chances, labels = (np.array(column) for column in zip(*orders, strict=True))
    return Scored(labels, chances.astype(float), days, entities)


def test_a_card_is_ranked_by_its_highest_order_of_the_day() -> None:
    day = scored((1, 0, 0.1, 0), (1, 0, 0.9, 1), (1, 1, 0.5, 0))
    assert precision_at_k(day, k=1) == 1.0


def test_a_detected_card_is_out_from_the_next_day_on() -> None:
    days = scored((1, 0, 0.9, 1), (1, 1, 0.1, 0), (2, 0, 0.9, 1), (2, 1, 0.8, 1), (2, 2, 0.1, 0))
    assert precision_at_k(days, k=1) == 1.0
    assert precision_at_k(days, k=2) == pytest.approx((1 / 2 + 1 / 2) / 2)


def test_an_inspected_card_without_fraud_stays_in() -> None:
    days = scored((1, 0, 0.9, 0), (2, 0, 0.9, 1), (2, 1, 0.1, 0))
    assert precision_at_k(days, k=1) == 0.5


def test_an_order_without_the_entity_is_not_inspected() -> None:
    assert precision_at_k(scored((1, -1, 0.9, 1), (1, 0, 0.1, 0)), k=1) == 0.0
