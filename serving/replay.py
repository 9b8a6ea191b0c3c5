"""Decides a recorded order again, from what was known then; the same parts give the same bytes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import msgspec
from msgspec import Struct

from features.ledger import LedgerReader, open_engine
from features.order import Order
from rules.holds import NO_HOLDS
from rules.holds_store import hold_store_of
from rules.lists.lists import ABSENT, load_lists
from rules.lists.store import store_of
from serving.answers import DecisionRecord
from serving.desk import Judge
from serving.differences import differing_paths
from serving.problems import NotRecorded
from serving.recorded import recorded
from serving.settings import Settings
from serving.state import NotReadThen, RecordedView
from serving.wiring import build_rooms, judge_by

_Versions = tuple[tuple[str, str], ...]
_MakeJudge = Callable[[_Versions, str], Judge]
"""A judge for the versions of lists and of holds that a decision names."""


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
    not_read: str | None = None
    """What the state was not asked then, so that the decision of today cannot be computed."""

    def in_words(self) -> str:
        """Say it in one line."""
        if not self.differs:
            return f"{self.decision_id} (order {self.order_id}): the same, byte for byte"
        told = f"{self.decision_id} (order {self.order_id}) differs in: {', '.join(self.differs)}"
        unread = () if self.not_read is None else (self.not_read,)
        return "; ".join((told, *unread, *(one.in_words() for one in self.lists)))


def replay(
    settings: Settings,
    decision_id: str | None = None,
    *,
    recorded_lists: bool = False,
    every: int = 1,
) -> Iterator[Replayed]:
    """Compute one decision, or each `every`-th, again with today's book, packs, champion, lists.

    What was switched off is always that of the decision, and with `recorded_lists` so are the
    lists; raises RuleError when such a version is not on the disk any more, NotRecorded when the
    ledger does not hold the decision.
    """
    engine = open_engine(settings.ledger_url)
    reader = LedgerReader(engine)
    make = _judges_of(settings, recorded_lists=recorded_lists)
    for one in reader.decision_ids()[::every] if decision_id is None else (decision_id,):
        yield _again(reader, make, one)
    engine.dispose()


def _judges_of(settings: Settings, *, recorded_lists: bool) -> _MakeJudge:
    terms = build_rooms(settings).terms
    lists, holds = store_of(settings.home), hold_store_of(settings.home)

    @lru_cache(maxsize=8)
    def make(versions: _Versions, held: str) -> Judge:
        then = replace(terms, holds=holds.at(held) if held else NO_HOLDS)
        if recorded_lists:
            known = {name: version for name, version in versions if version != ABSENT}
            then = replace(then, lists=load_lists(lists, known))
        return judge_by(lambda: then)

    return make


def _again(reader: LedgerReader, make_judge: _MakeJudge, decision_id: str) -> Replayed:
    row = reader.decision(decision_id)
    scored = None if row is None else reader.order_at(row.seq)
    if row is None or scored is None:
        raise NotRecorded(f"no decision {decision_id!r} is in the ledger")
    record = msgspec.json.decode(row.record, type=DecisionRecord)
    view = None if record.state is None else RecordedView(record.state, record.later)
    versions = record.decision.versions
    lists = versions.lists
    judge = make_judge(tuple(sorted(lists.items())), versions.holds)
    order = msgspec.json.decode(scored.content, type=Order)
    past = None
    if record.past_us is not None:
        past = recorded(reader, row.order_id).until(record.past_us)
    try:
        decision = judge(order, view, row.as_of_us, past)
    except NotReadThen as error:
        return Replayed(
            decision_id=decision_id,
            order_id=row.order_id,
            differs=("later",),
            not_read=str(error),
        )
    now = msgspec.json.encode(msgspec.structs.replace(record, decision=decision))
    return Replayed(
        decision_id=decision_id,
        order_id=row.order_id,
        differs=tuple(differing_paths(msgspec.json.decode(row.record), msgspec.json.decode(now))),
        lists=tuple(_other_lists(lists, decision.versions.lists)),
    )


def _other_lists(recorded: Mapping[str, str], now: Mapping[str, str]) -> Iterator[OtherList]:
    for name in sorted(recorded.keys() | now.keys()):
        before, after = recorded.get(name, ABSENT), now.get(name, ABSENT)
        if before != after:
            yield OtherList(name=name, recorded=before, now=after)
