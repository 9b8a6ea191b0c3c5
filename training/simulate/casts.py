"""The actors of special groups, and the whole stream of a slice with all of them."""

from dataclasses import replace

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
from training.simulate.lives import Lives, lives_of
from training.simulate.rhythm import DAY_US
from training.simulate.scenario import Scenario
from training.simulate.sessions import Sessions, draw_sessions
from training.simulate.slices import Slice
from training.simulate.stream import Stream, cast_of, joined
from training.simulate.traits import between, trait

_RECIPIENTS_PER_SENDER = 40
_DROPS_PER_RING = 60
_ORDERS_PER_SLICE = 10**8
"""Keys of a slice have numbers of their own range."""
_SESSIONS_PER_SLICE = 10**6
"""Throw-away accounts and cards of a slice have numbers of their own range."""


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
    fresh = joined(parts)
    fresh = replace(fresh, key=piece.number * _ORDERS_PER_SLICE + np.arange(len(fresh)))
    whole = joined([fresh, pending]) if pending else fresh
    now, later = whole.split(piece.end_us)
    return now, later, Acquaintances(buyers_us, payees_us)


def _lives(piece: Slice, scenario: Scenario, group: Group) -> Lives:
    rate = getattr(scenario.groups, group.label).rate
    return lives_of(piece.span, getattr(scenario.sessions, group.label), rate)


def _sessions(piece: Slice, scenario: Scenario, group: Group) -> Sessions:
    """Draw a group's sessions; its actors come back, also in later slices, while they last."""
    shape, lives = getattr(scenario.sessions, group.label), _lives(piece, scenario, group)
    drawn = draw_sessions(piece.rng(group.label), shape, piece, piece.sizes[group], lives)
    return Sessions(drawn.placed_us, group * RANGE + drawn.actor, drawn.session)


def _gift_senders(piece: Slice, scenario: Scenario) -> Stream:
    """Draw honest people and firms who send to many addresses from one old account."""
    sessions = _sessions(piece, scenario, Group.GIFT_SENDER)
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
    sessions = _sessions(piece, scenario, Group.RESELLER)
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
    appeared = _lives(piece, scenario, Group.RING).appeared_us(ring - Group.RING * RANGE)
    account = 8 * ring + (rng.random(size) * accounts).astype(np.int64)
    return cast_of(
        Group.RING,
        size,
        sessions.placed_us,
        _opened(piece, account, appeared, (86_400, 30 * 86_400)),
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
    base = Group.CARD_TESTING * RANGE + piece.number * _SESSIONS_PER_SLICE
    account, begins = base + sessions.session, sessions.begins_us()
    return cast_of(
        Group.CARD_TESTING,
        size,
        sessions.placed_us,
        _opened(piece, account, begins, (300, 10_800)),
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


def _opened(piece: Slice, account: Ints, used_us: Ints, ages_s: tuple[float, float]) -> Ints:
    """Open each account not long before it is first used."""
    youngest, oldest = ages_s
    age_s = youngest * (oldest / youngest) ** trait(piece.seed, "account age", account)
    opened: Ints = used_us - (age_s * US).astype(np.int64)
    return opened
