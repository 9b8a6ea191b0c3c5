"""Faults: what goes wrong between the merchant's own order and what is sent to the channel."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from training.simulate.baskets import Baskets
from training.simulate.chance import Flags, Floats, Ints, Rng, happens, stream_of
from training.simulate.rhythm import draw_windows, inside
from training.simulate.scenario import Scenario, ScenarioError
from training.simulate.stream import Span, Stream


class Fault(StrEnum):
    """One way in which an order itself is wrong; the scenario sets how often."""

    NONE = "none"
    WRONG_UNIT = "wrong_unit"
    LIST_PRICE_AS_PAID = "list_price_as_paid"
    COUPON_NOT_APPLIED = "coupon_not_applied"
    COUPON_NOT_SPREAD = "coupon_not_spread"
    PRICE_CHANGED_SINCE = "price_changed_since"
    OTHER_SUBJECT = "other_subject"
    CLOSED_ORDER = "closed_order"
    ALREADY_PAID = "already_paid"
    OVER_ORDER_LIMIT = "over_order_limit"
    OVER_DAY_LIMIT = "over_day_limit"
    WRONG_PAYEE_ACCOUNT = "wrong_payee_account"
    PAYER_FUNDS = "payer_funds"


FAULTS = tuple(Fault)
_FEN_FOR_YUAN = 0.6
"""Of wrong units, how many are a hundred times too large; the others are too small (assumed)."""
_MOST_OF_ELIGIBLE = 0.6
"""However rare the orders that can have a fault, no more than this share of them has it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One row per order: its fault, and the amounts as they are sent."""

    fault: Ints
    """Index into FAULTS."""
    unit_minor: Ints
    """By line."""
    amount: Ints
    discount: Ints
    current_amount: Ints
    """What the merchant's system really has by the time of sending."""

    def has(self, *faults: Fault) -> Flags:
        """Flag the orders with one of these faults."""
        return np.isin(self.fault, [FAULTS.index(fault) for fault in faults])


def make_faults(scenario: Scenario, span: Span, stream: Stream, baskets: Baskets) -> Sent:
    """Choose a fault for some orders, at most one for each, and change what they send."""
    rng = stream_of(span.seed, "faults")
    fault = _chosen(rng, scenario, span, stream, baskets)
    clean = Sent(fault, baskets.lines.unit_minor, baskets.amount, baskets.discount, baskets.amount)
    return _wrong_unit(rng, _coupons(_list_price(_old_price(rng, clean), baskets), baskets))


def _chosen(rng: Rng, scenario: Scenario, span: Span, stream: Stream, baskets: Baskets) -> Ints:
    eligible = _eligible(stream, baskets)
    hot = _hot_hours(rng, scenario, span, stream)
    chosen = np.zeros(len(stream), dtype=np.int64)
    for name, rate in _known(scenario).items():
        free = eligible[name] & (chosen == 0)
        weight = np.where(hot, 40.0, 1.0) if name is Fault.LIST_PRICE_AS_PAID else np.ones(len(hot))
        hit = rng.random(len(stream)) < _chances(free, weight, rate)
        chosen[hit] = FAULTS.index(name)
    return chosen


def _known(scenario: Scenario) -> Mapping[Fault, float]:
    unknown = sorted(set(scenario.faults) - {fault.value for fault in FAULTS[1:]})
    if unknown:
        raise ScenarioError(
            f"scenario {scenario.name!r} has no fault {unknown[0]!r}; "
            f"faults are {', '.join(FAULTS[1:])}"
        )
    return {Fault(name): spec.rate for name, spec in sorted(scenario.faults.items())}


def _chances(free: Flags, weight: Floats, rate: float) -> Floats:
    """Spread `rate` of all orders over the free ones by weight."""
    total = float((free * weight).sum())
    if not total:
        return np.zeros(len(free))
    return np.minimum(_MOST_OF_ELIGIBLE, rate * len(free) * free * weight / total)


def _eligible(stream: Stream, baskets: Baskets) -> Mapping[Fault, Flags]:
    goods = ~stream.payout
    discounted = goods & (baskets.list_total > baskets.unit_total)
    coupon = baskets.discount > 0
    every = np.ones(len(stream), dtype=bool)
    by_fault = {
        Fault.LIST_PRICE_AS_PAID: discounted,
        Fault.COUPON_NOT_APPLIED: coupon,
        Fault.COUPON_NOT_SPREAD: coupon,
        Fault.PRICE_CHANGED_SINCE: goods,
        Fault.OTHER_SUBJECT: goods,
        Fault.OVER_ORDER_LIMIT: goods,
        Fault.OVER_DAY_LIMIT: goods,
        Fault.WRONG_PAYEE_ACCOUNT: stream.payout,
    }
    return {fault: by_fault.get(fault, every) for fault in FAULTS}


def _hot_hours(rng: Rng, scenario: Scenario, span: Span, stream: Stream) -> Flags:
    """Flag the hours of a mispriced campaign: one mistake, many orders."""
    rate = scenario.windows.mispriced_campaign
    windows = draw_windows(rng, rate, span.start_us, span.end_us)
    return inside(stream.placed_us, windows) & happens(rng, rate.share, len(stream))


def _old_price(rng: Rng, sent: Sent) -> Sent:
    """The price moved after the order was read: the merchant's system has another amount by now."""
    moved = np.maximum(1, sent.amount + _steps(rng, sent.amount))
    stale = sent.has(Fault.PRICE_CHANGED_SINCE)
    return replace(sent, current_amount=np.where(stale, moved, sent.amount))


def _steps(rng: Rng, amount: Ints) -> Ints:
    step = np.maximum(10, np.rint(amount * rng.uniform(0.03, 0.2, len(amount))))
    return (step * np.where(rng.random(len(amount)) < 0.5, 1, -1)).astype(np.int64)


def _list_price(sent: Sent, baskets: Baskets) -> Sent:
    lines = baskets.lines
    wrong = sent.has(Fault.LIST_PRICE_AS_PAID)
    units = np.where(wrong[lines.order], lines.list_minor, sent.unit_minor)
    extra = np.where(wrong, baskets.list_total - baskets.unit_total, 0)
    return replace(sent, unit_minor=units, amount=sent.amount + extra)


def _coupons(sent: Sent, baskets: Baskets) -> Sent:
    forgotten = sent.has(Fault.COUPON_NOT_APPLIED)
    unspread = sent.has(Fault.COUPON_NOT_SPREAD)
    return replace(
        sent,
        amount=sent.amount + np.where(forgotten, baskets.discount, 0),
        discount=np.where(unspread, 0, sent.discount),
    )


def _wrong_unit(rng: Rng, sent: Sent) -> Sent:
    wrong = sent.has(Fault.WRONG_UNIT)
    larger = happens(rng, _FEN_FOR_YUAN, len(wrong))
    scaled = np.where(larger, sent.amount * 100, np.maximum(1, sent.amount // 100))
    return replace(sent, amount=np.where(wrong, scaled, sent.amount))
