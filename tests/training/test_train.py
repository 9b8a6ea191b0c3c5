from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from features.history import read_history
from features.kinds import Kind
from models.bundle import champion_folder, read_bundle
from models.scorer import load_scorer
from training.dataset import build_dataset, open_catalog
from training.errors import TrainingError
from training.promote import TrainingResult, promote_version, train_and_register
from training.train import train

Make = Callable[..., Path]

# MLflow calls its own libraries in ways that they have deprecated; that is not ours to mend.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def result(home: Path, make_history: Make) -> TrainingResult:
    return train_and_register(make_history(), None, home)


def test_only_heads_with_enough_examples_are_trained(make_history: Make) -> None:
    trained = train(make_history(), None, seed=1)
    assert [head.name for head in trained.heads] == ["refused", "risk_block"]
    assert trained.skipped["limit"] == "0 of 1500 labelled orders, 50 are needed"


def test_a_generic_code_trains_no_class_head(make_history: Make) -> None:
    trained = train(make_history(positive="unclassified"), None, seed=1)
    assert [head.name for head in trained.heads] == ["refused"]


def test_too_few_refusals_are_said(make_history: Make) -> None:
    with pytest.raises(TrainingError, match="too few refusals"):
        train(make_history(count=100), None, seed=1)


def test_the_card_says_that_only_submitted_orders_were_learned_from(make_history: Make) -> None:
    card = train(make_history(), None, seed=1).bundle.card
    assert "only from orders that were submitted" in card
    assert "No head `limit`" in card


def test_the_service_scores_what_training_scored(home: Path, make_history: Make) -> None:
    folder = make_history()
    train_and_register(folder, None, home)
    history = read_history(folder)
    data = build_dataset(history, open_catalog(history, None), "all")
    scorer = load_scorer(champion_folder(home))
    rows = data.features.tail(50).to_dicts()
    chances = [
        scorer.probabilities({k: v for k, v in row.items() if v is not None})["refused"]
        for row in rows
    ]
    amounts = np.array([row["amount_minor"] for row in rows])
    on_b = np.array([row["channel"] == "b" for row in rows])
    assert np.mean(np.array(chances)[on_b & (amounts > 70_000)]) > 0.5
    assert np.mean(np.array(chances)[~on_b]) < 0.15


def test_training_makes_a_champion_and_promoting_exports_it(
    home: Path, result: TrainingResult
) -> None:
    assert champion_folder(home).name == result.bundle
    assert promote_version(home, result.version).bundle == result.bundle
    assert promote_version(home, "champion").bundle == result.bundle


def test_a_version_that_is_not_registered_is_refused(home: Path, result: TrainingResult) -> None:
    with pytest.raises(TrainingError, match="no version '999'"):
        promote_version(home, "999")


def test_a_bundle_carries_no_pickle(home: Path, result: TrainingResult) -> None:
    names = {path.suffix for path in champion_folder(home).rglob("*") if path.is_file()}
    assert names == {".json", ".yaml", ".md", ".txt"}
    manifest = read_bundle(champion_folder(home)).manifest
    assert manifest.schema_hash
    assert {feature.kind for feature in manifest.features} >= {Kind.NUMBER, Kind.TEXT}
