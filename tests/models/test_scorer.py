import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import nan
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from models.bundle import Bundle, write_bundle
from models.encoding import Encoding
from models.scorer import BundleScorer, load_scorer

Make = Callable[..., Bundle]
HEAVY = ("pandas", "sklearn", "numba", "polars", "mlflow", "lightgbm", "duckdb", "numpy")


def test_a_probability_is_the_calibrated_margin(make: Make, head_text: str) -> None:
    scorer = BundleScorer(make())
    expected = lightgbm.Booster(model_str=head_text).predict(np.array([[95_000.0, 1.0]]))
    found = scorer.probabilities({"amount_minor": 95_000, "channel": "alipay"})
    assert found["refused"] == pytest.approx(float(np.asarray(expected)[0]), abs=1e-15)


def test_what_is_missing_is_nan_and_never_zero(encoding: Encoding) -> None:
    assert np.array_equal(encoding.row({}), [nan, nan], equal_nan=True)


def test_an_unseen_text_is_scored_like_a_missing_one(make: Make) -> None:
    scorer = BundleScorer(make())
    unseen = scorer.probabilities({"amount_minor": 95_000, "channel": "new_pay"})
    assert unseen == scorer.probabilities({"amount_minor": 95_000})


def test_a_scorer_says_what_it_is(make: Make, tmp_path: Path) -> None:
    folder = write_bundle(make(), tmp_path)
    scorer = load_scorer(folder)
    assert (scorer.version, scorer.schema_hash, scorer.heads) == (
        folder.name,
        "0" * 16,
        ("refused",),
    )


def test_threads_get_the_answers_that_one_thread_gets(make: Make) -> None:
    scorer = BundleScorer(make())
    orders = [{"amount_minor": amount} for amount in range(0, 100_000, 500)]
    alone = [scorer.probabilities(order) for order in orders]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(scorer.probabilities, orders)) == alone


def test_scoring_starts_without_the_data_scientists_libraries(make: Make, tmp_path: Path) -> None:
    folder = write_bundle(make(), tmp_path)
    program = (
        "import sys; from pathlib import Path; from models.scorer import load_scorer; "
        f"load_scorer(Path({str(folder)!r})).probabilities({{}}); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
