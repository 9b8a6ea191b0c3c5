"""The ledger: what was asked, answered and learned. Its tables and its reader; append-only.

`seq` numbers every event across tables in the order in which it was written. Instants are
integer microseconds since 1970 UTC. `serving.ledger_writer` holds the writer.
"""

from collections.abc import Iterator
from heapq import merge
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Column, Engine, Select, Table, create_engine, event, func, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from features.errors import LedgerError
from features.kinds import Value
from features.ledger_tables import (
    DECISIONS,
    META,
    METADATA,
    ORDERS,
    OUTCOMES,
    REPORTS,
    SCHEMA_VERSION,
)

__all__ = ["DECISIONS", "META", "ORDERS", "OUTCOMES", "REPORTS", "SCHEMA_VERSION"]


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One order as it was scored or imported; `facts` and `content` are JSON."""

    seq: int
    order_id: str
    channel: str
    as_of_us: int
    origin: str
    facts: bytes
    content: bytes


class DecisionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One decision: `answer` is what the caller got, `record` what a replay needs; both JSON."""

    decision_id: str
    seq: int
    order_id: str
    content_digest: str
    as_of_us: int
    action: str
    mode: str
    duration_us: int
    answer: bytes
    record: bytes


class OutcomeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a channel about one order, with the class that its pack gave it."""

    seq: int
    answer_digest: str
    order_id: str
    received_us: int
    channel: str
    outcome_class: str
    final: bool
    origin: str
    occurred_us: int | None = None
    api: str | None = None
    raw_code: str | None = None
    raw_sub_code: str | None = None
    raw_message: str | None = None
    http_status: int | None = None
    subclass: str | None = None
    next_action: str | None = None


class ReportRow(msgspec.Struct, frozen=True, kw_only=True):
    """One report of an outcome, repeated ones too: what it answered, and under which number.

    A repeated answer is no further outcome, but it tells that things still stood so.
    """

    seq: int
    answer_digest: str
    order_id: str
    received_us: int
    asked: str | None = None
    attempt_no: int | None = None
    request_id: str | None = None


Row = OrderRow | DecisionRow | OutcomeRow | ReportRow
TABLE_OF: dict[type[Row], Table] = {
    OrderRow: ORDERS,
    DecisionRow: DECISIONS,
    OutcomeRow: OUTCOMES,
    ReportRow: REPORTS,
}


class AnswerCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often a channel answered so; message and order are one example of many."""

    channel: str
    api: str | None
    raw_code: str | None
    raw_sub_code: str | None
    raw_message: str | None
    order_id: str
    answers: int
    orders: int
    first_us: int
    last_us: int


class OrderEvent(msgspec.Struct, frozen=True):
    """An order, as the state counts it."""

    at_us: int
    seq: int
    order_id: str
    facts: dict[str, Value]


class OutcomeEvent(msgspec.Struct, frozen=True):
    """An outcome, as the state counts it from its arrival on."""

    at_us: int
    seq: int
    order_id: str
    outcome_class: str
    final: bool


_facts_decoder = msgspec.json.Decoder(dict[str, Value])


def sqlite_url(path: Path) -> str:
    """Name a ledger file as a database URL."""
    return f"sqlite:///{path}"


def open_engine(url: str) -> Engine:
    """Connect to a ledger; SQLite in WAL mode, where a commit returns once it is on the disk.

    Raises LedgerError when the URL cannot be read.
    """
    try:
        engine = create_engine(make_url(url))
    except (ArgumentError, ImportError) as error:
        raise LedgerError(
            f"ledger URL {url!r} cannot be used ({error}); such as sqlite:////data/ledger.sqlite"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _make_durable)
    return engine


def create_schema(engine: Engine) -> None:
    """Make the tables where they are missing.

    Raises LedgerError when the ledger cannot be written or has another schema version.
    """
    try:
        METADATA.create_all(engine)
        with engine.begin() as connection:
            found = connection.scalar(select(META.c.value).where(META.c.name == "schema"))
            if found is None:
                connection.execute(insert(META).values(name="schema", value=str(SCHEMA_VERSION)))
    except SQLAlchemyError as error:
        raise LedgerError(f"the ledger {engine.url!r} cannot be opened: {error}") from error
    if found not in (None, str(SCHEMA_VERSION)):
        raise LedgerError(
            f"the ledger {engine.url!r} has schema {found}, this version reads {SCHEMA_VERSION}: "
            "use the Preflight version that wrote it, or another PREFLIGHT_HOME"
        )


class LedgerReader:
    """Reads a ledger; every method sees what is committed at that moment."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def decision(self, decision_id: str) -> DecisionRow | None:
        """Read one decision by its id."""
        return self._first_decision(select(DECISIONS).where(DECISIONS.c.decision_id == decision_id))

    def decision_for(self, order_id: str, content_digest: str) -> DecisionRow | None:
        """Read the latest decision about exactly this content of an order."""
        same = (DECISIONS.c.order_id == order_id) & (DECISIONS.c.content_digest == content_digest)
        return self._first_decision(
            select(DECISIONS).where(same).order_by(DECISIONS.c.seq.desc()).limit(1)
        )

    def decisions_of(self, order_id: str) -> tuple[DecisionRow, ...]:
        """Read every decision about an order, oldest first."""
        query = select(DECISIONS).where(DECISIONS.c.order_id == order_id)
        return tuple(DecisionRow(**row) for row in self._rows(query.order_by(DECISIONS.c.seq)))

    def latest_order(self, order_id: str) -> OrderRow | None:
        """Read an order in its latest content, scored or imported."""
        query = select(ORDERS).where(ORDERS.c.order_id == order_id)
        rows = self._rows(query.order_by(ORDERS.c.seq.desc()).limit(1))
        return next((OrderRow(**row) for row in rows), None)

    def orders_of(self, order_id: str) -> tuple[OrderRow, ...]:
        """Read every content of an order, oldest first."""
        query = select(ORDERS).where(ORDERS.c.order_id == order_id)
        return tuple(OrderRow(**row) for row in self._rows(query.order_by(ORDERS.c.seq)))

    def reports_of(self, order_id: str) -> tuple[ReportRow, ...]:
        """Read every report of an outcome of an order, in the order in which they came."""
        query = select(REPORTS).where(REPORTS.c.order_id == order_id)
        return tuple(ReportRow(**row) for row in self._rows(query.order_by(REPORTS.c.seq)))

    def order_at(self, seq: int) -> OrderRow | None:
        """Read the order that was written as event `seq`."""
        rows = self._rows(select(ORDERS).where(ORDERS.c.seq == seq))
        return next((OrderRow(**row) for row in rows), None)

    def outcomes_of(self, order_id: str) -> tuple[OutcomeRow, ...]:
        """Read every outcome of an order in the order of arrival."""
        query = select(OUTCOMES).where(OUTCOMES.c.order_id == order_id)
        rows = self._rows(query.order_by(OUTCOMES.c.received_us, OUTCOMES.c.seq))
        return tuple(OutcomeRow(**row) for row in rows)

    def outcome(self, answer_digest: str) -> OutcomeRow | None:
        """Read the outcome that a channel's answer was stored as, if it was seen before."""
        rows = self._rows(select(OUTCOMES).where(OUTCOMES.c.answer_digest == answer_digest))
        return next((OutcomeRow(**row) for row in rows), None)

    def answer_counts(self) -> tuple[AnswerCount, ...]:
        """Count the channels' answers by API, code and sub-code, the most frequent first."""
        table = OUTCOMES.c
        key = (table.channel, table.api, table.raw_code, table.raw_sub_code)
        query = select(
            *key,
            func.max(table.raw_message).label("raw_message"),
            func.max(table.order_id).label("order_id"),
            func.count().label("answers"),
            func.count(table.order_id.distinct()).label("orders"),
            func.min(table.received_us).label("first_us"),
            func.max(table.received_us).label("last_us"),
        )
        rows = self._rows(query.group_by(*key))
        counts = [AnswerCount(**row) for row in rows]
        return tuple(sorted(counts, key=lambda one: (-one.answers, one.channel, str(one.raw_code))))

    def decision_ids(self) -> tuple[str, ...]:
        """Read the ids of all decisions, oldest first."""
        rows = self._rows(select(DECISIONS.c.decision_id).order_by(DECISIONS.c.seq))
        return tuple(row["decision_id"] for row in rows)

    def decided_order_ids(self) -> frozenset[str]:
        """Read the ids of every order that has a decision."""
        rows = self._rows(select(DECISIONS.c.order_id).distinct())
        return frozenset(row["order_id"] for row in rows)

    def answered_order_ids(self) -> frozenset[str]:
        """Read the ids of every order about which a channel has answered."""
        rows = self._rows(select(OUTCOMES.c.order_id).distinct())
        return frozenset(row["order_id"] for row in rows)

    def events(self, since_us: int = 0) -> Iterator[OrderEvent | OutcomeEvent]:
        """Yield orders and outcomes as they became known: by instant, then by number."""
        orders, outcomes = self._orders(since_us), self._outcomes(since_us)
        return merge(orders, outcomes, key=lambda event: (event.at_us, event.seq))

    def counts(self) -> dict[str, int]:
        """Count the rows of each table."""
        return {
            table.name: self._number(select(func.count()).select_from(table))
            for table in (ORDERS, DECISIONS, OUTCOMES)
        }

    def last_seq(self) -> int:
        """Read the number of the last event; 0 when there is none."""
        return max(self._highest(table.c.seq) for table in (ORDERS, OUTCOMES, REPORTS))

    def last_instant_us(self) -> int:
        """Read the latest instant of any event; 0 when there is none."""
        received = (OUTCOMES.c.received_us, REPORTS.c.received_us)
        return max(self._highest(column) for column in (ORDERS.c.as_of_us, *received))

    def _highest(self, column: Column[Any]) -> int:
        return self._number(select(func.max(column)))

    def _number(self, query: Select[Any]) -> int:
        (row,) = self._rows(query)
        (value,) = row.values()
        return value or 0

    def _orders(self, since_us: int) -> Iterator[OrderEvent]:
        table = ORDERS.c
        query = select(table.as_of_us, table.seq, table.order_id, table.facts)
        recent = query.where(table.as_of_us >= since_us)
        for at_us, seq, order_id, facts in self._tuples(recent.order_by(table.as_of_us, table.seq)):
            yield OrderEvent(at_us, seq, order_id, _facts_decoder.decode(facts))

    def _outcomes(self, since_us: int) -> Iterator[OutcomeEvent]:
        table = OUTCOMES.c
        columns = (table.received_us, table.seq, table.order_id, table.outcome_class, table.final)
        recent = select(*columns).where(table.received_us >= since_us)
        for row in self._tuples(recent.order_by(table.received_us, table.seq)):
            yield OutcomeEvent(*row)

    def _first_decision(self, query: Select[Any]) -> DecisionRow | None:
        return next((DecisionRow(**row) for row in self._rows(query)), None)

    def _rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(query).mappings()]
        except SQLAlchemyError as error:
            raise LedgerError(f"the ledger {self._engine.url!r} cannot be read: {error}") from error

    def _tuples(self, query: Select[Any]) -> Iterator[Any]:
        try:
            with self._engine.connect() as connection:
                yield from connection.execution_options(yield_per=2_000).execute(query)
        except SQLAlchemyError as error:
            raise LedgerError(f"the ledger {self._engine.url!r} cannot be read: {error}") from error


def _make_durable(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()
