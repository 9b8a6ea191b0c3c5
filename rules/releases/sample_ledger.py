"""A sample of a ledger's last orders, with what was known when each was decided."""

from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from features.errors import LedgerError
from features.kinds import Value
from features.ledger import DECISIONS, ORDERS, open_engine
from features.order import Order
from rules.releases.sampled import Sampled, in_turn

_RECENT = 20
"""How many times as many recent orders are looked at, so that every channel is sampled."""


def shown(url: str) -> str:
    """Write a ledger's URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


def from_ledger(url: str, most: int) -> tuple[Sampled, ...]:
    """Read the most recent orders of every channel, with what was known when each was decided."""
    engine = open_engine(url)
    columns = (ORDERS.c.seq, ORDERS.c.channel)
    recent = select(*columns).order_by(ORDERS.c.seq.desc()).limit(most * _RECENT)
    try:
        with engine.connect() as connection:
            rows = connection.execute(recent).all()
            chosen = in_turn(((row.channel, row.seq) for row in rows), most)
            return tuple(
                _read(row.content, row.as_of_us, row.record)
                for seq in chosen
                for row in connection.execute(_with_decision(seq)).all()
            )
    except SQLAlchemyError as error:
        raise LedgerError(f"the ledger {engine.url!r} cannot be read: {error}") from error
    finally:
        engine.dispose()


class _Decision(Struct):
    features: dict[str, Value] = {}


class _Record(Struct):
    decision: _Decision


def _with_decision(seq: int) -> Select[Any]:
    joined = ORDERS.outerjoin(DECISIONS, ORDERS.c.seq == DECISIONS.c.seq)
    columns = (ORDERS.c.content, ORDERS.c.as_of_us, DECISIONS.c.record)
    return select(*columns).select_from(joined).where(ORDERS.c.seq == seq).limit(1)


def _read(content: bytes, as_of_us: int, record: bytes | None) -> Sampled:
    known = {} if record is None else msgspec.json.decode(record, type=_Record).decision.features
    return Sampled(
        order=msgspec.json.decode(content, type=Order), as_of_us=as_of_us, features=known
    )
