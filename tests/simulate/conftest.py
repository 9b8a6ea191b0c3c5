"""One simulated history for all tests that only look."""

from pathlib import Path

import pytest

from features.history import History, read_history
from training.simulate.history import simulate_history


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> History:
    out: Path = tmp_path_factory.mktemp("simulated") / "history"
    simulate_history(20_000, 60, 7, out)
    return read_history(out)
