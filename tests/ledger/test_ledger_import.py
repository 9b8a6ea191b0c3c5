from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine

from features.edge import encode_order
from features.errors import HistoryError
from features.facts import order_facts
from features.history import HistoryWriter, frame_from_orders
from features.ledger import LedgerReader, OrderEvent, OutcomeEvent, sqlite_url
from features.ledger_import import import_history
from features.order import Buyer, Item, Order
from features.times import to_us

START = datetime(2026, 10, 1, tzinfo=UTC)
LATER_US = to_us(START + timedelta(days=30))


def _order(number: int) -> Order:
    return Order(
        order_id=f"O{number}",
        merchant_id="M1",
        channel="jd_pay",
        placed_at=START + timedelta(hours=number),
        amount_minor=100 + number,
        currency="CNY",
        buyer=Buyer(id="B1"),
        items=(Item(quantity=1, unit_price_minor=100 + number),),
    )


@pytest.fixture
def history(tmp_path: Path) -> Path:
    folder = tmp_path / "history"
    orders = [_order(number) for number in range(5)]
    outcomes = [
        {
            "order_id": order.order_id,
            "received_at": order.placed_at + timedelta(minutes=90),
            "outcome_class": "accepted",
            "final": True,
            "raw_code": "000000",
        }
        for order in orders
    ]
    with HistoryWriter(folder) as writer:
        writer.write_orders(frame_from_orders(orders))
        writer.write_outcomes(pl.DataFrame(outcomes))
    return folder


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_url(tmp_path / "ledger.sqlite")


def test_a_history_becomes_events_in_the_order_of_their_arrival(
    engine: Engine, history: Path, url: str
) -> None:
    assert import_history(history, url, LATER_US) == (5, 5)
    events = list(LedgerReader(engine).events())
    instants = [event.at_us for event in events]
    assert instants == sorted(instants)
    assert [type(event) for event in events[:3]] == [OrderEvent, OrderEvent, OutcomeEvent]


def test_an_imported_order_is_the_order_itself(engine: Engine, history: Path, url: str) -> None:
    import_history(history, url, LATER_US)
    stored = LedgerReader(engine).latest_order("O3")
    assert stored is not None
    assert stored.content == encode_order(_order(3))
    (event,) = [e for e in LedgerReader(engine).events() if e.seq == stored.seq]
    assert isinstance(event, OrderEvent)
    assert event.facts == order_facts(_order(3))


def test_a_second_import_adds_nothing(engine: Engine, history: Path, url: str) -> None:
    import_history(history, url, LATER_US)
    assert import_history(history, url, LATER_US) == (0, 0)
    assert LedgerReader(engine).counts() == {"orders": 5, "decisions": 0, "outcomes": 5}


def test_what_lies_in_the_future_is_left_out(engine: Engine, history: Path, url: str) -> None:
    now_us = to_us(START + timedelta(hours=2))
    assert import_history(history, url, now_us) == (3, 1)
    assert LedgerReader(engine).last_instant_us() <= now_us


def test_a_folder_that_is_no_history_leaves_the_ledger_as_it_was(
    engine: Engine, tmp_path: Path, url: str
) -> None:
    with pytest.raises(HistoryError, match="is no history"):
        import_history(tmp_path / "nowhere", url, LATER_US)
    assert LedgerReader(engine).last_seq() == 0
