"""Decides a recorded order again, from what was known then; the same parts give the same bytes."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from features.ledger import LedgerReader, open_engine
from features.order import Order
from serving.answers import DecisionRecord
from serving.desk import Judge
from serving.differences import differing_paths
from serving.problems import NotRecorded
from serving.settings import Settings
from serving.state import RecordedView
from serving.wiring import build_rooms


class Replayed(Struct, frozen=True, kw_only=True):
    """Where the decision of today differs from the recorded one; nowhere if nothing changed."""

    decision_id: str
    order_id: str
    differs: tuple[str, ...]

    def in_words(self) -> str:
        """Say it in one line."""
        if not self.differs:
            return f"{self.decision_id} (order {self.order_id}): the same, byte for byte"
        return f"{self.decision_id} (order {self.order_id}) differs in: {', '.join(self.differs)}"


def replay(settings: Settings, decision_id: str | None = None) -> Iterator[Replayed]:
    """Compute one decision, or every one, again with today's book, packs and champion.

    Raises NotRecorded when the ledger does not hold it.
    """
    engine = open_engine(settings.ledger_url)
    reader = LedgerReader(engine)
    judge = build_rooms(settings).judge
    for one in reader.decision_ids() if decision_id is None else (decision_id,):
        yield _again(reader, judge, one)
    engine.dispose()


def _again(reader: LedgerReader, judge: Judge, decision_id: str) -> Replayed:
    row = reader.decision(decision_id)
    scored = None if row is None else reader.order_at(row.seq)
    if row is None or scored is None:
        raise NotRecorded(f"no decision {decision_id!r} is in the ledger")
    record = msgspec.json.decode(row.record, type=DecisionRecord)
    view = None if record.state is None else RecordedView(record.state)
    decision = judge(msgspec.json.decode(scored.content, type=Order), view, row.as_of_us)
    now = msgspec.json.encode(DecisionRecord(decision=decision, state=record.state))
    return Replayed(
        decision_id=decision_id,
        order_id=row.order_id,
        differs=tuple(differing_paths(msgspec.json.decode(row.record), msgspec.json.decode(now))),
    )
