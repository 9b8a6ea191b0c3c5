import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from features.ledger import LedgerReader, open_engine
from serving.cli import app
from serving.problems import MalformedJson, NotRecorded
from serving.settings import Settings
from serving.wiring import build_service

MakeOrder = Callable[..., bytes]
Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command against a data folder of the test's own; give its lines."""

    def command(*arguments: str, status: int = 0) -> list[str]:
        environment = {"PREFLIGHT_HOME": str(tmp_path)}
        result = CliRunner().invoke(app, arguments, env=environment, catch_exceptions=False)
        assert result.exit_code == status
        return result.stdout.splitlines()

    return command


def _score(home: Path, *orders: bytes) -> None:
    async def serve() -> None:
        service = build_service(Settings(home=home))
        service.open()
        for order in orders:
            await service.desk.score(order)
        await service.close()

    asyncio.run(serve())


@pytest.mark.parametrize("shape", ["array", "lines"])
def test_every_order_of_a_file_is_scored(
    run: Run, tmp_path: Path, make_order: MakeOrder, shape: str
) -> None:
    orders = [make_order(order_id=f"O{number}") for number in range(3)]
    joined = b"[%s]" % b",".join(orders) if shape == "array" else b"\n".join(orders)
    (tmp_path / "orders.json").write_bytes(joined)
    answers = [
        msgspec.json.decode(line) for line in run("score", str(tmp_path / "orders.json"), "--json")
    ]
    assert [answer["order_id"] for answer in answers] == ["O0", "O1", "O2"]


def test_scoring_a_file_writes_nothing(run: Run, tmp_path: Path, make_order: MakeOrder) -> None:
    (tmp_path / "order.json").write_bytes(make_order())
    assert "SUBMIT" in "".join(run("score", str(tmp_path / "order.json")))
    reader = LedgerReader(open_engine(Settings(home=tmp_path).ledger_url))
    assert set(reader.counts().values()) == {0}


def test_a_file_that_is_no_json_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "order.csv").write_text("order_id,amount\n")
    with pytest.raises(MalformedJson, match=r"order\.csv"):
        run("score", str(tmp_path / "order.csv"))


def test_all_decisions_of_a_ledger_replay_to_the_same(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    _score(tmp_path, *(make_order(order_id=f"O{number}") for number in range(5)))
    assert run("replay") == ["5 decided again, 0 differ"]


def test_replaying_an_unknown_decision_names_it(run: Run, tmp_path: Path) -> None:
    build_service(Settings(home=tmp_path))
    with pytest.raises(NotRecorded, match="'d404'"):
        run("replay", "d404")
