"""Decides a recorded order again, from what was known then; the same parts give the same bytes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial

import msgspec
from msgspec import Struct

from features.ledger import LedgerReader, open_engine
from features.order import Order
from rules.lists.lists import ABSENT, load_lists
from rules.lists.store import ListStore, store_of
from serving.answers import DecisionRecord
from serving.desk import Judge
from serving.differences import differing_paths
from serving.problems import NotRecorded
from serving.settings import Settings
from serving.state import RecordedView
from serving.wiring import Rooms, build_rooms, judge_by

_Versions = tuple[tuple[str, str], ...]
_MakeJudge = Callable[[_Versions], Judge]
"""A judge for the versions of lists that a decision names."""


class OtherList(Struct, frozen=True, kw_only=True):
    """A list that was asked in one version, and now in another; `absent` is none at all."""

    name: str
    recorded: str
    now: str

    def in_words(self) -> str:
        """Say it in a few words."""
        return f"list {self.name} was {self.recorded}, now {self.now}"


class Replayed(Struct, frozen=True, kw_only=True):
    """Where the decision of today differs from the recorded one; nowhere if nothing changed."""

    decision_id: str
    order_id: str
    differs: tuple[str, ...]
    lists: tuple[OtherList, ...] = ()
    """The lists that have another version now than the decision names."""

    def in_words(self) -> str:
        """Say it in one line."""
        if not self.differs:
            return f"{self.decision_id} (order {self.order_id}): the same, byte for byte"
        told = f"{self.decision_id} (order {self.order_id}) differs in: {', '.join(self.differs)}"
        return "; ".join((told, *(one.in_words() for one in self.lists)))


def replay(
    settings: Settings, decision_id: str | None = None, *, recorded_lists: bool = False
) -> Iterator[Replayed]:
    """Compute one decision, or every one, again with today's book, packs, champion and lists.

    With `recorded_lists` the lists are those that the decision names; raises RuleError when such
    a version is not on the disk any more, NotRecorded when the ledger does not hold the decision.
    """
    engine = open_engine(settings.ledger_url)
    reader = LedgerReader(engine)
    rooms = build_rooms(settings)
    judges = partial(_judge_by_versions, rooms, store_of(settings.home))
    make: _MakeJudge = lru_cache(maxsize=8)(judges) if recorded_lists else lambda _: rooms.judge
    for one in reader.decision_ids() if decision_id is None else (decision_id,):
        yield _again(reader, make, one)
    engine.dispose()


def _judge_by_versions(rooms: Rooms, store: ListStore, versions: _Versions) -> Judge:
    known = {name: version for name, version in versions if version != ABSENT}
    return judge_by(replace(rooms.terms, lists=load_lists(store, known)))


def _again(reader: LedgerReader, make_judge: _MakeJudge, decision_id: str) -> Replayed:
    row = reader.decision(decision_id)
    scored = None if row is None else reader.order_at(row.seq)
    if row is None or scored is None:
        raise NotRecorded(f"no decision {decision_id!r} is in the ledger")
    record = msgspec.json.decode(row.record, type=DecisionRecord)
    view = None if record.state is None else RecordedView(record.state)
    recorded = record.decision.versions.lists
    judge = make_judge(tuple(sorted(recorded.items())))
    decision = judge(msgspec.json.decode(scored.content, type=Order), view, row.as_of_us)
    now = msgspec.json.encode(DecisionRecord(decision=decision, state=record.state))
    return Replayed(
        decision_id=decision_id,
        order_id=row.order_id,
        differs=tuple(differing_paths(msgspec.json.decode(row.record), msgspec.json.decode(now))),
        lists=tuple(_other_lists(recorded, decision.versions.lists)),
    )


def _other_lists(recorded: Mapping[str, str], now: Mapping[str, str]) -> Iterator[OtherList]:
    for name in sorted(recorded.keys() | now.keys()):
        before, after = recorded.get(name, ABSENT), now.get(name, ABSENT)
        if before != after:
            yield OtherList(name=name, recorded=before, now=after)
