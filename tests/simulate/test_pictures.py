"""The pictures of a history, and the numbers behind them."""

from pathlib import Path

import polars as pl
import pytest

from features.history import History
from training.simulate.pictures import draw_pictures, read_stories
from training.simulate.scenario import ScenarioError


def test_the_same_history_gives_the_same_pictures(simulated: History, tmp_path: Path) -> None:
    one = draw_pictures(simulated.folder, tmp_path / "one")
    two = draw_pictures(simulated.folder, tmp_path / "two")
    assert len(one) == 5
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_velocity_is_what_a_rescan_counts(simulated: History) -> None:
    stories = read_stories(simulated.folder)
    one = stories.filter(pl.col("group") == "gift_sender").sort("hour_orders").row(-1, named=True)
    mine = stories.filter(pl.col("buyer.id") == one["buyer.id"], pl.col("as_of") <= one["as_of"])
    hour = mine.filter(pl.lit(one["as_of"]) - pl.col("as_of") < pl.duration(hours=1))
    assert one["hour_orders"] == len(hour) > 3


def test_a_history_without_truth_has_no_pictures(simulated: History, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "manifest.json").write_bytes((simulated.folder / "manifest.json").read_bytes())
    with pytest.raises(ScenarioError, match="was not simulated"):
        draw_pictures(bare, tmp_path / "pictures")
