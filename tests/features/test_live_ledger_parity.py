"""A replay of a real ledger says what the service said; where one value differs, it is named."""

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from features.catalog import load_catalog, parse_catalog
from features.cli import app
from features.errors import LedgerError
from features.ledger import DECISIONS, open_engine
from features.ledger_import import import_history
from features.ledger_parity import check_ledger
from features.times import from_us, now_us
from serving.demo import EXAMPLE_ORDERS, example_bodies
from serving.requests import OutcomeReport
from serving.settings import Settings
from serving.wiring import build_service
from training.simulate.history import simulate_history

CATALOG = load_catalog()
IN_ONE_RUN = 23


def _orders(prefix: str) -> list[bytes]:
    (body,) = example_bodies(EXAMPLE_ORDERS[0], now_us())
    order: dict[str, Any] = msgspec.json.decode(body)
    fresh = [
        order | {"order_id": f"{prefix}{n}", "buyer": {"id": f"B{n % 3}"}, "amount_minor": 100 + n}
        for n in range(20)
    ]
    again = [order | {"order_id": f"{prefix}{n}", "amount_minor": 77} for n in range(0, 20, 7)]
    return [msgspec.json.encode(one) for one in (*fresh, *again)]


async def _serve(settings: Settings, prefix: str) -> None:
    """Score orders, several at once; one order's answers arrive in another order than sent."""
    service = build_service(settings)
    service.open()
    orders = _orders(prefix)
    for start in range(0, len(orders), 4):
        await asyncio.gather(*map(service.desk.score, orders[start : start + 4]))
        scored = msgspec.json.decode(orders[start])["order_id"]
        before = from_us(now_us())
        for code, received_at in (("JMPT200019", None), ("JMPT200020", before)):
            report = OutcomeReport(order_id=scored, raw_code=code, received_at=received_at)
            await service.feedback.take(report)
    await service.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    asyncio.run(_serve(settings, "P"))
    return settings


def _tamper(settings: Settings) -> str:
    """Change one value of one record; gives the decision's id."""
    engine = open_engine(settings.ledger_url)
    with engine.begin() as connection:
        row = connection.execute(select(DECISIONS).order_by(DECISIONS.c.seq.desc())).first()
        assert row is not None
        record = msgspec.json.decode(row.record)
        record["state"]["merchant_orders_10m"] += 1
        same = DECISIONS.c.decision_id == row.decision_id
        connection.execute(update(DECISIONS).where(same).values(record=json.dumps(record).encode()))
    engine.dispose()
    return str(row.decision_id)


def test_a_service_said_what_a_replay_of_its_ledger_says(settings: Settings) -> None:
    parity = check_ledger(settings.ledger_url, CATALOG)
    assert (parity.decisions, parity.differences) == (IN_ONE_RUN, ())
    assert parity.values == IN_ONE_RUN * len(CATALOG.names)


def test_a_history_that_was_imported_between_two_runs_counts_from_then_on(
    settings: Settings, tmp_path: Path
) -> None:
    simulate_history(300, 5, 1, tmp_path / "history")
    import_history(tmp_path / "history", settings.ledger_url, now_us())
    asyncio.run(_serve(settings, "Q"))
    parity = check_ledger(settings.ledger_url, CATALOG)
    assert (parity.decisions, parity.differences) == (2 * IN_ONE_RUN, ())


def test_a_value_that_differs_is_named_with_both_values(settings: Settings) -> None:
    decision_id = _tamper(settings)
    (difference,) = check_ledger(settings.ledger_url, CATALOG).differences
    assert (difference.decision_id, difference.feature) == (decision_id, "merchant_orders_10m")
    assert isinstance(difference.recorded, int)
    assert difference.recorded - 1 == difference.replayed


def test_the_command_ends_with_status_1_where_a_value_differs(settings: Settings) -> None:
    command = ["parity", "--ledger", settings.ledger_url]
    assert CliRunner().invoke(app, command).exit_code == 0
    decision_id = _tamper(settings)
    told = CliRunner().invoke(app, [*command, "--json"])
    assert told.exit_code == 1
    assert json.loads(told.stdout)["examples"][0]["decision_id"] == decision_id


def test_decisions_of_another_catalog_cannot_be_compared(settings: Settings) -> None:
    other = parse_catalog("catalog: other\nfields: [amount_minor]")
    with pytest.raises(LedgerError, match="--catalog"):
        check_ledger(settings.ledger_url, other)
