"""The tables of the ledger; append-only. `features.ledger` says what their rows mean."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_VERSION = 1
METADATA = MetaData()
_SEQ = BigInteger().with_variant(Integer, "sqlite")

META = Table(
    "ledger_meta",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", String(64), nullable=False),
)
ORDERS = Table(
    "orders",
    METADATA,
    Column("seq", _SEQ, primary_key=True, autoincrement=False),
    Column("order_id", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("as_of_us", BigInteger, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("orders_by_order_id", "order_id"),
    Index("orders_by_as_of", "as_of_us", "seq"),
)
DECISIONS = Table(
    "decisions",
    METADATA,
    Column("decision_id", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("order_id", String(64), nullable=False),
    Column("content_digest", String(32), nullable=False),
    Column("as_of_us", BigInteger, nullable=False),
    Column("action", String(16), nullable=False),
    Column("mode", String(32), nullable=False),
    Column("duration_us", BigInteger, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Index("decisions_by_order_id", "order_id", "seq"),
)
OUTCOMES = Table(
    "outcomes",
    METADATA,
    Column("seq", _SEQ, primary_key=True, autoincrement=False),
    Column("answer_digest", String(32), nullable=False, unique=True),
    Column("order_id", String(64), nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("occurred_us", BigInteger),
    Column("channel", String(64), nullable=False),
    Column("api", String(64)),
    Column("raw_code", String(128)),
    Column("raw_sub_code", String(128)),
    Column("raw_message", Text),
    Column("http_status", Integer),
    Column("outcome_class", String(32), nullable=False),
    Column("subclass", String(64)),
    Column("final", Boolean, nullable=False),
    Column("next_action", String(64)),
    Column("origin", String(16), nullable=False),
    Index("outcomes_by_order_id", "order_id"),
    Index("outcomes_by_received", "received_us", "seq"),
)
REPORTS = Table(
    "reports",
    METADATA,
    Column("seq", _SEQ, primary_key=True, autoincrement=False),
    Column("answer_digest", String(32), nullable=False),
    Column("order_id", String(64), nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("asked", String(16)),
    Column("attempt_no", Integer),
    Column("request_id", String(128)),
    Index("reports_by_order_id", "order_id"),
)
