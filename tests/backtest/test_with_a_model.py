"""With a model the action is the stricter of rules and costs, and a certain repair is priced."""

from collections.abc import Callable
from dataclasses import replace

import lightgbm
import numpy as np
import pytest

from features.catalog import Catalog
from features.kinds import Kind
from models.bundle import Training, make_bundle
from models.calibration import Calibration
from models.encoding import Encoding
from rules.costs import Costs
from rules.decision import Action
from tests.backtest.conftest import Played, court_over, one_by_one
from training.backtest.decided import decide_slice
from training.backtest.lists_then import OneState
from training.backtest.pricing import ACTIONS, Model
from training.backtest.setting import Setting

NAMES = ("amount_minor", "buyer_orders_24h")
TRAINED = Training(
    source="a test",
    simulated=True,
    train_from="2026-01-01T00:00:00+00:00",
    train_until="2026-02-01T00:00:00+00:00",
    rows=2000,
    seed=1,
    metrics={},
)


@pytest.fixture(scope="module")
def model(catalog: Catalog) -> Model:
    """A model to which large amounts, and many orders in a day, are refused."""
    rng = np.random.default_rng(5)
    rows = np.column_stack([rng.integers(0, 60_000, 2000), rng.integers(0, 6, 2000)]).astype(float)
    labels = (rows[:, 0] + 8_000 * rows[:, 1] > 40_000).astype(int)
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "num_leaves": 7}
    text = str(lightgbm.train(settings, lightgbm.Dataset(rows, labels), 20).model_to_string())
    return Model(
        make_bundle(
            schema_hash=catalog.schema_hash,
            encoding=Encoding(NAMES, (Kind.NUMBER, Kind.NUMBER), {}),
            heads={"refused": (text, Calibration(slope=1.0, intercept=-0.5))},
            catalog_text=catalog.source_text,
            card="# Card\n",
            training=TRAINED,
        )
    )


def test_two_cost_settings_advise_as_decide_does(
    model: Model, play: Callable[[str, int], Played], shipped: Setting, catalog: Catalog
) -> None:
    played = play("payout_heavy", 13)
    dear = replace(shipped, costs=Costs(refused_minor=60_000, stopped_minor=100, stopped_share=0))
    court = court_over(shipped, dear, catalog, model=model)
    told = []
    for setting, decided in zip((shipped, dear), decide_slice(played.orders, court), strict=True):
        slow = list(one_by_one(played.history, setting, OneState(), model.scorer))
        actions = [ACTIONS[code] for code in decided.actions]
        assert actions == [decision.action for decision in slow]
        assert decided.refused is not None
        assert decided.refused.tolist() == [
            decision.expected_costs.probability for decision in slow if decision.expected_costs
        ]
        told.append(actions)
    assert told[0].count(Action.STOP) < told[1].count(Action.STOP)
