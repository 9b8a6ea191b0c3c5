"""Brings a history into a ledger, so that a service which starts on it knows that past.

Run as `python -m features.ledger_import HISTORY LEDGER_URL`. Orders and outcomes that the ledger
holds already are left as they are, so a second run adds nothing.
"""

import sys
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError

from features.edge import encode_order
from features.errors import LedgerError, PreflightError
from features.facts import order_facts
from features.history import History, order_from_row, read_history
from features.ledger import (
    ORDERS,
    OUTCOMES,
    TABLE_OF,
    LedgerReader,
    OrderRow,
    OutcomeRow,
    create_schema,
    open_engine,
)
from features.times import from_us, now_us, to_us

ORIGIN = "import"
_ROWS_AT_ONCE = 2_000


def import_history(folder: Path, ledger_url: str, until_us: int) -> tuple[int, int]:
    """Append a history's orders and outcomes up to an instant; all of them or none.

    Returns how many orders and outcomes were added. Raises HistoryError or LedgerError.
    """
    history = _known_by(read_history(folder), until_us)
    engine = open_engine(ledger_url)
    create_schema(engine)
    numbers = count(LedgerReader(engine).last_seq() + 1)
    try:
        with engine.begin() as connection:
            orders = _append(connection, OrderRow, _order_rows(connection, history, numbers))
            outcomes = _append(connection, OutcomeRow, _outcome_rows(connection, history, numbers))
    except SQLAlchemyError as error:
        raise LedgerError(f"the ledger {engine.url!r} cannot be written: {error}") from error
    finally:
        engine.dispose()
    return orders, outcomes


def _known_by(history: History, until_us: int) -> History:
    """Drop what lies in the future of this machine's clock: it cannot have happened yet."""
    until = pl.lit(from_us(until_us))
    return History(
        history.folder,
        history.orders.filter(pl.col("as_of") <= until),
        history.outcomes.filter(pl.col("received_at") <= until),
        history.manifest,
    )


def _append(
    connection: Connection,
    kind: type[OrderRow] | type[OutcomeRow],
    rows: Iterator[OrderRow | OutcomeRow],
) -> int:
    added = 0
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(msgspec.structs.asdict(row))
        added += 1
        if len(chunk) == _ROWS_AT_ONCE:
            connection.execute(insert(TABLE_OF[kind]), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(TABLE_OF[kind]), chunk)
    return added


def _order_rows(
    connection: Connection, history: History, numbers: Iterator[int]
) -> Iterator[OrderRow]:
    held = set(connection.scalars(select(ORDERS.c.order_id)))
    for row in _rows(history.orders):
        if row["order_id"] in held:
            continue
        order = order_from_row(row)
        yield OrderRow(
            seq=next(numbers),
            order_id=order.order_id,
            channel=order.channel,
            as_of_us=to_us(row["as_of"]),
            origin=ORIGIN,
            facts=msgspec.json.encode(order_facts(order)),
            content=encode_order(order),
        )


def _outcome_rows(
    connection: Connection, history: History, numbers: Iterator[int]
) -> Iterator[OutcomeRow]:
    held = set(connection.scalars(select(OUTCOMES.c.answer_digest)))
    channel_of = dict(history.orders.select("order_id", "channel").iter_rows())
    for row in _rows(history.outcomes):
        digest = _digest(row)
        if digest in held:
            continue
        held.add(digest)
        yield OutcomeRow(
            seq=next(numbers),
            answer_digest=digest,
            order_id=row["order_id"],
            received_us=to_us(row["received_at"]),
            occurred_us=_instant_us(row["occurred_at"]),
            channel=channel_of.get(row["order_id"], ""),
            raw_code=row["raw_code"],
            raw_sub_code=row["raw_sub_code"],
            raw_message=row["raw_message"],
            outcome_class=row["outcome_class"],
            subclass=row["subclass"],
            final=row["final"],
            next_action=row["next_action"],
            origin=ORIGIN,
        )


def _rows(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for part in frame.iter_slices(_ROWS_AT_ONCE):
        yield from part.to_dicts()


def _instant_us(instant: datetime | None) -> int | None:
    return None if instant is None else to_us(instant)


def _digest(outcome: dict[str, Any]) -> str:
    identity = msgspec.json.encode((ORIGIN, *outcome.values()))
    return blake2b(identity, digest_size=16).hexdigest()


if __name__ == "__main__":
    try:
        added = import_history(Path(sys.argv[1]), sys.argv[2], now_us())
    except PreflightError as error:
        sys.exit(f"preflight: {error}")
    sys.stdout.write(f"{added[0]:,} orders and {added[1]:,} outcomes are in the ledger\n")
