"""Takes a channel's answer about an order: mapped by its pack, written, counted from arrival."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b

import msgspec
from msgspec import Struct

from features.errors import Fault, InvalidOrder
from features.ledger import OutcomeEvent, OutcomeRow, ReportRow
from features.masking import mask_digits
from features.outcome import OutcomeClass
from features.times import from_us, to_us
from rules.codes import MappedOutcome
from rules.decision import Retry
from serving.journal import Journal, Stamp
from serving.problems import NotRecorded
from serving.recorded import Recorded, recorded
from serving.requests import OutcomeReport, in_utc

MapOutcome = Callable[[str, OutcomeReport], MappedOutcome]
"""The code table of a channel's pack; raises UnknownChannel."""
Advise = Callable[[Recorded, int], Retry]
"""Plans how to go on by all that is recorded of an order, as of an instant."""


class OutcomeAnswer(Struct, frozen=True, kw_only=True):
    """What a channel's answer means, and how to send again, if at all.

    `retry` goes by everything that is recorded of the order, not by this answer alone.
    """

    order_id: str
    channel: str
    outcome_class: OutcomeClass
    subclass: str | None
    final: bool
    next_action: str
    retry: Retry
    source: str | None
    grade: str | None
    received_at: datetime
    duplicate: bool


class Feedback:
    """Stores outcomes; the same answer counts once, however often it is reported."""

    def __init__(self, journal: Journal, map_outcome: MapOutcome, advise: Advise) -> None:
        self._journal = journal
        self._map_outcome = map_outcome
        self._advise = advise
        self._commits: dict[str, asyncio.Future[None]] = {}

    async def take(self, report: OutcomeReport) -> OutcomeAnswer:
        """Map, write and count one answer.

        Raises NotRecorded for an order that was never scored or imported, UnknownChannel,
        InvalidOrder for an instant in the future, or LedgerError when it cannot be written.
        """
        channel = self._channel_of(report)
        mapped = self._map_outcome(channel, report)
        digest = _digest(channel, report)
        while (commit := self._commits.get(digest)) is not None:
            await asyncio.wait((commit,))
        self._journal.check()
        earlier = self._journal.reader.outcome(digest)
        stamp = self._journal.stamp()
        told = _report_row(report, digest, stamp)
        if earlier is None:
            row = _row(report, mapped, channel, digest, stamp)
            await asyncio.shield(self._write(row, told))
            received_us = row.received_us
        else:
            await asyncio.shield(self._journal.note(told))
            received_us = earlier.received_us
        return self._answer(mapped, channel, report, received_us, stamp, earlier is not None)

    def _channel_of(self, report: OutcomeReport) -> str:
        order = self._journal.reader.latest_order(report.order_id)
        if order is None:
            raise NotRecorded(
                f"order_id {report.order_id!r} was never scored or imported here, so its outcome "
                "cannot be attached: score it first by POST /v1/score, or import it"
            )
        return report.channel or order.channel

    def _write(self, row: OutcomeRow, told: ReportRow) -> asyncio.Future[None]:
        event = OutcomeEvent(row.received_us, row.seq, row.order_id, row.outcome_class, row.final)
        committed = self._journal.record(event, row, told)
        self._commits[row.answer_digest] = committed
        committed.add_done_callback(lambda _: self._commits.pop(row.answer_digest, None))
        return committed

    def _answer(
        self,
        mapped: MappedOutcome,
        channel: str,
        report: OutcomeReport,
        received_us: int,
        stamp: Stamp,
        duplicate: bool,
    ) -> OutcomeAnswer:
        return OutcomeAnswer(
            order_id=report.order_id,
            channel=channel,
            outcome_class=mapped.outcome_class,
            subclass=mapped.subclass,
            final=mapped.final,
            next_action=mapped.next_action,
            retry=self._advise(recorded(self._journal.reader, report.order_id), stamp.at_us),
            source=mapped.source,
            grade=mapped.grade,
            received_at=from_us(received_us),
            duplicate=duplicate,
        )


def _row(
    report: OutcomeReport, mapped: MappedOutcome, channel: str, digest: str, stamp: Stamp
) -> OutcomeRow:
    return OutcomeRow(
        seq=stamp.seq,
        answer_digest=digest,
        order_id=report.order_id,
        received_us=_received_us(report, stamp),
        occurred_us=_occurred_us(report),
        channel=channel,
        api=report.api,
        raw_code=report.raw_code,
        raw_sub_code=report.raw_sub_code,
        raw_message=None if report.raw_message is None else mask_digits(report.raw_message),
        http_status=report.http_status,
        outcome_class=mapped.outcome_class.value,
        subclass=mapped.subclass,
        final=mapped.final,
        next_action=mapped.next_action,
        origin="service",
    )


def _report_row(report: OutcomeReport, digest: str, stamp: Stamp) -> ReportRow:
    return ReportRow(
        seq=stamp.seq,
        answer_digest=digest,
        order_id=report.order_id,
        received_us=_received_us(report, stamp),
        asked=report.asked,
        attempt_no=report.attempt_no,
        request_id=report.request_id,
    )


def _occurred_us(report: OutcomeReport) -> int | None:
    if report.occurred_at is None:
        return None
    return to_us(in_utc("occurred_at", report.occurred_at))


def _received_us(report: OutcomeReport, stamp: Stamp) -> int:
    if report.received_at is None:
        return stamp.at_us
    received_us = to_us(in_utc("received_at", report.received_at))
    if received_us > stamp.at_us:
        found = report.received_at.isoformat()
        raise InvalidOrder(
            [Fault("received_at", found, f"an instant up to now, {from_us(stamp.at_us)}")]
        )
    return received_us


def _digest(channel: str, report: OutcomeReport) -> str:
    identity = (
        report.order_id,
        channel,
        report.api,
        report.raw_code,
        report.raw_sub_code,
        report.raw_message,
        report.http_status,
        report.attempt_no,
        report.occurred_at,
        *(() if report.request_id is None else (report.request_id,)),
    )
    return blake2b(msgspec.json.encode(identity), digest_size=16).hexdigest()
