"""Verdicts: what each channel does with each order, and the true cause of it."""

from dataclasses import dataclass, replace

import numpy as np

from training.simulate.chance import Flags, Ints, happens
from training.simulate.faults import FAULTS
from training.simulate.names import CAUSES, CHANNELS, PAYOUT_CHANNEL
from training.simulate.payees import PayeeStates
from training.simulate.policy import blocked_by, too_frequent
from training.simulate.rows import Rows
from training.simulate.scenario import Scenario
from training.simulate.seen import Seen
from training.simulate.slices import Slice
from training.simulate.stream import Stream
from training.simulate.traits import trait
from training.simulate.weather import Weather, draw_weather


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One row per order of a slice."""

    cause: Ints
    """Index into CAUSES; 0 when nothing held the order up."""
    weather: Weather
    payees: PayeeStates
    blocked: Flags
    """By the channel's risk policy, whatever else was wrong."""
    held: Flags
    """Looked at by hand, whether or not it was let through."""

    def due_to(self, *causes: str) -> Flags:
        """Flag the orders with one of these causes."""
        return np.isin(self.cause, [CAUSES.index(cause) for cause in causes])

    @property
    def returned(self) -> Flags:
        """Flag the payouts that are accepted first and come back."""
        return self.payees.returned & self.due_to("closed_payee", "frozen_payee")


def choose_channels(scenario: Scenario, piece: Slice, stream: Stream) -> Ints:
    """Send each order to a channel: payouts to theirs, a share of goods to consumer credit."""
    credit = happens(piece.rng("channels"), scenario.shares.consumer_credit.rate, len(stream))
    goods = np.where(credit, CHANNELS.index("generic"), CHANNELS.index("jd_pay"))
    return np.where(stream.payout, PAYOUT_CHANNEL, goods)


def reach_verdicts(
    scenario: Scenario, piece: Slice, seen: Seen, rows: Rows, payees: PayeeStates
) -> Verdicts:
    """Decide every order; of several causes the one that the channel meets first counts."""
    now, sent = rows.stream, rows.sent
    weather = draw_weather(scenario, piece, seen, now)
    caught = _caught(scenario, piece, rows)
    blocked, frequent = _policies(scenario, piece, seen)
    held, stopped = _aml(scenario, piece, seen, now)
    # The last one wins, so the first that a channel meets comes last.
    met = {
        "aml_review": stopped,
        "closed_payee": payees.closed,
        "frozen_payee": payees.frozen,
        "risk_policy": blocked,
        "frequency_limit": frequent,
    }
    earlier = {
        "merchant_arrears": weather.arrears,
        "merchant_restricted": weather.restricted,
        "degradation": weather.degradation,
        "congestion": weather.congestion,
        "outage": weather.outage,
        "key_mismatch": weather.key_mismatch,
    }
    cause = np.zeros(len(now), dtype=np.int64)
    for name, hit in met.items():
        cause[hit] = CAUSES.index(name)
    cause[caught] = sent.fault[caught]
    for name, hit in earlier.items():
        cause[hit] = CAUSES.index(name)
    cause = np.where(rows.settled >= 0, rows.settled, cause)
    blocked |= rows.settled == CAUSES.index("risk_policy")
    verdicts = Verdicts(cause, weather, payees, blocked, held)
    return replace(verdicts, held=held & verdicts.due_to(CAUSES[0], "aml_review"))


def _caught(scenario: Scenario, piece: Slice, rows: Rows) -> Flags:
    by_name = {str(name): spec.caught for name, spec in scenario.faults.items()}
    chances = np.array([by_name.get(name, 0.0) for name in FAULTS])
    luck = trait(piece.seed, "caught", rows.stream.key)
    caught: Flags = luck < chances[rows.sent.fault]
    return caught


def _policies(scenario: Scenario, piece: Slice, seen: Seen) -> tuple[Flags, Flags]:
    """Let each channel look at its own orders, and only at those."""
    size = len(seen.stream) - seen.past
    blocked, frequent = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    for name, policy in scenario.policies.items():
        rows = np.flatnonzero(seen.channel == CHANNELS.index(name))
        own = seen.take(rows)
        places = rows[own.past :] - seen.past
        blocked[places] = blocked_by(name, policy, piece, own)
        frequent[places] = too_frequent(policy, piece, own)
    return blocked, frequent


def _aml(scenario: Scenario, piece: Slice, seen: Seen, now: Stream) -> tuple[Flags, Flags]:
    """Flag the payouts that are looked at by hand, and those that then end refused.

    Large ones, large ones to a payee whose account is new, and what sums up in a day.
    """
    seed, spec = piece.seed, scenario.aml
    amount = seen.amount[seen.past :]
    _, today = seen.today(seen.stream.payee)
    new = now.registered_us > piece.span.start_us
    odd = (amount >= spec.threshold_minor) | (new & (amount >= spec.unusual_minor))
    odd |= today + amount >= spec.day_threshold_minor
    held = now.payout & odd & (trait(seed, "aml review", now.key) < spec.review_share)
    return held, held & (trait(seed, "aml refusal", now.key) < spec.refused_share)
