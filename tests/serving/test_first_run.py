from pathlib import Path

import pytest

from features.errors import PreflightError
from serving.first_run import Simulated, prepare
from serving.server import bind
from serving.settings import Settings
from serving.wiring import champion_bundle


def test_a_step_that_fails_is_named_and_leaves_no_champion(tmp_path: Path, free_port: int) -> None:
    settings = Settings(home=tmp_path, port=free_port)
    with pytest.raises(PreflightError, match=r"failed, see above.*simulate"):
        prepare(settings, Simulated(orders=-1, days=1, seed=1))
    assert champion_bundle(settings) is None


def test_a_port_in_use_is_said_before_the_work_begins(tmp_path: Path, free_port: int) -> None:
    settings = Settings(home=tmp_path, port=free_port)
    with bind(settings) as other:
        other.listen()
        with pytest.raises(PreflightError, match="in use"):
            prepare(settings, Simulated(orders=10, days=1, seed=1))
    assert list(tmp_path.iterdir()) == []
