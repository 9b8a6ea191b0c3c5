"""Lays a service's ledger out as a history: the orders as they were scored, and their outcomes."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from sqlalchemy import Engine, Select, select
from sqlalchemy.exc import SQLAlchemyError

from features.errors import LedgerError
from features.history import HistoryWriter
from features.history_schema import INSTANT, OUTCOME_COLUMNS
from features.ledger import ORDERS, OUTCOMES, open_engine
from features.order import Order
from features.progress import Progress, silent
from training.backtest.frames import frame_of

_ROWS_AT_ONCE = 50_000


def ledger_history(url: str, folder: Path, progress: Progress = silent) -> Path:
    """Write a ledger's orders and outcomes as a history folder; one that is there is replaced.

    `as_of` is the instant at which the service received an order, so that features are point in
    time as they were then. What was brought in by an import is there, too. Raises LedgerError
    when the ledger cannot be read, or holds no order.
    """
    engine = open_engine(url)
    try:
        with HistoryWriter(folder, overwrite=True) as writer:
            for orders in _batches(engine, _orders_query()):
                writer.write_orders(_orders(orders))
                progress(writer.manifest["orders"], 0, "read the ledger")
            if not writer.manifest["orders"]:
                raise LedgerError(f"the ledger {engine.url!r} holds no order yet")
            for outcomes in _batches(engine, _outcomes_query()):
                writer.write_outcomes(_outcomes(outcomes))
            writer.manifest["source"] = f"ledger {engine.url!r}"
    finally:
        engine.dispose()
    return folder


def _orders_query() -> Select[Any]:
    table = ORDERS.c
    return select(table.content, table.as_of_us).order_by(table.as_of_us, table.seq)


def _outcomes_query() -> Select[Any]:
    table = OUTCOMES.c
    return select(
        table.order_id,
        table.received_us,
        table.outcome_class,
        table.final,
        table.occurred_us,
        table.subclass,
        table.raw_code,
        table.raw_sub_code,
        table.raw_message,
        table.next_action,
    ).order_by(table.received_us, table.seq)


def _batches(engine: Engine, query: Select[Any]) -> Iterator[Sequence[Any]]:
    try:
        with engine.connect() as connection:
            rows = iter(connection.execution_options(yield_per=2_000).execute(query))
            while batch := list(islice(rows, _ROWS_AT_ONCE)):
                yield batch
    except SQLAlchemyError as error:
        raise LedgerError(f"the ledger {engine.url!r} cannot be read: {error}") from error


def _orders(rows: Sequence[Any]) -> pl.DataFrame:
    orders = [msgspec.json.decode(content, type=Order) for content, _ in rows]
    return frame_of(orders, [as_of_us for _, as_of_us in rows])


def _outcomes(rows: Sequence[Any]) -> pl.DataFrame:
    stored = {
        name: pl.Int64() if dtype == INSTANT else dtype for name, dtype in OUTCOME_COLUMNS.items()
    }
    return pl.DataFrame([tuple(row) for row in rows], schema=stored, orient="row")
