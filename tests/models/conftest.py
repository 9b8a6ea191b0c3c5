from collections.abc import Callable

import lightgbm
import numpy as np
import pytest

from features.kinds import Kind
from models.bundle import Bundle, Training, make_bundle
from models.calibration import Calibration
from models.encoding import Encoding


@pytest.fixture(scope="session")
def encoding() -> Encoding:
    return Encoding(
        names=("amount_minor", "channel"),
        kinds=(Kind.NUMBER, Kind.TEXT),
        categories={"channel": ("jd_pay", "alipay")},
    )


@pytest.fixture(scope="session")
def head_text() -> str:
    """A head that knows that large amounts are refused, more so on channel 1."""
    rng = np.random.default_rng(5)
    rows = np.column_stack([rng.integers(0, 100_000, 1000), rng.integers(0, 2, 1000)]).astype(float)
    labels = (rows[:, 0] + 20_000 * rows[:, 1] > 90_000).astype(int)
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "num_leaves": 7}
    return str(lightgbm.train(settings, lightgbm.Dataset(rows, labels), 20).model_to_string())


@pytest.fixture
def make(encoding: Encoding, head_text: str) -> Callable[..., Bundle]:
    def made(slope: float = 1.0) -> Bundle:
        return make_bundle(
            schema_hash="0" * 16,
            encoding=encoding,
            heads={"refused": (head_text, Calibration(slope=slope, intercept=0.0))},
            catalog_text="catalog: test\n",
            card="# Card\n",
            training=Training(
                source="a test",
                simulated=True,
                train_from="2026-01-01T00:00:00+00:00",
                train_until="2026-02-01T00:00:00+00:00",
                rows=1000,
                seed=1,
                metrics={"refused": {"auc": 0.9}},
            ),
        )

    return made
