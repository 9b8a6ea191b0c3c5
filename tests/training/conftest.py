from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.history import HistoryWriter

START = datetime(2026, 1, 1, tzinfo=UTC)
Make = Callable[..., Path]


def orders(count: int, seed: int = 1) -> pl.DataFrame:
    """One order an hour; large amounts on channel b are refused."""
    rng = np.random.default_rng(seed)
    amounts = rng.integers(100, 100_000, count)
    return pl.DataFrame(
        {
            "order_id": [f"o{i}" for i in range(count)],
            "merchant_id": ["m"] * count,
            "channel": rng.choice(["a", "b"], count).tolist(),
            "placed_at": [START + timedelta(hours=i) for i in range(count)],
            "amount_minor": amounts,
            "currency": ["CNY"] * count,
            "buyer.id": [f"b{i}" for i in rng.integers(0, 40, count)],
            "attributes.answer": rng.choice(["x", "y"], count).tolist(),
            "sequence": list(range(count)),
        }
    )


def outcomes(placed: pl.DataFrame, delay: timedelta, positive: str, seed: int = 2) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    risk = 0.02 + 0.8 * ((placed["amount_minor"] > 70_000) & (placed["channel"] == "b")).to_numpy()
    refused = rng.random(placed.height) < risk
    return pl.DataFrame(
        {
            "order_id": placed["order_id"],
            "received_at": placed["placed_at"] + delay,
            "outcome_class": [positive if flag else "accepted" for flag in refused],
            "final": [True] * placed.height,
        }
    )


@pytest.fixture
def make_history(tmp_path: Path) -> Make:
    """Write a history of `count` hourly orders whose outcomes take `delay`."""

    def made(
        count: int = 1500,
        delay: timedelta = timedelta(days=1),
        positive: str = "risk_block",
        ordering: str = "time",
        name: str = "history",
    ) -> Path:
        placed = orders(count)
        with HistoryWriter(tmp_path / name) as writer:
            writer.write_orders(placed)
            writer.write_outcomes(outcomes(placed, delay, positive))
            writer.manifest["ordering"] = ordering
            writer.manifest["source"] = "a test"
            writer.manifest["known_after_submission"] = ["answer"]
        return tmp_path / name

    return made
