"""Explores every world that can be reached, breadth first: a trace that is found is a shortest."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from features.edge import encode_order
from features.ledger import OrderRow, OutcomeRow, ReportRow
from features.order import Attempt, Order
from features.times import from_us, to_us
from rules.decision import Retry
from rules.packs import Packs
from rules.retry import plan, retry_of
from rules.retry.history import History
from serving.recorded import Recorded, recorded_history
from tests.retry.world import ORDER, Advice, Game, Report, World, start

Plan = Callable[[History, Packs, int], Retry | None]
_US = 1_000_000


@dataclass(frozen=True)
class Found:
    """How many worlds there are, and the shortest trace to a second payment, if there is one."""

    worlds: int
    plans: int
    trace: tuple[str, ...] | None


class Planner:
    """The production planner over the production reading of a ledger's rows; each asked once.

    Nothing is kept but the reports, so every advice is that of a service that has just started.
    """

    def __init__(self, channel: str, packs: Packs, plan: Plan) -> None:
        self._packs = packs
        self._plan = plan
        self._channel = channel
        self._advice: dict[tuple[Report, ...], Advice] = {}

    @property
    def plans(self) -> int:
        return len(self._advice)

    def advise(self, reports: tuple[Report, ...]) -> Advice:
        found = self._advice.get(reports)
        if found is None:
            retry = self.retry(reports, reports[-1].at_s) if reports else None
            found = self._advice[reports] = _obeyed(retry)
        return found

    def retry(self, reports: tuple[Report, ...], now_s: int) -> Retry | None:
        past = recorded_history(rows_of(reports, self._channel, self._packs), self._packs)
        return self._plan(past, self._packs, now_s * _US)


class PlannerOfAttempts(Planner):
    """As `decide` asks it: by nothing but the calls that the order itself tells of."""

    def retry(self, reports: tuple[Report, ...], now_s: int) -> Retry | None:
        order = msgspec.json.decode(_order_row(self._channel).content, type=Order)
        own = {one.attempt_no: one for one in reports if one.asked == "submit"}
        attempts = [_attempt(number, one) for number, one in own.items() if number is not None]
        sent = tuple(sorted(attempts, key=lambda one: one.attempt_no))
        told = msgspec.structs.replace(order, attempts=sent)
        return retry_of(told, self._packs, now_s * _US)


def _attempt(attempt_no: int, report: Report) -> Attempt:
    return Attempt(
        attempt_no=attempt_no,
        sent_at=from_us(report.at_s * _US),
        request_id=report.number,
        http_status=report.said.http_status,
        raw_code=report.said.code,
        raw_sub_code=report.said.sub_code,
    )


def _obeyed(retry: Retry | None) -> Advice:
    if retry is None:
        return Advice("same_id", ORDER, 0)  # nothing was sent: the first call is no retry
    from_s = -(-to_us(retry.not_before) // _US) if retry.not_before else 0
    return Advice(retry.advice.value, retry.number, from_s)


def explore(game: Game, planner: Planner, visit: Callable[[World], None] | None = None) -> Found:
    """Visit every world once; stop at the first in which the order was paid twice."""
    first = start(game.bounds)
    came_from: dict[World, tuple[World, str] | None] = {first: None}
    level = [first]
    while level:
        following: list[World] = []
        for world in level:
            if visit is not None:
                visit(world)
            for what, after in game.steps(world, planner.advise(world.reports)):
                if after in came_from:
                    continue
                came_from[after] = (world, what)
                if game.is_broken(after, planner.advise(after.reports)):
                    return Found(len(came_from), planner.plans, tuple(_trace(after, came_from)))
                following.append(after)
        level = following
    return Found(len(came_from), planner.plans, None)


def _trace(world: World, came_from: dict[World, tuple[World, str] | None]) -> list[str]:
    steps: list[str] = []
    while (step := came_from[world]) is not None:
        world, what = step
        steps.append(what)
    return steps[::-1]


def shipped(past: History, packs: Packs, now_us: int) -> Retry | None:
    """Plan as the service does."""
    return plan(past, packs[past.channel].at(now_us), now_us)


def rows_of(reports: tuple[Report, ...], channel: str, packs: Packs) -> Recorded:
    """Write the reports as the service writes them: equal answers are one outcome."""
    outcomes: dict[str, OutcomeRow] = {}
    told = []
    for seq, report in enumerate(reports, 2):
        digest = str((report.number, report.said, report.attempt_no, report.occurred_s))
        if digest not in outcomes:
            outcomes[digest] = _outcome(report, digest, seq, channel, packs)
        told.append(
            ReportRow(
                seq=seq,
                answer_digest=digest,
                order_id=ORDER,
                received_us=report.at_s * _US,
                asked=report.asked,
                attempt_no=report.attempt_no,
                request_id=None if report.number == ORDER else report.number,
            )
        )
    return Recorded((_order_row(channel),), tuple(outcomes.values()), tuple(told))


def _outcome(report: Report, digest: str, seq: int, channel: str, packs: Packs) -> OutcomeRow:
    said = report.said
    mapped = packs[channel].map_outcome(None, said.code, said.sub_code)
    return OutcomeRow(
        seq=seq,
        answer_digest=digest,
        order_id=ORDER,
        received_us=report.at_s * _US,
        occurred_us=None if report.occurred_s is None else report.occurred_s * _US,
        channel=channel,
        raw_code=said.code,
        raw_sub_code=said.sub_code,
        http_status=said.http_status,
        outcome_class=mapped.outcome_class.value,
        subclass=mapped.subclass,
        final=mapped.final,
        next_action=mapped.next_action,
        origin="service",
    )


_ORDERS: dict[str, OrderRow] = {}


def _order_row(channel: str) -> OrderRow:
    if channel not in _ORDERS:
        order = Order(
            order_id=ORDER,
            merchant_id="M1",
            channel=channel,
            placed_at=from_us(0),
            amount_minor=100,
            currency="CNY",
        )
        _ORDERS[channel] = OrderRow(
            seq=1,
            order_id=ORDER,
            channel=channel,
            as_of_us=0,
            origin="service",
            facts=b"{}",
            content=encode_order(order),
        )
    return _ORDERS[channel]
