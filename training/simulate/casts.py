"""The actors of special groups, and the whole stream of a slice with all of them."""

import numpy as np

from training.simulate.actors import (
    RANGE,
    Acquaintances,
    cast_ordinary,
    cast_payouts,
    office_ip,
)
from training.simulate.chance import US, Ints
from training.simulate.groups import Group
from training.simulate.rhythm import DAY_US
from training.simulate.scenario import Scenario
from training.simulate.sessions import Sessions, draw_sessions
from training.simulate.slices import Slice
from training.simulate.stream import Stream, cast_of, joined
from training.simulate.traits import between, trait

_RECIPIENTS_PER_SENDER = 40
_DROPS_PER_RING = 60
_ACTORS_PER_SLICE = 10**6
"""Rings and testers are burnt quickly: none outlives its slice of time but by a session."""


def draw_stream(
    scenario: Scenario, piece: Slice, pending: Stream | None, met: Acquaintances
) -> tuple[Stream, Stream, Acquaintances]:
    """Draw all orders of a slice; what its sessions leave to later slices comes second."""
    shares = scenario.shares
    ordinary, buyers_us = cast_ordinary(piece, shares, met.buyers_us)
    paid_out, payees_us = cast_payouts(piece, shares, scenario.groups.payout.rate, met.payees_us)
    parts = [
        ordinary,
        _gift_senders(piece, scenario),
        _rings(piece, scenario),
        _card_testers(piece, scenario),
        paid_out,
        _resellers(piece, scenario),
        _structurers(piece, scenario),
    ]
    whole = joined([*parts, pending] if pending else parts)
    now, later = whole.split(piece.end_us)
    return now, later, Acquaintances(buyers_us, payees_us)


def _sessions(piece: Slice, scenario: Scenario, group: Group, *, lasting: bool = False) -> Sessions:
    """Draw a group's sessions; lasting actors come back in later slices."""
    shape = getattr(scenario.sessions, group.label)
    rate = getattr(scenario.groups, group.label).rate
    size = piece.sizes[group]
    orders = piece.span.orders * rate if lasting else size
    drawn = draw_sessions(
        piece.rng(group.label), shape, piece, size, round(orders * shape.actors_per_order)
    )
    first = group * RANGE + (0 if lasting else piece.number * _ACTORS_PER_SLICE)
    return Sessions(drawn.placed_us, first + drawn.actor, drawn.session)


def _gift_senders(piece: Slice, scenario: Scenario) -> Stream:
    """Draw honest people and firms who send to many addresses from one old account."""
    sessions = _sessions(piece, scenario, Group.GIFT_SENDER, lasting=True)
    sender, size = sessions.actor, len(sessions.actor)
    recipient = piece.rng("recipients").integers(0, _RECIPIENTS_PER_SENDER, size)
    firm = trait(piece.seed, "firm", sender) < scenario.shares.corporate_sender.rate
    return cast_of(
        Group.GIFT_SENDER,
        size,
        sessions.placed_us,
        _old(piece, sender),
        buyer=sender,
        device=sender,
        ip=np.where(firm, office_ip(sender), sender),
        card=sender,
        address=sender * _RECIPIENTS_PER_SENDER + recipient,
    )


def _resellers(piece: Slice, scenario: Scenario) -> Stream:
    """Draw resellers: old accounts that buy much of what resells, to two addresses of theirs."""
    sessions = _sessions(piece, scenario, Group.RESELLER, lasting=True)
    actor, size = sessions.actor, len(sessions.actor)
    either = piece.rng("reseller choices").integers(0, 2, size)
    return cast_of(
        Group.RESELLER,
        size,
        sessions.placed_us,
        _old(piece, actor),
        buyer=actor,
        device=2 * actor + either,
        ip=actor,
        card=actor,
        address=2 * actor + either,
    )


def _rings(piece: Slice, scenario: Scenario) -> Stream:
    """Draw rings: two to four young accounts on two devices, goods to drop addresses."""
    sessions = _sessions(piece, scenario, Group.RING)
    ring, size, rng = sessions.actor, len(sessions.actor), piece.rng("ring choices")
    accounts = between(piece.seed, "ring accounts", ring, 2, 5)
    account = 8 * ring + (rng.random(size) * accounts).astype(np.int64)
    return cast_of(
        Group.RING,
        size,
        sessions.placed_us,
        _young(piece, account, sessions.placed_us, 86_400, 30 * 86_400),
        buyer=account,
        device=2 * ring + rng.integers(0, 2, size),
        ip=3 * ring + rng.integers(0, 3, size),
        card=2 * account + rng.integers(0, 2, size),
        address=_DROPS_PER_RING * ring + rng.integers(0, _DROPS_PER_RING, size),
    )


def _card_testers(piece: Slice, scenario: Scenario) -> Stream:
    """Draw card testing: a throw-away account, one device, another card each time."""
    sessions = _sessions(piece, scenario, Group.CARD_TESTING)
    size = len(sessions.actor)
    base = Group.CARD_TESTING * RANGE + piece.number * _ACTORS_PER_SLICE
    account = base + sessions.session
    return cast_of(
        Group.CARD_TESTING,
        size,
        sessions.placed_us,
        _young(piece, account, sessions.placed_us, 300, 10_800),
        buyer=account,
        device=sessions.actor,
        ip=sessions.actor,
        card=base + np.arange(size),
    )


def _structurers(piece: Slice, scenario: Scenario) -> Stream:
    """Draw payouts in a row to one payee, each just below what would be looked at."""
    sessions = _sessions(piece, scenario, Group.STRUCTURING)
    size = len(sessions.actor)
    changed = _old(piece, sessions.actor)
    return cast_of(Group.STRUCTURING, size, sessions.placed_us, changed, payee=sessions.actor)


def _old(piece: Slice, actor: Ints) -> Ints:
    luck = trait(piece.seed, "account age", actor)
    return piece.span.start_us - ((30 + 900 * luck) * DAY_US).astype(np.int64)


def _young(piece: Slice, account: Ints, placed_us: Ints, low_s: float, high_s: float) -> Ints:
    """Open each account not long before its first order."""
    _, inverse = np.unique(account, return_inverse=True)
    first = np.full(inverse.max(initial=-1) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, inverse, placed_us)
    age_s = low_s * (high_s / low_s) ** trait(piece.seed, "account age", account)
    opened: Ints = first[inverse] - (age_s * US).astype(np.int64)
    return opened
