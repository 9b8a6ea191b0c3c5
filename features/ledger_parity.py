"""Holds what the service said when it decided to what a replay of its ledger says: every value."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from heapq import merge
from typing import Any

import msgspec
from sqlalchemy import Engine, Select, func, select
from sqlalchemy.exc import SQLAlchemyError

from features.catalog import Catalog
from features.errors import InvalidOrder, LedgerError
from features.kinds import Value
from features.ledger import DECISIONS, ORDERS, OUTCOMES, open_engine
from features.live import LiveState
from features.progress import Progress, silent

SERVICE = "service"
"""Origin of what a running service wrote; anything else was brought in between two runs."""
_ROWS_AT_ONCE = 2_000
_REPORTED_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class LedgerDifference:
    """One value that is not the same; None is missing."""

    decision_id: str
    order_id: str
    feature: str
    recorded: Value | None
    replayed: Value | None


@dataclass(frozen=True, slots=True)
class LedgerParity:
    """What was compared; decisions of another catalog, or without state, cannot be."""

    decisions: int
    values: int
    of_another_catalog: int
    without_state: int
    differences: tuple[LedgerDifference, ...]


class _Versions(msgspec.Struct):
    catalog: str


class _Answer(msgspec.Struct):
    versions: _Versions


class _Record(msgspec.Struct):
    state: dict[str, Value | None] | None


class _Decided(msgspec.Struct, frozen=True):
    decision_id: str
    catalog: str
    state: dict[str, Value | None] | None


class _Event(msgspec.Struct, frozen=True):
    """An order with its decision, or an outcome."""

    seq: int
    at_us: int
    origin: str
    order_id: str
    facts: dict[str, Value] | None = None
    decided: _Decided | None = None
    outcome_class: str = ""
    final: bool = False


def check_ledger(url: str, catalog: Catalog, progress: Progress = silent) -> LedgerParity:
    """Replay a ledger in the order in which it was written, and compare each decision's features.

    Where a history was imported between two runs of the service, the state is rebuilt by instant
    first, as the service does when it starts. Raises LedgerError when the ledger cannot be read,
    or holds decisions but none of this catalog.
    """
    engine = open_engine(url)
    try:
        parity = _replay(engine, catalog, progress)
    except SQLAlchemyError as error:
        raise LedgerError(f"the ledger {engine.url!r} cannot be read: {error}") from error
    finally:
        engine.dispose()
    if parity.of_another_catalog and not parity.decisions:
        raise LedgerError(
            f"none of the {parity.of_another_catalog} decisions in {engine.url!r} was made with "
            f"catalog {catalog.name!r} (schema {catalog.schema_hash}); name theirs by --catalog"
        )
    return parity


def _replay(engine: Engine, catalog: Catalog, progress: Progress) -> LedgerParity:
    state = LiveState(catalog)
    total = _count(engine)
    decisions = values = others = stateless = 0
    differences: list[LedgerDifference] = []
    was_imported = False
    for done, event in enumerate(_events(engine)):
        if event.origin != SERVICE:
            was_imported = True
            continue
        if was_imported:
            state, was_imported = _rebuilt(engine, catalog, event.seq), False
        decided = event.decided
        if decided is not None and decided.catalog != catalog.schema_hash:
            others += 1
        elif decided is not None and decided.state is None:
            stateless += 1
        elif decided is not None:
            decisions += 1
            values += len(catalog.names)
            differences += _compared(state, event, decided)
        _apply(state, event)
        if done % _REPORTED_EVERY == 0:
            progress(done, total, "replay")
    return LedgerParity(decisions, values, others, stateless, tuple(differences))


def _compared(state: LiveState, event: _Event, decided: _Decided) -> Iterator[LedgerDifference]:
    replayed: Mapping[str, Value] = state.read(event.facts or {}, event.at_us)
    recorded = decided.state or {}
    for name in {**recorded, **replayed}:
        then, now = recorded.get(name), replayed.get(name)
        if then != now:
            yield LedgerDifference(decided.decision_id, event.order_id, name, then, now)


def _apply(state: LiveState, event: _Event) -> None:
    with suppress(InvalidOrder):  # as in the service: it does not fit this catalog
        if event.facts is None:
            state.apply_outcome(event.order_id, event.outcome_class, event.final, event.at_us)
        else:
            state.apply_order(event.facts, event.at_us)


def _rebuilt(engine: Engine, catalog: Catalog, before_seq: int) -> LiveState:
    """Make the state that a service has which starts on what was written before `before_seq`."""
    state = LiveState(catalog)
    orders = _orders(engine, ORDERS.c.as_of_us, before_seq)
    outcomes = _outcomes(engine, OUTCOMES.c.received_us, before_seq)
    for event in merge(orders, outcomes, key=lambda event: (event.at_us, event.seq)):
        _apply(state, event)
    return state


def _events(engine: Engine) -> Iterator[_Event]:
    orders, outcomes = _orders(engine, ORDERS.c.seq), _outcomes(engine, OUTCOMES.c.seq)
    return merge(orders, outcomes, key=lambda event: event.seq)


def _orders(engine: Engine, by: Any, before_seq: int | None = None) -> Iterator[_Event]:
    table, decision = ORDERS.c, DECISIONS.c
    columns = (table.seq, table.as_of_us, table.origin, table.order_id, table.facts)
    of_decision = (decision.decision_id, decision.answer, decision.record)
    same = (table.seq == decision.seq) & (table.order_id == decision.order_id)
    query = select(*columns, *of_decision).select_from(ORDERS.outerjoin(DECISIONS, same))
    if before_seq is not None:
        query = query.where(table.seq < before_seq)
    for seq, at_us, origin, order_id, facts, *decided in _rows(
        engine, query.order_by(by, table.seq)
    ):
        yield _Event(
            seq=seq,
            at_us=at_us,
            origin=origin,
            order_id=order_id,
            facts=msgspec.json.decode(facts, type=dict[str, Value]),
            decided=None if decided[0] is None else _decided(*decided),
        )


def _decided(decision_id: str, answer: bytes, record: bytes) -> _Decided:
    catalog = msgspec.json.decode(answer, type=_Answer).versions.catalog
    return _Decided(decision_id, catalog, msgspec.json.decode(record, type=_Record).state)


def _outcomes(engine: Engine, by: Any, before_seq: int | None = None) -> Iterator[_Event]:
    table = OUTCOMES.c
    columns = (table.seq, table.received_us, table.origin, table.order_id)
    query = select(*columns, table.outcome_class, table.final)
    if before_seq is not None:
        query = query.where(table.seq < before_seq)
    for row in _rows(engine, query.order_by(by, table.seq)):
        seq, at_us, origin, order_id, outcome_class, final = row
        yield _Event(
            seq=seq,
            at_us=at_us,
            origin=origin,
            order_id=order_id,
            outcome_class=outcome_class,
            final=final,
        )


def _rows(engine: Engine, query: Select[Any]) -> Iterator[Any]:
    with engine.connect() as connection:
        yield from connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)


def _count(engine: Engine) -> int:
    with engine.connect() as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(t)) for t in (ORDERS, OUTCOMES)
        ]
    return sum(count or 0 for count in counts)
