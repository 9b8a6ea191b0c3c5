"""What each decision saw is what a replay of the ledger sees: real rooms, orders in parallel."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from features.ledger import LedgerReader, OrderEvent, open_engine
from features.live import LiveState
from features.times import now_us
from serving.answers import DecisionRecord
from serving.demo import EXAMPLE_ORDERS, example_bodies
from serving.requests import OutcomeReport
from serving.settings import Settings
from serving.state import apply_event
from serving.wiring import build_rooms, build_service


def _orders() -> list[bytes]:
    *burst, last = example_bodies(EXAMPLE_ORDERS[2], now_us())
    order: dict[str, Any] = msgspec.json.decode(last)
    others = [
        order | {"order_id": f"P{n}", "buyer": {"id": f"B{n % 3}"}, "amount_minor": 100 * n + 100}
        for n in range(40)
    ]
    again = [order | {"order_id": f"P{n}", "amount_minor": 77} for n in range(0, 40, 7)]
    return [*burst, last, *map(msgspec.json.encode, [*others, *again])]


async def _serve(settings: Settings) -> None:
    service = build_service(settings)
    service.open()
    orders = _orders()
    for start in range(0, len(orders), 8):
        await asyncio.gather(*map(service.desk.score, orders[start : start + 8]))
        done = msgspec.json.decode(orders[start])["order_id"]
        await service.feedback.take(OutcomeReport(order_id=done, raw_code="JMPT200019"))
    await service.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    asyncio.run(_serve(settings))
    return settings


def test_every_decision_saw_what_a_replay_of_the_ledger_sees(settings: Settings) -> None:
    reader = LedgerReader(open_engine(settings.ledger_url))
    state = LiveState(build_rooms(settings).catalog)
    compared = 0
    for event in reader.events():
        if isinstance(event, OrderEvent):
            (decision,) = [d for d in reader.decisions_of(event.order_id) if d.seq == event.seq]
            record = msgspec.json.decode(decision.record, type=DecisionRecord)
            assert record.state == state.read(event.facts, event.at_us)
            compared += 1
        apply_event(state, event)
    assert compared == 12 + 40 + 6
