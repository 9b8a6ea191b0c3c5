"""Faults: what goes wrong between the merchant's own order and what is sent to the channel."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from training.simulate.baskets import Baskets
from training.simulate.chance import Flags, Floats, Ints, Rng, happens, stream_of
from training.simulate.rhythm import draw_windows, inside
from training.simulate.scenario import FaultName, Scenario
from training.simulate.slices import Slice
from training.simulate.stream import Stream

NO_FAULT = "none"
FAULTS: tuple[str, ...] = (NO_FAULT, *get_args(FaultName))
"""Every way in which an order itself can be wrong; the scenario sets how often."""
_FEN_FOR_YUAN = 0.6
"""Of wrong units, how many are a hundred times too large; the others are too small (assumed)."""
_MOST_OF_ELIGIBLE = 0.6
"""However rare the orders that can have a fault, no more than this share of them has it."""
_CAMPAIGN_WEIGHT = 40.0
"""How much likelier a list price is sent in the hours of a mispriced campaign (assumed)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One row per order: its fault, and the amounts as they are sent."""

    fault: Ints
    """Index into FAULTS."""
    unit_minor: Ints
    """By line."""
    amount: Ints
    discount: Ints
    recorded: Ints
    """What the merchant's system really has by the time of sending."""

    def has(self, *faults: FaultName) -> Flags:
        """Flag the orders with one of these faults."""
        return np.isin(self.fault, [FAULTS.index(fault) for fault in faults])


def make_faults(scenario: Scenario, piece: Slice, stream: Stream, baskets: Baskets) -> Sent:
    """Choose a fault for some orders, at most one for each, and change what they send."""
    rng = piece.rng("faults")
    fault = _chosen(rng, scenario, piece, stream, baskets)
    clean = Sent(fault, baskets.lines.unit_minor, baskets.amount, baskets.discount, baskets.amount)
    repriced = _other_amount(rng, _old_price(rng, clean))
    return _wrong_unit(rng, _coupons(_list_price(repriced, baskets), baskets))


def _chosen(rng: Rng, scenario: Scenario, piece: Slice, stream: Stream, baskets: Baskets) -> Ints:
    eligible = _eligible(stream, baskets)
    hot = _campaign(scenario, piece, stream)
    chosen = np.zeros(len(stream), dtype=np.int64)
    plain = np.ones(len(stream))
    for name, spec in sorted(scenario.faults.items()):
        free = eligible.get(name, plain.astype(bool)) & (chosen == 0)
        weight = np.where(hot, _CAMPAIGN_WEIGHT, 1.0) if name == "list_price_as_paid" else plain
        hit = rng.random(len(stream)) < _chances(free, weight, spec.rate)
        chosen[hit] = FAULTS.index(name)
    return chosen


def _chances(free: Flags, weight: Floats, rate: float) -> Floats:
    """Spread `rate` of all orders over the free ones by weight."""
    total = float((free * weight).sum())
    if not total:
        return np.zeros(len(free))
    return np.minimum(_MOST_OF_ELIGIBLE, rate * len(free) * free * weight / total)


def _eligible(stream: Stream, baskets: Baskets) -> Mapping[FaultName, Flags]:
    """Tell which orders can have a fault; a fault that is not named can befall any."""
    payout, goods = stream.payout, ~stream.payout
    coupon = baskets.discount > 0
    return {
        "list_price_as_paid": goods & (baskets.list_total > baskets.unit_total + baskets.discount),
        "coupon_not_applied": coupon,
        "coupon_not_spread": coupon,
        "price_changed_since": goods,
        "other_subject": goods,
        "clock_slip": goods,
        "over_order_limit": goods,
        "over_day_limit": goods,
        "payer_funds": goods,
        "wrong_payee_account": payout,
        "transposed_digits": payout,
        "bank_mismatch": payout,
        "merchant_funds": payout,
    }


def _campaign(scenario: Scenario, piece: Slice, stream: Stream) -> Flags:
    """Flag the hours of a mispriced campaign: one mistake, many orders."""
    rate = scenario.windows.mispriced_campaign
    windows = draw_windows(
        stream_of(piece.seed, "campaigns"), rate, piece.span.start_us, piece.span.end_us
    )
    hit = happens(piece.rng("campaign orders"), rate.share, len(stream))
    return inside(stream.placed_us, windows) & hit


def _old_price(rng: Rng, sent: Sent) -> Sent:
    """The price moved after the order was read: the merchant's system has another amount by now."""
    moved = np.maximum(1, sent.amount + _steps(rng, sent.amount))
    stale = sent.has("price_changed_since")
    return replace(sent, recorded=np.where(stale, moved, sent.recorded))


def _other_amount(rng: Rng, sent: Sent) -> Sent:
    """The number was sent before, with the amount that is on record; now another one is."""
    moved = np.maximum(1, sent.amount + _steps(rng, sent.amount))
    again = sent.has("duplicate_number")
    return replace(sent, amount=np.where(again, moved, sent.amount))


def _steps(rng: Rng, amount: Ints) -> Ints:
    step = np.maximum(10, np.rint(amount * rng.uniform(0.03, 0.2, len(amount))))
    return (step * np.where(rng.random(len(amount)) < 0.5, 1, -1)).astype(np.int64)


def _list_price(sent: Sent, baskets: Baskets) -> Sent:
    lines = baskets.lines
    wrong = sent.has("list_price_as_paid")
    units = np.where(wrong[lines.order], lines.list_minor, sent.unit_minor)
    extra = np.where(wrong, baskets.list_total - baskets.unit_total, 0)
    return replace(sent, unit_minor=units, amount=sent.amount + extra)


def _coupons(sent: Sent, baskets: Baskets) -> Sent:
    forgotten = sent.has("coupon_not_applied")
    unspread = sent.has("coupon_not_spread")
    return replace(
        sent,
        amount=sent.amount + np.where(forgotten, baskets.discount, 0),
        discount=np.where(unspread, 0, sent.discount),
    )


def _wrong_unit(rng: Rng, sent: Sent) -> Sent:
    wrong = sent.has("wrong_unit")
    larger = happens(rng, _FEN_FOR_YUAN, len(wrong))
    scaled = np.where(larger, sent.amount * 100, np.maximum(1, sent.amount // 100))
    return replace(sent, amount=np.where(wrong, scaled, sent.amount))
