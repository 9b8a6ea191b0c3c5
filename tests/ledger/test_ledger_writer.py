import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from features.errors import LedgerError
from features.ledger import DecisionRow, LedgerReader, OrderRow, open_engine, sqlite_url
from serving.ledger_writer import LedgerWriter

Act = Callable[[LedgerWriter], Awaitable[object]]


def _with_writer(engine: Engine, act: Act) -> None:
    async def run() -> None:
        writer = LedgerWriter(engine)
        writer.start()
        await act(writer)
        await writer.close()

    asyncio.run(run())


def test_a_row_is_readable_once_its_future_is_done(
    engine: Engine,
    order_row: Callable[..., OrderRow],
    decision_row: Callable[..., DecisionRow],
) -> None:
    async def act(writer: LedgerWriter) -> None:
        await writer.append(order_row(1), decision_row(1))
        assert LedgerReader(engine).counts() == {"orders": 1, "decisions": 1, "outcomes": 0}

    _with_writer(engine, act)


def test_appends_that_wait_together_are_all_written(
    engine: Engine, order_row: Callable[..., OrderRow]
) -> None:
    async def act(writer: LedgerWriter) -> None:
        await asyncio.gather(*(writer.append(order_row(seq)) for seq in range(1, 1_001)))

    _with_writer(engine, act)
    assert LedgerReader(engine).last_seq() == 1_000


def test_closing_writes_what_is_still_queued(
    engine: Engine, order_row: Callable[..., OrderRow]
) -> None:
    async def act(writer: LedgerWriter) -> None:
        for seq in range(1, 301):
            writer.append(order_row(seq))

    _with_writer(engine, act)
    assert LedgerReader(engine).counts()["orders"] == 300


def test_a_failed_append_leaves_no_part_of_itself(
    engine: Engine,
    order_row: Callable[..., OrderRow],
    decision_row: Callable[..., DecisionRow],
) -> None:
    async def act(writer: LedgerWriter) -> None:
        await writer.append(order_row(1), decision_row(1))
        with pytest.raises(LedgerError, match="cannot be written"):
            await writer.append(order_row(2), decision_row(1))

    _with_writer(engine, act)
    assert LedgerReader(engine).counts() == {"orders": 1, "decisions": 1, "outcomes": 0}


def test_after_a_failure_nothing_is_written_until_recovery(
    engine: Engine, order_row: Callable[..., OrderRow]
) -> None:
    async def act(writer: LedgerWriter) -> None:
        await writer.append(order_row(1))
        for seq in (1, 2):
            with pytest.raises(LedgerError):
                await writer.append(order_row(seq))
        await writer.recover()
        await writer.append(order_row(3))

    _with_writer(engine, act)
    assert LedgerReader(engine).last_seq() == 3
    assert LedgerReader(engine).counts()["orders"] == 2


def test_recovery_fails_while_the_ledger_cannot_be_written(engine: Engine) -> None:
    async def act(writer: LedgerWriter) -> None:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE ledger_meta RENAME TO gone"))
        with pytest.raises(LedgerError, match="cannot be written"):
            await writer.recover()

    _with_writer(engine, act)


def test_a_writer_that_is_not_started_refuses(order_row: Callable[..., OrderRow]) -> None:
    async def run() -> None:
        writer = LedgerWriter(open_engine(sqlite_url(Path("unused.sqlite"))))
        with pytest.raises(LedgerError, match="closed"):
            writer.append(order_row(1))

    asyncio.run(run())
