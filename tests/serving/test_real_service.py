"""The service as it is built for production: real rooms, real ledger, real HTTP."""

import doctest
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from time import sleep

import httpx
import msgspec
import pytest

from features.ledger import LedgerReader, open_engine, sqlite_url
from serving.replay import replay
from serving.settings import Settings

ROOT = Path(__file__).parents[2]
MakeOrder = Callable[..., bytes]
Start = Callable[[], subprocess.Popen[bytes]]
FORBIDDEN = ("pandas", "sklearn", "numba", "polars", "mlflow", "lightgbm", "duckdb", "pyarrow")


@pytest.fixture
def settings(tmp_path: Path, free_port: int) -> Settings:
    return Settings(home=tmp_path, port=free_port)


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Start `preflight serve` as a process of its own, as often as asked."""
    started: list[subprocess.Popen[bytes]] = []

    def launch() -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "PREFLIGHT_HOME": str(settings.home),
            "PREFLIGHT_PORT": str(settings.port),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "preflight", "serve"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        started.append(process)
        _wait_until_ready(settings.address, process)
        return process

    yield launch
    for process in started:
        process.kill()
        process.wait()


def _wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            httpx.get(f"{address}/readyz").raise_for_status()
        except httpx.TransportError:
            sleep(0.05)
        else:
            return
    raise AssertionError(f"the service ended with status {process.returncode}")


def test_the_tutorial_runs_as_written(start: Start, settings: Settings) -> None:
    start()
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    text = text.replace("http://127.0.0.1:8000", settings.address)
    text = text.replace("examples/order.json", str(ROOT / "examples" / "order.json"))
    tutorial = doctest.DocTestParser().get_doctest(text, {}, "api.md", "docs/api.md", 0)
    outcome = doctest.DocTestRunner().run(tutorial)
    tutorial.globs.clear()
    assert outcome.failed == 0
    assert outcome.attempted > 10


def test_the_service_starts_without_the_data_scientists_libraries(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "import serving.running\n"
        "from serving.app import build_app\n"
        "from serving.settings import Settings\n"
        "from serving.wiring import build_service\n"
        f"build_app(build_service(Settings(home=Path({str(tmp_path)!r}))))\n"
        f"print([name for name in {FORBIDDEN!r} if name in sys.modules])\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"


def _score_until_cut_off(
    address: str, name: str, make_order: MakeOrder, answers: dict[str, bytes]
) -> None:
    with httpx.Client(base_url=address, timeout=10) as client, suppress(httpx.TransportError):
        for number in count():
            order_id = f"{name}{number}"
            answer = client.post("/v1/score", content=make_order(order_id=order_id))
            answers[order_id] = answer.raise_for_status().content


def test_what_was_answered_survives_a_kill_under_load(
    start: Start, settings: Settings, make_order: MakeOrder
) -> None:
    process = start()
    answers: dict[str, bytes] = {}
    with ThreadPoolExecutor(4) as pool:
        for name in "ABCD":
            pool.submit(_score_until_cut_off, settings.address, name, make_order, answers)
        while len(answers) < 300:
            sleep(0.01)
        process.kill()
    start()
    with httpx.Client(base_url=settings.address, timeout=10) as client:
        for order_id, first in answers.items():
            again = client.post("/v1/score", content=make_order(order_id=order_id))
            assert again.content == first
            assert again.headers["preflight-repeated"] == "true"


def test_a_terminated_service_ends_well(start: Start) -> None:
    process = start()
    process.terminate()
    assert process.wait(timeout=20) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGHUP there")
def test_a_hangup_makes_the_service_look_and_not_end(start: Start, settings: Settings) -> None:
    process = start()
    process.send_signal(signal.SIGHUP)
    sleep(0.3)
    assert httpx.get(f"{settings.address}/readyz").json()["problems"] == {}
    assert process.poll() is None


def test_a_second_service_on_the_port_says_which_port_it_is(
    start: Start, settings: Settings
) -> None:
    start()
    second = subprocess.run(
        [sys.executable, "-m", "preflight", "serve"],
        env=os.environ | {"PREFLIGHT_PORT": str(settings.port), "PREFLIGHT_HOME": "/nonexistent"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert f"port {settings.port}" in second.stderr
    assert "PREFLIGHT_PORT=" in second.stderr


def test_a_decision_is_the_same_when_it_is_replayed(start: Start, settings: Settings) -> None:
    start()
    order = (ROOT / "examples" / "order.json").read_bytes()
    answer = httpx.post(f"{settings.address}/v1/score", content=order).json()
    (again,) = replay(settings, answer["decision_id"])
    assert again.differs == ()


def test_plain_numbers_reach_neither_ledger_nor_answer(start: Start, settings: Settings) -> None:
    start()
    order = msgspec.json.decode((ROOT / "examples" / "order.json").read_bytes())
    order["buyer"]["card"] = "6222020000001234567"
    answer = httpx.post(f"{settings.address}/v1/score", json=order)
    assert answer.status_code == 200
    reader = LedgerReader(open_engine(sqlite_url(settings.home / "ledger.sqlite")))
    (decision,) = reader.decisions_of(order["order_id"])
    scored = reader.order_at(decision.seq)
    assert scored is not None
    for text in (answer.content, scored.content, scored.facts, decision.record):
        assert b"6222020000001234567" not in text
        assert order["receiver"]["phone"].encode() not in text
