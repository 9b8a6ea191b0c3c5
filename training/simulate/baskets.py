"""Baskets: what each order holds and costs, before anything goes wrong."""

from dataclasses import dataclass, replace

import numpy as np

from training.simulate.chance import Flags, Floats, Ints, Rng, happens, pick
from training.simulate.goods import Shelf, appetites, goods_per_kind, is_virtual
from training.simulate.groups import Group
from training.simulate.payments import payout_amounts
from training.simulate.scenario import Scenario
from training.simulate.slices import Slice
from training.simulate.stream import Stream
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

    `amount` = units − discount + freight + tax, to the fen.
    """

    lines: Lines
    main_sku: Ints
    unit_total: Ints
    list_total: Ints
    discount: Ints
    """What of a coupon is not already in the prices of the lines."""
    freight: Ints
    tax: Ints
    amount: Ints


def fill_baskets(scenario: Scenario, piece: Slice, stream: Stream, shelf: Shelf) -> Baskets:
    """Draw what each order holds; a payout holds nothing and has an amount alone."""
    rng, size = piece.rng("baskets"), len(stream)
    counts = np.where(stream.payout, 0, 1 + pick(rng, _LINES, size))
    counts = np.where(stream.group == Group.CARD_TESTING, 1, counts)
    lines = _lines(rng, piece.seed, stream, shelf, counts)
    full = lines.totals(lines.unit_minor, size)
    coupon = _coupons(rng, full, scenario.shares.coupon.rate)
    lines = _spread(lines, full, coupon * happens(rng, scenario.shares.coupon_spread.rate, size))
    units = lines.totals(lines.unit_minor, size)
    discount = coupon - (full - units)
    main = np.zeros(size, dtype=np.int64)
    main[lines.order[::-1]] = lines.sku[::-1]
    shipped = ~is_virtual(shelf, main)
    freight = _freight(rng, full, shipped)
    taxed = happens(rng, scenario.shares.import_tax.rate, size) & shipped
    tax = np.where(taxed, np.rint((full - coupon) * _IMPORT_TAX), 0).astype(np.int64)
    paid_out = payout_amounts(scenario, piece, stream)
    amount = np.where(stream.payout, paid_out, full - coupon + freight + tax)
    lists = lines.totals(lines.list_minor, size)
    return Baskets(lines, main, units, lists, discount, freight, tax, amount)


def halved(baskets: Baskets, shelf: Shelf, chosen: Flags) -> tuple[Baskets, Flags]:
    """Leave the first thing alone in some baskets, at its price without a coupon.

    Gives which of the lines were kept, too.
    """
    lines, size = baskets.lines, len(chosen)
    kept = ~chosen[lines.order] | (np.diff(lines.order, prepend=-1) > 0)
    order, sku = lines.order[kept], lines.sku[kept]
    less = chosen[order]
    left = Lines(
        order,
        sku,
        np.where(less, 1, lines.quantity[kept]),
        lines.list_minor[kept],
        np.where(less, shelf.unit_minor[sku], lines.unit_minor[kept]),
    )
    units = left.totals(left.unit_minor, size)
    discount = np.where(chosen, 0, baskets.discount)
    tax = np.rint(units * _IMPORT_TAX).astype(np.int64) * (baskets.tax > 0)
    tax = np.where(chosen, tax, baskets.tax)
    return replace(
        baskets,
        lines=left,
        unit_total=units,
        list_total=left.totals(left.list_minor, size),
        discount=discount,
        tax=tax,
        amount=units - discount + baskets.freight + tax,
    ), kept


def _lines(rng: Rng, seed: int, stream: Stream, shelf: Shelf, counts: Ints) -> Lines:
    order = np.repeat(np.arange(len(stream)), counts)
    size = len(order)
    kind = _kinds(rng, stream.group[order])
    tier = _tier(rng, trait(seed, "wealth", stream.buyer)[order])
    sku = kind * goods_per_kind() + (tier * goods_per_kind()).astype(np.int64)
    quantity = 1 + pick(rng, _QUANTITIES, size)
    return Lines(order, sku, quantity, shelf.list_minor[sku], shelf.unit_minor[sku])


def _kinds(rng: Rng, group: Ints) -> Ints:
    """Pick a kind of goods for each line, by what its group likes."""
    likes = appetites()
    running = np.cumsum(likes / likes.sum(axis=1, keepdims=True), axis=1)
    running += np.arange(len(likes))[:, None]
    drawn = np.searchsorted(running.ravel(), group + rng.random(len(group)), side="right")
    kinds: Ints = np.minimum(drawn - group * likes.shape[1], likes.shape[1] - 1)
    return kinds


def _tier(rng: Rng, wealth: Floats) -> Floats:
    """Mix a buyer's own means with the mood of the day; prices on a shelf are log-normal."""
    return 0.5 * wealth + 0.5 * rng.random(len(wealth))


def _coupons(rng: Rng, units: Ints, rate: float) -> Ints:
    size = len(units)
    coupon, threshold = _COUPONS_MINOR[rng.integers(0, len(_COUPONS_MINOR), size)].T
    return np.where(happens(rng, rate, size) & (units >= threshold), coupon, 0)


def _spread(lines: Lines, full: Ints, coupon: Ints) -> Lines:
    """Take a coupon off the lines by their price, rounded down to the fen; a rest stays."""
    share = (coupon / np.maximum(1, full))[lines.order]
    off = np.floor(lines.unit_minor * share).astype(np.int64)
    return replace(lines, unit_minor=lines.unit_minor - off)


def _freight(rng: Rng, units: Ints, shipped: Flags) -> Ints:
    paid = (units > 0) & (units < _FREE_FREIGHT_FROM_MINOR) & shipped
    return np.where(paid, rng.choice(_FREIGHT_MINOR, len(units)), 0)
