"""The actors of ordinary life: buyers who come back, new ones, households, offices, payees."""

from dataclasses import dataclass

import numpy as np

from training.simulate.chance import US, Flags, Ints, Rng, happens
from training.simulate.groups import Group
from training.simulate.rhythm import DAY_US, local_hour, local_weekday
from training.simulate.scenario import Shares
from training.simulate.slices import Slice
from training.simulate.stream import Stream, cast_of
from training.simulate.traits import trait

RANGE = 10**10
"""Each group's entities have a range of numbers of their own: nobody meets by accident."""
CARRIER_IPS = 64
"""Addresses behind which mobile carriers hide everybody (assumed)."""
_CARRIER_RANGE = 9 * RANGE
_OFFICE_RANGE = 8 * RANGE
_OFFICE = 30
"""People in one office (assumed)."""
_HOUSEHOLD = 3
_RETURNING_SKEW = 1.6
"""Older buyers come back more often: a uniform number to this power picks who (assumed)."""
_DAY_S = 86_400
_KNOWN_PER_ORDER = 4
_KNOWN_PER_PAYOUT = 3


@dataclass(frozen=True, slots=True)
class Acquaintances:
    """When each new buyer and each new payee was first met, over all slices so far."""

    buyers_us: Ints
    payees_us: Ints

    @classmethod
    def none(cls) -> "Acquaintances":
        """Begin with nobody but the old ones."""
        return cls(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def cast_ordinary(piece: Slice, shares: Shares, met: Ints) -> tuple[Stream, Ints]:
    """Draw buyers who come back, new ones, households, gifts to a friend, shared addresses."""
    rng, seed, size = piece.rng("ordinary"), piece.seed, piece.sizes[Group.ORDINARY]
    placed = piece.hours.draw(rng, size)
    known = max(20, piece.span.orders // _KNOWN_PER_ORDER)
    buyer, met = _returning(rng, placed, known, shares.new_buyer.rate, met)
    elsewhere = happens(rng, shares.other_receiver.rate, size)
    friend = (rng.random(size) * known).astype(np.int64)
    second = happens(rng, shares.second_device.rate, size)
    household = shares.shared_household.rate
    stream = cast_of(
        Group.ORDINARY,
        size,
        placed,
        _registered(piece, buyer, known, met, (300, 3 * _DAY_S)),
        buyer=buyer,
        device=2 * buyer + second,
        ip=_ip(rng, seed, shares, buyer, placed),
        card=2 * buyer + happens(rng, shares.second_device.rate, size),
        address=_household(seed, np.where(elsewhere, friend, buyer), household),
    )
    return stream, met


def cast_payouts(
    piece: Slice, shares: Shares, payout_share: float, met: Ints
) -> tuple[Stream, Ints]:
    """Draw payouts in office hours: to payees who come back, and to new ones."""
    rng, size = piece.rng("payouts"), piece.sizes[Group.PAYOUT]
    placed = piece.hours.draw(rng, size, office=True)
    known = round(piece.span.orders * payout_share / _KNOWN_PER_PAYOUT) + 5
    number, met = _returning(rng, placed, known, shares.new_payee.rate, met)
    changed = _registered(piece, number, known, met, (600, 5 * _DAY_S))
    payee = Group.PAYOUT * RANGE + number
    return cast_of(Group.PAYOUT, size, placed, changed, payee=payee), met


def _returning(
    rng: Rng, placed_us: Ints, known: int, new_rate: float, met: Ints
) -> tuple[Ints, Ints]:
    """Pick who comes: someone new, or one of all who were there before."""
    new = happens(rng, new_rate, len(placed_us))
    so_far = known + len(met) + np.cumsum(new)
    back = (rng.random(len(placed_us)) ** _RETURNING_SKEW * so_far).astype(np.int64)
    return np.where(new, so_far - 1, back), np.concatenate([met, placed_us[new]])


def _registered(
    piece: Slice, number: Ints, known: int, met: Ints, ages_s: tuple[float, float]
) -> Ints:
    """Tell when an account was opened: long ago, or not long before it was first met."""
    luck = trait(piece.seed, "account age", number)
    long_ago = piece.span.start_us - ((30 + 900 * luck) * DAY_US).astype(np.int64)
    youngest, oldest = ages_s
    age_us = (youngest * (oldest / youngest) ** luck * US).astype(np.int64)
    first = np.append(met, piece.span.start_us)[np.where(number < known, -1, number - known)]
    return np.where(number < known, long_ago, first - age_us)


def _ip(rng: Rng, seed: int, shares: Shares, buyer: Ints, placed_us: Ints) -> Ints:
    home = _household(seed, buyer, shares.shared_household.rate)
    at_work = (local_hour(placed_us) >= 9) & (local_hour(placed_us) < 18)
    at_work &= local_weekday(placed_us) < 5
    in_office: Flags = at_work & (trait(seed, "office", buyer) < shares.office_ip.rate)
    carrier = happens(rng, shares.carrier_ip.rate, len(buyer))
    mobile = _CARRIER_RANGE + rng.integers(0, CARRIER_IPS, len(buyer))
    return np.where(in_office, office_ip(buyer // _OFFICE), np.where(carrier, mobile, home))


def office_ip(office: Ints) -> Ints:
    """Number the one address behind which an office sits."""
    return _OFFICE_RANGE + office


def _household(seed: int, buyer: Ints, share: float) -> Ints:
    shared = trait(seed, "household", buyer) < share
    return np.where(shared, buyer // _HOUSEHOLD * _HOUSEHOLD, buyer)
