from dataclasses import replace

import lightgbm
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import Calibration
from models.lightgbm_lib import Booster
from training.calibrate import (
    IDENTITY,
    calibrated_loss,
    choose_calibration,
    fit_calibration,
    log_loss,
)
from training.errors import TrainingError
from training.fit import Learner, Rows, fit_head, margins
from training.merge import merge_models

QUICK = Learner(rounds=(10, 20), members=2)


def rows(count: int = 1200, seed: int = 1) -> Rows:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(count, 3))
    labels = (matrix[:, 0] + rng.normal(size=count) > 1.5).astype(np.int8)
    families = {"all": (True, True, True), "raw": (True, False, False)}
    return Rows(pd.DataFrame(matrix, columns=["a", "b", "c"]), labels, families)


def test_the_same_seed_gives_the_same_model_and_another_one_does_not() -> None:
    first = fit_head(rows(), 1, QUICK)
    assert first == fit_head(rows(), 1, QUICK)
    assert first.text != fit_head(rows(), 2, QUICK).text


def test_an_input_outside_the_family_is_never_split_on() -> None:
    only_raw = replace(rows(), families={"raw": (True, False, False)})
    booster = lightgbm.Booster(model_str=fit_head(only_raw, 1, QUICK).text)
    assert set(booster.trees_to_dataframe()["split_feature"].dropna()) == {"a"}


def test_with_too_few_positives_nothing_is_chosen_by_them() -> None:
    few = rows()
    labels = np.zeros_like(few.labels)
    labels[::100] = 1
    fitted = fit_head(replace(few, labels=labels), 1, QUICK)
    assert fitted.choice.validation_log_loss is None
    assert fitted.calibration == Calibration(slope=1.0, intercept=0.0)


def test_a_merged_model_gives_the_mean_of_the_margins() -> None:
    data = rows()
    texts = [fit_head(data, seed, QUICK).text for seed in (1, 2, 3, 4)]
    expected = np.mean([margins(text, data.matrix) for text in texts], axis=0)
    np.testing.assert_allclose(margins(merge_models(texts), data.matrix), expected, atol=1e-12)


def test_the_service_and_training_give_the_same_margin_bit_for_bit() -> None:
    data = rows(300)
    text = fit_head(data, 1, QUICK).text
    fast = Booster(text, 3)
    by_row = [fast.margin(row) for row in data.matrix.to_numpy().tolist()]
    assert by_row == margins(text, data.matrix).tolist()


def test_a_text_without_trees_cannot_be_merged() -> None:
    with pytest.raises(TrainingError, match="without a single tree"):
        merge_models(["tree\n"])


@given(st.integers(0, 50))
@settings(max_examples=10)
def test_a_distorted_margin_is_calibrated_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.normal(-2, 1.5, 20_000)
    labels = (rng.random(20_000) < 1 / (1 + np.exp(-truth))).astype(np.int8)
    found = fit_calibration(2 * truth - 1, labels)
    assert found.slope == pytest.approx(0.5, abs=0.06)
    assert found.intercept == pytest.approx(0.5, abs=0.15)


def test_a_base_rate_that_does_not_last_is_not_calibrated_to() -> None:
    rng = np.random.default_rng(1)
    margin = rng.normal(-3, 1, 4000)
    shifted = margin + np.where(np.arange(4000) < 2000, 1.5, 0.0)
    labels = (rng.random(4000) < 1 / (1 + np.exp(-shifted))).astype(np.int8)
    assert choose_calibration(margin, labels) == IDENTITY


def test_calibration_never_turns_a_ranking_round() -> None:
    rng = np.random.default_rng(1)
    margin = rng.normal(size=2000)
    assert fit_calibration(margin, (margin < 0).astype(np.int8)).slope > 0


def test_a_good_ranking_is_not_worse_for_being_too_sure_of_itself() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=2000)
    labels = (rng.random(2000) < 1 / (1 + np.exp(-truth))).astype(np.int8)
    sure, faint = 5 * truth, truth + rng.normal(size=2000)
    assert log_loss(sure, labels) > log_loss(faint, labels)
    assert calibrated_loss(sure, labels) < calibrated_loss(faint, labels)
    assert calibrated_loss(sure, labels) == pytest.approx(calibrated_loss(truth, labels))
