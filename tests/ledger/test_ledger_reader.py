from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, insert, update

from features.errors import LedgerError
from features.kinds import Value
from features.ledger import (
    META,
    TABLE_OF,
    DecisionRow,
    LedgerReader,
    OrderEvent,
    OrderRow,
    OutcomeEvent,
    OutcomeRow,
    Row,
    create_schema,
    open_engine,
    sqlite_url,
)


def _write(engine: Engine, *rows: Row) -> LedgerReader:
    with engine.begin() as connection:
        for row in rows:
            connection.execute(insert(TABLE_OF[type(row)]), [msgspec.structs.asdict(row)])
    return LedgerReader(engine)


def test_an_empty_ledger_holds_nothing(engine: Engine) -> None:
    reader = LedgerReader(engine)
    assert reader.counts() == {"orders": 0, "decisions": 0, "outcomes": 0}
    assert list(reader.events()) == []
    assert (reader.last_seq(), reader.last_instant_us()) == (0, 0)
    assert reader.decision("d1") is None
    assert reader.latest_order("O1") is None


def test_events_come_by_instant_and_then_by_number(
    engine: Engine,
    order_row: Callable[..., OrderRow],
    outcome_row: Callable[..., OutcomeRow],
) -> None:
    reader = _write(
        engine,
        order_row(1, "O1", 100),
        outcome_row(2, 300),
        order_row(3, "O2", 200),
        order_row(4, "O3", 300),
    )
    assert [(event.at_us, event.seq) for event in reader.events()] == [
        (100, 1),
        (200, 3),
        (300, 2),
        (300, 4),
    ]


def test_an_event_carries_what_the_state_counts(
    engine: Engine,
    order_row: Callable[..., OrderRow],
    outcome_row: Callable[..., OutcomeRow],
) -> None:
    order, outcome = _write(engine, order_row(1), outcome_row(2, 2_000)).events()
    facts: dict[str, Value] = {"buyer.id": "B1", "amount_minor": 100, "ratio": 0.5}
    assert order == OrderEvent(1_000, 1, "O1", facts)
    assert outcome == OutcomeEvent(2_000, 2, "O1", "risk_block", True)


def test_the_latest_decision_about_the_same_content_is_found(
    engine: Engine, decision_row: Callable[..., DecisionRow]
) -> None:
    rows = (decision_row(1), decision_row(2, digest="bb"), decision_row(3))
    reader = _write(engine, *rows)
    assert reader.decision_for("O1", "aa") == rows[2]
    assert reader.decision_for("O1", "bb") == rows[1]
    assert reader.decision_for("O1", "cc") is None
    assert reader.decisions_of("O1") == rows
    assert reader.decided_order_ids() == {"O1"}


def test_the_latest_content_of_an_order_is_found(
    engine: Engine, order_row: Callable[..., OrderRow]
) -> None:
    reader = _write(engine, order_row(1), order_row(2), order_row(3, "O2"))
    latest, first = reader.latest_order("O1"), reader.order_at(1)
    assert (latest and latest.seq, first and first.seq) == (2, 1)


def test_a_ledger_of_another_schema_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(META).values(value="99"))
    with pytest.raises(LedgerError, match="has schema 99"):
        create_schema(engine)


def test_a_url_that_names_no_database_is_refused() -> None:
    with pytest.raises(LedgerError, match="'nonsense' cannot be used"):
        open_engine("nonsense")


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_text("this is a letter, not a database" * 100)
    with pytest.raises(LedgerError, match="cannot be opened"):
        create_schema(open_engine(sqlite_url(tmp_path / "ledger.sqlite")))


def test_a_ledger_that_was_never_written_is_named(tmp_path: Path) -> None:
    reader = LedgerReader(open_engine(sqlite_url(tmp_path / "none.sqlite")))
    with pytest.raises(LedgerError, match=r"none\.sqlite cannot be read"):
        reader.decision("d1")


def test_events_can_be_read_from_an_instant_on(
    engine: Engine, order_row: Callable[..., OrderRow]
) -> None:
    reader = _write(engine, order_row(1, "O1", 100), order_row(2, "O2", 200))
    assert [event.seq for event in reader.events(since_us=200)] == [2]
