"""What the ledger knows of one order's submissions: the history that its retry is planned by."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from features.errors import LedgerError
from features.ledger import LedgerReader, OrderRow, OutcomeRow, ReportRow
from features.order import Order
from features.outcome import OutcomeClass
from rules.codes import QUERY, MappedOutcome
from rules.decision import Retry
from rules.packs import Packs
from rules.retry import plan
from rules.retry.history import Asked, Heard, History, Number, answers_in, history, sent_by

KEPT_OF_EACH = 20
"""Of equal reports the first and so many of the last are planned by: more than any limit counts."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One order's rows, each kind in the order in which they were written."""

    orders: Sequence[OrderRow]
    outcomes: Sequence[OutcomeRow]
    reports: Sequence[ReportRow]

    @property
    def newest_us(self) -> int | None:
        """The instant of the newest row; None where there is none."""
        known = [row.as_of_us for row in self.orders]
        return max([*known, *self._answered_us], default=None)

    @property
    def answered_us(self) -> int | None:
        """When the last answer was reported; None before the first."""
        return max(self._answered_us, default=None)

    @property
    def _answered_us(self) -> list[int]:
        return [one.received_us for one in self.outcomes] + [
            one.received_us for one in self.reports
        ]

    def until(self, at_us: int) -> "Recorded":
        """Give what was on record as of an instant."""
        return Recorded(
            [row for row in self.orders if row.as_of_us <= at_us],
            [row for row in self.outcomes if row.received_us <= at_us],
            [row for row in self.reports if row.received_us <= at_us],
        )


def recorded(reader: LedgerReader, order_id: str) -> Recorded:
    """Read all that the ledger holds about an order's submissions."""
    return Recorded(
        reader.orders_of(order_id), reader.outcomes_of(order_id), reader.reports_of(order_id)
    )


def advise(rows: Recorded, packs: Packs, now_us: int) -> Retry:
    """Plan how to go on with an order that something was heard of.

    Raises LedgerError where the ledger holds nothing about it, or UnknownChannel where neither the
    order's channel nor that of its last outcome has a pack.
    """
    past = recorded_history(rows, packs)
    pack = packs.by_channel.get(past.channel) or packs[rows.outcomes[-1].channel]
    advice = plan(past, pack.at(now_us), now_us)
    if advice is None:
        raise LedgerError(f"the ledger holds no attempt and no outcome of {past.order_id!r}")
    return advice


def recorded_history(rows: Recorded, packs: Packs, *now: Order) -> History:
    """Put together what was sent and heard, by every content of the order that was ever scored.

    An attempt that a later content leaves out was made all the same. `now` is the order as it is
    being scored, where that is not on record yet.
    """
    orders = [*(msgspec.json.decode(row.content, type=Order) for row in rows.orders), *now]
    last = rows.outcomes[-1] if rows.outcomes else None
    heard = [*_heard(rows, packs), *(one for order in orders for one in answers_in(order, packs))]
    return history(
        order_id=orders[-1].order_id if orders else (last.order_id if last else ""),
        channel=orders[-1].channel if orders else (last.channel if last else ""),
        sent=(sent_by(order, one) for order in orders for one in order.attempts),
        heard=dict.fromkeys(heard),
    )


def _heard(rows: Recorded, packs: Packs) -> Iterator[Heard]:
    outcomes = {row.answer_digest: row for row in rows.outcomes}
    told = {row.answer_digest for row in rows.reports}
    for row in rows.outcomes:
        if row.answer_digest not in told:  # imported, or from before reports were written down
            yield _answer(row, None, packs)
    for report in _telling(rows.reports):
        yield _answer(outcomes[report.answer_digest], report, packs)


def _telling(reports: Sequence[ReportRow]) -> Iterator[ReportRow]:
    """Leave out what an order that is asked about every second would drown in."""
    alike = defaultdict(list)
    for one in reports:
        alike[one.answer_digest, one.asked, one.attempt_no, one.request_id].append(one)
    for ones in alike.values():
        yield ones[0]
        yield from ones[1:][-KEPT_OF_EACH:]


def _answer(row: OutcomeRow, report: ReportRow | None, packs: Packs) -> Heard:
    number = (report.request_id if report else None) or row.order_id
    asked = report.asked if report else None
    pack = packs.by_channel.get(row.channel)
    return Heard(
        number=Number(row.channel, number),
        at_us=report.received_us if report else row.received_us,
        asked=Asked.UNTOLD if asked is None else Asked(asked),
        meaning=_meaning(row, packs),
        code=row.raw_sub_code or row.raw_code,
        http_status=row.http_status,
        attempt_no=report.attempt_no if report else None,
        occurred_us=row.occurred_us,
        query_errors_prove=pack is None or pack.value("query_errors_prove_failure") is not False,
    )


def _meaning(row: OutcomeRow, packs: Packs) -> MappedOutcome:
    """Read a code as the tables mean it today; what was once taken for paid stays so."""
    stored = MappedOutcome(
        outcome_class=OutcomeClass(row.outcome_class),
        subclass=row.subclass,
        final=row.final,
        next_action=row.next_action or QUERY,
        source=None,
        grade=None,
    )
    pack = packs.by_channel.get(row.channel)
    was_paid = stored.final and stored.outcome_class is OutcomeClass.ACCEPTED
    if pack is None or was_paid or not (row.raw_code or row.raw_sub_code):
        return stored
    now = pack.map_outcome(row.api, row.raw_code, row.raw_sub_code, row.raw_message)
    return now if now.source is not None else stored
