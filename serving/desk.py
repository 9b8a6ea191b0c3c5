"""Answers one order: seen before? read, decide, write, count, and only then answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from time import perf_counter_ns

import msgspec

from features.edge import Masker, encode_order, order_from_dict
from features.facts import order_facts
from features.kinds import Value
from features.ledger import DecisionRow, OrderEvent, OrderRow
from features.order import Order
from rules.decision import Decision
from serving.answers import DecisionRecord, Superseding, answer_of
from serving.differences import differing_paths
from serving.journal import Journal, Stamp
from serving.recorded import Recorded, recorded
from serving.requests import decode_json
from serving.state import Later, RememberingView, StateError, View
from serving.waits import is_over

Judge = Callable[[Order, View | None, int, Recorded | None], Decision]
"""`rules.decide.decide` by the terms that hold; the last is what is on record of the order."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One answer as JSON; `repeated` when it was given before."""

    body: bytes
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Judged:
    decision: Decision
    facts: dict[str, Value]
    said: dict[str, Value] | None
    later: tuple[Later, ...]
    past_us: int | None
    duration_us: int


class Desk:
    """Scores orders, one after the other; only the wait for the disk is shared."""

    def __init__(self, journal: Journal, judge: Judge, masker: Masker, catalog: str, code: str):
        self._journal = journal
        self._judge = judge
        self._masker = masker
        self._answer_of = partial(answer_of, catalog=catalog, code=code)
        self._commits: dict[str, asyncio.Future[None]] = {}

    async def score(self, raw: bytes) -> Scored:
        """Score one order or payout from JSON; nothing is answered that is not in the ledger.

        The same request gets the same answer, until an answer to wait is over or the channel has
        answered about the order: then a new one.
        Raises MalformedJson, InvalidOrder, UnknownChannel, or LedgerError when it cannot be
        written: then it does not count either.
        """
        order = order_from_dict(decode_json(raw), self._masker)
        while (commit := self._commits.get(order.order_id)) is not None:
            await asyncio.wait((commit,))
        self._journal.check()
        content = encode_order(order)
        digest = _digest(content)
        past = self._on_record(order.order_id)
        repeated = self._stored(order.order_id, digest, past)
        if repeated is not None:
            return repeated
        body, committed = self._decide(order, content, digest, past)
        await asyncio.shield(committed)
        return Scored(body)

    def preview(self, raw: bytes) -> Scored:
        """Score one order without writing or counting it."""
        order = order_from_dict(decode_json(raw), self._masker)
        stamp = self._journal.stamp()
        judged = self._judged(order, stamp.at_us, self._on_record(order.order_id))
        answer = self._answer_of(judged.decision, "", superseding=None)
        return Scored(msgspec.json.encode(answer))

    def _stored(self, order_id: str, digest: str, past: Recorded | None) -> Scored | None:
        if not self._journal.has_decided(order_id):
            return None
        earlier = self._journal.reader.decision_for(order_id, digest)
        if earlier is None or is_over(earlier.answer, self._journal.stamp().at_us):
            return None
        heard_us = None if past is None else past.answered_us
        if heard_us is not None and heard_us > earlier.as_of_us:
            return None
        return Scored(earlier.answer, repeated=True)

    def _on_record(self, order_id: str) -> Recorded | None:
        """Read what is on record of an order; None, without a read, of one that is new."""
        if not (self._journal.has_decided(order_id) or self._journal.has_answers(order_id)):
            return None
        return recorded(self._journal.reader, order_id)

    def _decide(
        self, order: Order, content: bytes, digest: str, past: Recorded | None
    ) -> tuple[bytes, asyncio.Future[None]]:
        superseding = self._superseding(order.order_id, content)
        stamp = self._journal.stamp()
        judged = self._judged(order, stamp.at_us, past)
        decision_id = _decision_id(order.order_id, digest, stamp)
        answer = self._answer_of(judged.decision, decision_id, superseding=superseding)
        body = msgspec.json.encode(answer)
        committed = self._journal.record(
            OrderEvent(stamp.at_us, stamp.seq, order.order_id, judged.facts),
            _order_row(order, stamp, msgspec.json.encode(judged.facts), content),
            _decision_row(judged, decision_id, digest, stamp, body),
        )
        self._commits[order.order_id] = committed
        committed.add_done_callback(lambda _: self._commits.pop(order.order_id, None))
        return body, committed

    def _judged(self, order: Order, as_of_us: int, past: Recorded | None) -> _Judged:
        started_ns = perf_counter_ns()
        state = self._journal.state
        view = None if state is None else RememberingView(state)
        try:
            decision = self._judge(order, view, as_of_us, past)
        except StateError:
            view = None
            decision = self._judge(order, None, as_of_us, past)
        facts = None if view is None else view.facts
        return _Judged(
            decision,
            order_facts(order) if facts is None else dict(facts),
            None if view is None else view.said,
            () if view is None else view.later,
            None if past is None else past.newest_us,
            (perf_counter_ns() - started_ns) // 1_000,
        )

    def _superseding(self, order_id: str, content: bytes) -> Superseding | None:
        if not self._journal.has_decided(order_id):
            return None
        reader = self._journal.reader
        earlier = reader.decisions_of(order_id)[-1]
        scored = reader.order_at(earlier.seq)
        before = {} if scored is None else msgspec.json.decode(scored.content)
        return Superseding(
            decision_id=earlier.decision_id,
            differs=tuple(differing_paths(before, msgspec.json.decode(content))),
        )


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


def _decision_id(order_id: str, digest: str, stamp: Stamp) -> str:
    return f"d{_digest(f'{order_id}|{digest}|{stamp.seq}|{stamp.at_us}'.encode())}"


def _order_row(order: Order, stamp: Stamp, facts: bytes, content: bytes) -> OrderRow:
    return OrderRow(
        seq=stamp.seq,
        order_id=order.order_id,
        channel=order.channel,
        as_of_us=stamp.at_us,
        origin="service",
        facts=facts,
        content=content,
    )


def _decision_row(
    judged: _Judged, decision_id: str, digest: str, stamp: Stamp, answer: bytes
) -> DecisionRow:
    decision = judged.decision
    return DecisionRow(
        decision_id=decision_id,
        seq=stamp.seq,
        order_id=decision.order_id,
        content_digest=digest,
        as_of_us=stamp.at_us,
        action=decision.action.value,
        mode=decision.mode.value,
        duration_us=judged.duration_us,
        answer=answer,
        record=msgspec.json.encode(
            DecisionRecord(
                decision=decision, state=judged.said, later=judged.later, past_us=judged.past_us
            )
        ),
    )
