"""Rows of a ledger, for the tests of reader and writer."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from features.ledger import (
    DecisionRow,
    OrderRow,
    OutcomeRow,
    create_schema,
    open_engine,
    sqlite_url,
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(sqlite_url(tmp_path / "ledger.sqlite"))
    create_schema(engine)
    return engine


@pytest.fixture
def order_row() -> Callable[..., OrderRow]:
    def make(seq: int, order_id: str = "O1", as_of_us: int = 1_000) -> OrderRow:
        facts = msgspec.json.encode({"buyer.id": "B1", "amount_minor": 100, "ratio": 0.5})
        return OrderRow(
            seq=seq,
            order_id=order_id,
            channel="jd_pay",
            as_of_us=as_of_us,
            origin="service",
            facts=facts,
            content=b"{}",
        )

    return make


@pytest.fixture
def decision_row() -> Callable[..., DecisionRow]:
    def make(seq: int, order_id: str = "O1", digest: str = "aa") -> DecisionRow:
        return DecisionRow(
            decision_id=f"d{seq}",
            seq=seq,
            order_id=order_id,
            content_digest=digest,
            as_of_us=seq,
            action="SUBMIT",
            mode="full",
            duration_us=500,
            answer=b'{"n":%d}' % seq,
            record=b"{}",
        )

    return make


@pytest.fixture
def outcome_row() -> Callable[..., OutcomeRow]:
    def make(seq: int, received_us: int, order_id: str = "O1") -> OutcomeRow:
        return OutcomeRow(
            seq=seq,
            answer_digest=f"x{seq}",
            order_id=order_id,
            received_us=received_us,
            channel="jd_pay",
            outcome_class="risk_block",
            final=True,
            origin="service",
        )

    return make
