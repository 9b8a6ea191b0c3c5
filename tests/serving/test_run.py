"""The main job, end to end: nothing there, then a model, a service and three scored examples."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Demo:
    """A running `preflight run`, what it printed until it served, and its address."""

    process: subprocess.Popen[str]
    printed: str
    address: str


def _until_serving(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Serving on"):
            return "".join(lines)
    raise AssertionError("".join(lines))


@pytest.fixture
def demo(tmp_path: Path, free_port: int) -> Iterator[Demo]:
    environment = {
        "PREFLIGHT_HOME": str(tmp_path / "home"),
        "PREFLIGHT_PORT": str(free_port),
        "COLUMNS": "120",
        "PYTHONUNBUFFERED": "1",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "preflight", "run", "--orders", "2000", "--days", "20"],
        env=os.environ | environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Demo(process, _until_serving(process), f"http://127.0.0.1:{free_port}")
        process.kill()


def test_from_nothing_to_three_scored_orders_and_a_clean_end(demo: Demo) -> None:
    ready = httpx.get(f"{demo.address}/readyz").json()
    for shown in ("simulated", "SUBMIT", "FIX", "REVIEW", "BURST_OF_DISPERSED_ADDRESSES"):
        assert shown in demo.printed
    assert ready["ready"]
    assert ready["model"].startswith("champion ")
    demo.process.terminate()
    assert demo.process.wait(timeout=20) == 0
