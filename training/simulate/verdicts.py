"""Verdicts: what each channel does with each order, and the true cause of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from training.simulate.actors import Group
from training.simulate.baskets import Baskets
from training.simulate.chance import Flags, Ints, happens, stream_of
from training.simulate.faults import FAULTS, Fault, Sent
from training.simulate.goods import Shelf
from training.simulate.policy import refuses, suspicion
from training.simulate.rhythm import draw_windows, inside
from training.simulate.scenario import Scenario, WindowRate
from training.simulate.stream import Span, Stream

CHANNELS = ("jd_pay", "generic", "lakala_payout")
PAYOUT_CHANNEL = CHANNELS.index("lakala_payout")


class Cause(StrEnum):
    """Why a channel said no, beyond the faults of the order itself."""

    RISK_POLICY = "risk_policy"
    AML_REVIEW = "aml_review"
    OUTAGE = "outage"
    KEY_MISMATCH = "key_mismatch"
    MERCHANT_RESTRICTED = "merchant_restricted"


CAUSES = tuple(str(cause) for cause in (*FAULTS, *Cause))
ANSWER_BY_CAUSE: Mapping[str, str] = {
    Fault.NONE: "accepted",
    Fault.WRONG_UNIT: "amount",
    Fault.LIST_PRICE_AS_PAID: "amount",
    Fault.COUPON_NOT_APPLIED: "amount",
    Fault.COUPON_NOT_SPREAD: "amount",
    Fault.PRICE_CHANGED_SINCE: "content",
    Fault.OTHER_SUBJECT: "content",
    Fault.CLOSED_ORDER: "closed_order",
    Fault.ALREADY_PAID: "already_paid",
    Fault.OVER_ORDER_LIMIT: "order_limit",
    Fault.OVER_DAY_LIMIT: "day_limit",
    Fault.WRONG_PAYEE_ACCOUNT: "payee",
    Fault.PAYER_FUNDS: "funds",
    Cause.RISK_POLICY: "risk",
    Cause.AML_REVIEW: "risk",
    Cause.OUTAGE: "outage",
    Cause.KEY_MISMATCH: "key_mismatch",
    Cause.MERCHANT_RESTRICTED: "restricted",
}
"""Which of a channel's answers a cause gets."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One row per order."""

    cause: Ints
    """Index into CAUSES; 0 when nothing held the order up."""
    restricted: Flags
    """The merchant's account was restricted at the time, and its own record says so."""

    def due_to(self, *causes: str) -> Flags:
        """Flag the orders with one of these causes."""
        return np.isin(self.cause, [CAUSES.index(cause) for cause in causes])


def choose_channels(scenario: Scenario, span: Span, stream: Stream) -> Ints:
    """Send each order to a channel: payouts to theirs, a share of goods to consumer credit."""
    rng = stream_of(span.seed, "channels")
    credit = happens(rng, scenario.shares.consumer_credit.rate, len(stream))
    goods = np.where(credit, CHANNELS.index("generic"), CHANNELS.index("jd_pay"))
    return np.where(stream.group == Group.PAYOUT, PAYOUT_CHANNEL, goods)


def reach_verdicts(
    scenario: Scenario,
    span: Span,
    stream: Stream,
    baskets: Baskets,
    sent: Sent,
    shelf: Shelf,
    city: Ints,
    channel: Ints,
) -> Verdicts:
    """Decide every order; of several causes the one that the channel meets first counts."""
    caught = _caught(scenario, span, sent)
    restricted = stream.payout & _hit(
        scenario.windows.merchant_restricted, "restricted", span, stream
    )
    down = np.zeros(len(stream), dtype=bool)
    blocked = np.zeros(len(stream), dtype=bool)
    for number, name in enumerate(CHANNELS):
        mine = channel == number
        down |= mine & _hit(scenario.windows.outage, f"outage {name}", span, stream)
        if name in scenario.policies:
            policy = scenario.policies[name]
            suspected = suspicion(policy, stream, baskets, shelf, city)
            blocked |= refuses(name, policy, span, stream, suspected, mine)
    found = {
        Cause.KEY_MISMATCH: _hit(scenario.windows.key_mismatch, "key", span, stream),
        Cause.OUTAGE: down,
        Cause.MERCHANT_RESTRICTED: restricted,
        Cause.RISK_POLICY: blocked & ~caught,
        Cause.AML_REVIEW: _aml(scenario, span, stream, baskets) & ~caught,
    }
    cause = np.where(caught, sent.fault, 0)
    for name, hit in reversed(found.items()):
        cause = np.where(hit, CAUSES.index(name), cause)
    return Verdicts(cause, restricted)


def _caught(scenario: Scenario, span: Span, sent: Sent) -> Flags:
    chances = [0.0, *(_chance(scenario, fault) for fault in FAULTS[1:])]
    drawn = stream_of(span.seed, "caught").random(len(sent.fault))
    caught: Flags = drawn < np.array(chances)[sent.fault]
    return caught


def _chance(scenario: Scenario, fault: Fault) -> float:
    spec = scenario.faults.get(fault)
    return spec.caught if spec else 0.0


def _hit(rate: WindowRate, part: str, span: Span, stream: Stream) -> Flags:
    rng = stream_of(span.seed, part)
    windows = draw_windows(rng, rate, span.start_us, span.end_us)
    return inside(stream.placed_us, windows) & happens(rng, rate.share, len(stream))


def _aml(scenario: Scenario, span: Span, stream: Stream, baskets: Baskets) -> Flags:
    """Flag the large payouts that end refused after a review by hand."""
    rng = stream_of(span.seed, "aml")
    large = stream.payout & (baskets.amount >= scenario.aml.threshold_minor)
    share = scenario.aml.review_share * scenario.aml.refused_share
    return large & happens(rng, share, len(stream))
