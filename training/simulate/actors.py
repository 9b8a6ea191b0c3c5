"""The actors: which buyer, device, card and address each order of a group has.

An entity is a number; each group has a range of its own, so that nobody meets by accident.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from training.simulate.chance import Flags, Ints, Rng, happens
from training.simulate.scenario import Shares
from training.simulate.sessions import Sessions
from training.simulate.traits import between, trait


class Group(IntEnum):
    """Whose order it is; part of the truth, never of the order."""

    ORDINARY = 0
    GIFT_SENDER = 1
    RING = 2
    CARD_TESTING = 3
    PAYOUT = 4


@dataclass(frozen=True, slots=True)
class Cast:
    """One row per order of a group; -1 where an order has no such entity."""

    placed_us: Ints
    buyer: Ints
    device: Ints
    ip: Ints
    card: Ints
    address: Ints
    payee: Ints
    known_before: Flags
    """The buyer's account is older than the history."""


_RANGE = 10**11
CARRIER_IPS = 64
"""Addresses behind which mobile carriers hide everybody (assumed)."""
_CARRIER_RANGE = 9 * _RANGE
_HOUSEHOLD = 3
_RECIPIENTS_PER_SENDER = 40
_DROPS_PER_RING = 60
_RETURNING_SKEW = 1.6
"""Older buyers come back more often: a uniform number to this power picks who (assumed)."""


def cast_ordinary(rng: Rng, shares: Shares, seed: int, placed_us: Ints) -> Cast:
    """Draw buyers who come back, new ones, households, gifts to a friend, carriers' addresses."""
    size = len(placed_us)
    known = max(20, size // 4)
    buyer = _returning(rng, size, known, shares.new_buyer.rate)
    elsewhere = happens(rng, shares.other_receiver.rate, size)
    friend = (rng.random(size) * known).astype(np.int64)
    home = _household(seed, buyer, shares.shared_household.rate)
    carrier = happens(rng, shares.carrier_ip.rate, size)
    return Cast(
        placed_us=placed_us,
        buyer=buyer,
        device=2 * buyer + happens(rng, shares.second_device.rate, size),
        ip=np.where(carrier, _CARRIER_RANGE + rng.integers(0, CARRIER_IPS, size), home),
        card=2 * buyer + happens(rng, shares.second_device.rate, size),
        address=_household(seed, np.where(elsewhere, friend, buyer), shares.shared_household.rate),
        payee=_none(size),
        known_before=buyer < known,
    )


def cast_gift_senders(rng: Rng, sessions: Sessions) -> Cast:
    """Draw honest people and firms who send to many addresses from one old account."""
    sender = _range_of(Group.GIFT_SENDER) + sessions.actor
    recipient = rng.integers(0, _RECIPIENTS_PER_SENDER, len(sender))
    return Cast(
        placed_us=sessions.placed_us,
        buyer=sender,
        device=sender,
        ip=sender,
        card=sender,
        address=sender * _RECIPIENTS_PER_SENDER + recipient,
        payee=_none(len(sender)),
        known_before=np.ones(len(sender), dtype=bool),
    )


def cast_rings(rng: Rng, sessions: Sessions) -> Cast:
    """Draw rings: two to four young accounts on two devices, goods to drop addresses."""
    size = len(sessions.actor)
    ring = _range_of(Group.RING) + sessions.actor
    accounts = between(0, "ring accounts", ring, 2, 5)
    account = 8 * ring + (rng.random(size) * accounts).astype(np.int64)
    return Cast(
        placed_us=sessions.placed_us,
        buyer=account,
        device=2 * ring + rng.integers(0, 2, size),
        ip=3 * ring + rng.integers(0, 3, size),
        card=2 * account + rng.integers(0, 2, size),
        address=_DROPS_PER_RING * ring + rng.integers(0, _DROPS_PER_RING, size),
        payee=_none(size),
        known_before=np.zeros(size, dtype=bool),
    )


def cast_card_testers(sessions: Sessions) -> Cast:
    """Draw card testing: a throw-away account, one device, another card each time."""
    size = len(sessions.actor)
    base = _range_of(Group.CARD_TESTING)
    return Cast(
        placed_us=sessions.placed_us,
        buyer=base + sessions.session,
        device=base + sessions.actor,
        ip=base + sessions.actor,
        card=base + np.arange(size),
        address=_none(size),
        payee=_none(size),
        known_before=np.zeros(size, dtype=bool),
    )


def cast_payouts(rng: Rng, shares: Shares, placed_us: Ints) -> Cast:
    """Draw payouts: to payees who come back, and to new ones."""
    size = len(placed_us)
    payee = _range_of(Group.PAYOUT) + _returning(rng, size, size // 3 + 5, shares.new_payee.rate)
    none = _none(size)
    return Cast(placed_us, none, none, none, none, none, payee, np.ones(size, dtype=bool))


def _returning(rng: Rng, size: int, known: int, new_rate: float) -> Ints:
    new = happens(rng, new_rate, size)
    so_far = known + np.cumsum(new)
    returning = (rng.random(size) ** _RETURNING_SKEW * so_far).astype(np.int64)
    return np.where(new, so_far - 1, returning)


def _household(seed: int, buyer: Ints, share: float) -> Ints:
    shared = trait(seed, "household", buyer) < share
    return np.where(shared, buyer // _HOUSEHOLD * _HOUSEHOLD, buyer)


def _range_of(group: Group) -> int:
    return int(group) * _RANGE


def _none(size: int) -> Ints:
    return np.full(size, -1, dtype=np.int64)
