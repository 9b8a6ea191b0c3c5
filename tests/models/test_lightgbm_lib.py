import time

import lightgbm
import numpy as np
import pytest

from features.errors import BundleError
from models import lightgbm_lib
from models.lightgbm_lib import Booster


def fitted(seed: int = 3) -> tuple[lightgbm.Booster, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(800, 6))
    rows[rng.random(rows.shape) < 0.1] = np.nan
    rows[:, 5] = rng.integers(0, 9, 800)
    labels = (np.nan_to_num(rows[:, 0]) + (rows[:, 5] == 3) + rng.normal(size=800) > 1).astype(int)
    data = lightgbm.Dataset(rows, labels, categorical_feature=[5])
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": seed}
    return lightgbm.train(settings, data, 30), rows


def test_a_margin_is_bit_equal_to_the_python_package() -> None:
    booster, rows = fitted()
    fast = Booster(booster.model_to_string(), 6)
    expected = np.asarray(booster.predict(rows, raw_score=True, num_threads=1))
    assert [fast.margin(row.tolist()) for row in rows] == expected.tolist()


def test_an_unseen_category_and_a_missing_one_are_scored_alike() -> None:
    booster, rows = fitted()
    fast = Booster(booster.model_to_string(), 6)
    row = rows[0].tolist()
    assert fast.margin([*row[:5], float("nan")]) == fast.margin([*row[:5], -1.0])


def test_a_text_that_is_no_model_is_refused() -> None:
    with pytest.raises(BundleError, match="train again"):
        Booster("tree\nnothing follows", 6)


def test_another_number_of_features_is_refused() -> None:
    booster, _ = fitted()
    with pytest.raises(BundleError, match="fitted on 6 features, its bundle names 5"):
        Booster(booster.model_to_string(), 5)


def test_without_lightgbm_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lightgbm_lib, "find_spec", {}.get)
    with pytest.raises(BundleError, match="pip install"):
        lightgbm_lib._find_library()


def test_the_library_is_found_within_50_ms() -> None:
    started = time.perf_counter()
    lightgbm_lib._find_library()
    assert time.perf_counter() - started < 0.05
