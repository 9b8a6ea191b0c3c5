"""Baskets: what each order holds and costs, before anything goes wrong."""

from dataclasses import dataclass

import numpy as np

from training.simulate.actors import Group
from training.simulate.chance import Floats, Ints, Rng, happens, pick, stream_of
from training.simulate.goods import Shelf, appetites, goods_per_kind, is_virtual
from training.simulate.scenario import Scenario
from training.simulate.stream import Span, Stream
from training.simulate.traits import trait

_LINES = np.array([0.52, 0.26, 0.12, 0.06, 0.04])
"""How many baskets have 1, 2, … lines (assumed)."""
_QUANTITIES = np.array([0.8, 0.13, 0.04, 0.03])
_FREE_FREIGHT_FROM_MINOR = 9_900
_FREIGHT_MINOR = np.array([600, 800, 1_000, 1_200])
_COUPONS_MINOR = np.array([[500, 5_000], [1_000, 10_000], [3_000, 30_000], [10_000, 100_000]])
"""Coupon and the total from which it counts, the Chinese 满减 (assumed)."""
_IMPORT_TAX = 0.091
"""Tax on retail imports: 13 % VAT × 70 %, State Council notice 财关税〔2018〕49."""
_PAYOUT_MEDIANS_MINOR = np.array([620_000, 38_000, 15_000, 4_800_000])
_PAYOUT_SHARES = [0.35, 0.35, 0.24, 0.06]
"""Wages, commissions, refunds and settlements: medians and shares (assumed)."""
_PAYOUT_SIGMA = 0.45


@dataclass(frozen=True, slots=True)
class Lines:
    """One row per line of a basket, in the order of the orders."""

    order: Ints
    sku: Ints
    quantity: Ints
    list_minor: Ints
    unit_minor: Ints

    def totals(self, prices: Ints, orders: int) -> Ints:
        """Sum price × quantity for each order."""
        sums = np.bincount(self.order, weights=self.quantity * prices, minlength=orders)
        return sums.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Baskets:
    """One row per order: the amounts as they should be.

    `amount` = units − discount + freight + tax.
    """

    lines: Lines
    main_sku: Ints
    unit_total: Ints
    list_total: Ints
    discount: Ints
    freight: Ints
    tax: Ints
    amount: Ints


def fill_baskets(scenario: Scenario, span: Span, stream: Stream, shelf: Shelf) -> Baskets:
    """Draw what each order holds; a payout holds nothing and has an amount alone."""
    rng = stream_of(span.seed, "baskets")
    size = len(stream)
    counts = np.where(stream.payout, 0, 1 + pick(rng, _LINES, size))
    counts = np.where(stream.group == Group.CARD_TESTING, 1, counts)
    lines = _lines(rng, span.seed, stream, shelf, counts)
    units = lines.totals(lines.unit_minor, size)
    discount = _coupons(rng, units, scenario.shares.coupon.rate)
    main = np.zeros(size, dtype=np.int64)
    main[lines.order[::-1]] = lines.sku[::-1]
    virtual = is_virtual(shelf, main)
    paid_freight = (units > 0) & (units < _FREE_FREIGHT_FROM_MINOR) & ~virtual
    freight = np.where(paid_freight, rng.choice(_FREIGHT_MINOR, size), 0)
    taxed = happens(rng, scenario.shares.import_tax.rate, size) & ~virtual
    tax = np.where(taxed, np.rint((units - discount) * _IMPORT_TAX), 0).astype(np.int64)
    goods = units - discount + freight + tax
    amount = np.where(stream.payout, _payouts(rng, size), goods)
    lists = lines.totals(lines.list_minor, size)
    return Baskets(lines, main, units, lists, discount, freight, tax, amount)


def _lines(rng: Rng, seed: int, stream: Stream, shelf: Shelf, counts: Ints) -> Lines:
    order = np.repeat(np.arange(len(stream)), counts)
    size = len(order)
    weights = np.cumsum(appetites(), axis=1)[stream.group[order]]
    kind = (rng.random(size)[:, None] * weights[:, -1:] > weights).sum(axis=1)
    tier = _tier(rng, trait(seed, "wealth", stream.buyer[order]))
    sku = kind * goods_per_kind() + (tier * goods_per_kind()).astype(np.int64)
    quantity = 1 + pick(rng, _QUANTITIES, size)
    return Lines(order, sku, quantity, shelf.list_minor[sku], shelf.unit_minor[sku])


def _tier(rng: Rng, wealth: Floats) -> Floats:
    """Mix a buyer's own means with the mood of the day; prices on a shelf are log-normal."""
    return 0.5 * wealth + 0.5 * rng.random(len(wealth))


def _coupons(rng: Rng, units: Ints, rate: float) -> Ints:
    size = len(units)
    coupon, threshold = _COUPONS_MINOR[rng.integers(0, len(_COUPONS_MINOR), size)].T
    return np.where(happens(rng, rate, size) & (units >= threshold), coupon, 0)


def _payouts(rng: Rng, size: int) -> Ints:
    medians = _PAYOUT_MEDIANS_MINOR[pick(rng, np.array(_PAYOUT_SHARES), size)]
    amounts = np.rint(medians * np.exp(_PAYOUT_SIGMA * rng.standard_normal(size)))
    return np.asarray(amounts, dtype=np.int64)
