"""Refunds: money that goes back for an earlier order, to its buyer, never more than was paid."""

from dataclasses import dataclass, fields, replace

import numpy as np

from training.simulate.chance import US, Flags, Ints
from training.simulate.memory import earlier_in_group
from training.simulate.payments import REFUND, purposes
from training.simulate.rhythm import DAY_US, HOUR_US
from training.simulate.rows import Rows, gathered
from training.simulate.traits import lasting_us, trait

SOONEST_US = 6 * HOUR_US
"""No refund is sent sooner after the order was accepted (assumed)."""
_MEDIAN_DELAY_S = 3 * DAY_US / US
_DELAY_SIGMA = 1.0
"""How long after it was accepted an order is refunded (assumed)."""
_PARTIAL = 0.4
"""Of refunds, how many give back only a part (assumed)."""
_TROUBLED, _EVERY = 0.5, 12
"""Of refunds, how many go to a few orders, every twelfth, that are refunded again (assumed)."""
_LEAST_MINOR = 100
_MOST_PER_ORDER = 6
_MOST_KEPT = 200_000
"""So many accepted orders are kept for refunds in later slices, the latest."""


@dataclass(frozen=True, slots=True)
class Refundable:
    """Accepted orders of which something can be given back, by when they were accepted."""

    key: Ints
    """-1 once the number is known."""
    number: Ints
    buyer: Ints
    card: Ints
    registered_us: Ints
    accepted_us: Ints
    left_minor: Ints

    @classmethod
    def none(cls) -> "Refundable":
        """Begin with no order."""
        return cls(*(np.empty(0, dtype=np.int64) for _ in fields(cls)))

    def and_those(self, rows: Rows, accepted_us: Ints, paid: Flags) -> "Refundable":
        """Add this slice's paid orders: what was sent, but no more than what was owed."""
        at = np.flatnonzero(paid & (accepted_us >= 0))
        new = Refundable(
            rows.stream.key[at],
            np.full(len(at), -1, dtype=np.int64),
            rows.stream.buyer[at],
            rows.stream.card[at],
            rows.stream.registered_us[at],
            accepted_us[at],
            np.minimum(rows.sent.amount, rows.baskets.amount)[at],
        )
        by_time = np.argsort(np.concatenate([self.accepted_us, accepted_us[at]]), kind="stable")
        return gathered([self, new], by_time)

    def kept(self, numbers: Ints) -> "Refundable":
        """Keep the latest of which anything is left, by number."""
        whole = replace(self, key=np.full_like(self.key, -1), number=numbers)
        return gathered([whole], np.flatnonzero(self.left_minor >= _LEAST_MINOR)[-_MOST_KEPT:])


def give_back(seed: int, payouts: Rows, pool: Refundable) -> tuple[Rows, Refundable]:
    """Turn the payouts that are to be refunds into refunds of orders that were accepted before.

    Where there is no such order, or nothing is left of it, the payout is a commission instead.
    """
    key, at = payouts.stream.key, payouts.stream.placed_us
    wanted = np.flatnonzero(is_wanted(seed, payouts))
    chosen = _choose(seed, key[wanted], at[wanted], pool)
    wanted, chosen = wanted[chosen >= 0], chosen[chosen >= 0]
    amount, left = _amounts(seed, key[wanted], chosen, pool.left_minor)
    rows, of = wanted[amount > 0], chosen[amount > 0]
    return _paid_back(payouts, rows, of, amount[amount > 0], pool), replace(pool, left_minor=left)


def is_wanted(seed: int, payouts: Rows) -> Flags:
    """Flag the payouts that are to be refunds."""
    flags: Flags = purposes(seed, payouts.stream.payee) == REFUND
    return flags


def _choose(seed: int, key: Ints, at_us: Ints, pool: Refundable) -> Ints:
    """Choose an accepted order for each refund, usually of some days ago; -1 for none."""
    known = np.searchsorted(pool.accepted_us, at_us - SOONEST_US, side="right")
    delay = lasting_us(seed, "refund delay", key, _MEDIAN_DELAY_S, _DELAY_SIGMA)
    usual = np.searchsorted(pool.accepted_us, at_us - np.maximum(delay, SOONEST_US)) - 1
    any_known = (trait(seed, "any order", key) * known).astype(np.int64)
    chosen = np.where(usual >= 0, usual, any_known)
    troubled = trait(seed, "troubled order", key) < _TROUBLED
    chosen = np.where(troubled, chosen // _EVERY * _EVERY, chosen)
    return np.where(known > 0, chosen, -1)


def _amounts(seed: int, key: Ints, chosen: Ints, left_minor: Ints) -> tuple[Ints, Ints]:
    """Take one refund after another off what is left of each order; 0 where nothing is."""
    left, amount = left_minor.copy(), np.zeros(len(key), dtype=np.int64)
    rank, _ = earlier_in_group(chosen, amount)
    whole = trait(seed, "whole refund", key) >= _PARTIAL
    share = trait(seed, "refunded share", key)
    for turn in range(_MOST_PER_ORDER):
        now = np.flatnonzero(rank == turn)
        rest = left[chosen[now]]
        part = np.maximum(_LEAST_MINOR, np.rint(rest * share[now])).astype(np.int64)
        amount[now] = np.where(whole[now], rest, np.minimum(part, rest)) * (rest >= _LEAST_MINOR)
        left[chosen[now]] -= amount[now]
    return amount, left


def _paid_back(payouts: Rows, rows: Ints, of: Ints, amount: Ints, pool: Refundable) -> Rows:
    """Make these rows refunds: to the buyer, to the card that paid; faults stay in proportion."""
    stream, sent = payouts.stream, payouts.sent
    scale = sent.amount[rows] / np.maximum(1, payouts.baskets.amount[rows])
    return replace(
        payouts,
        stream=replace(
            stream,
            payee=_put(stream.payee, rows, pool.buyer[of]),
            card=_put(stream.card, rows, pool.card[of]),
            registered_us=_put(stream.registered_us, rows, pool.registered_us[of]),
        ),
        baskets=replace(payouts.baskets, amount=_put(payouts.baskets.amount, rows, amount)),
        sent=replace(
            sent,
            amount=_put(sent.amount, rows, np.maximum(1, np.rint(amount * scale)).astype(np.int64)),
            recorded=_put(sent.recorded, rows, amount),
        ),
        parent=_put(payouts.parent, rows, pool.key[of]),
        follows=_put(payouts.follows, rows, pool.number[of]),
    )


def _put(column: Ints, rows: Ints, values: Ints) -> Ints:
    changed = column.copy()
    changed[rows] = values
    return changed
