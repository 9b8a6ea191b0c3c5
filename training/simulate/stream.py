"""The stream: who orders when, from what device, by which card and to where."""

from dataclasses import dataclass

import numpy as np

from training.simulate.actors import (
    Cast,
    Group,
    cast_card_testers,
    cast_gift_senders,
    cast_ordinary,
    cast_payouts,
    cast_rings,
)
from training.simulate.chance import US, Flags, Ints, stream_of
from training.simulate.rhythm import DAY_US, draw_instants
from training.simulate.scenario import Scenario
from training.simulate.sessions import draw_sessions
from training.simulate.traits import trait

_DAY_S = 86_400
_AGES_S = np.array(
    [[300, 3 * _DAY_S], [1, 1], [_DAY_S, 30 * _DAY_S], [300, 10_800], [1, 1]], dtype=np.float64
)
"""Youngest and oldest account at its first order, by group, if opened lately (assumed)."""


@dataclass(frozen=True, slots=True)
class Span:
    """The simulated period [start_us, end_us) and the seed of its world."""

    seed: int
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Stream:
    """One row per order, sorted by `placed_us`; an entity is a number, -1 for none."""

    placed_us: Ints
    group: Ints
    buyer: Ints
    device: Ints
    ip: Ints
    card: Ints
    address: Ints
    payee: Ints
    registered_us: Ints

    def __len__(self) -> int:
        return len(self.placed_us)

    @property
    def payout(self) -> Flags:
        """Flag the payouts."""
        flags: Flags = self.group == Group.PAYOUT
        return flags


def build_stream(scenario: Scenario, span: Span, orders: int) -> Stream:
    """Draw exactly `orders` orders of all groups in their shares."""
    casts = {group: _cast(scenario, span, group, size) for group, size in _sizes(scenario, orders)}
    group = np.concatenate([np.full(len(cast.placed_us), g) for g, cast in casts.items()])
    placed = np.concatenate([cast.placed_us for cast in casts.values()])
    order = np.lexsort((group, placed))

    def column(name: str) -> Ints:
        joined: Ints = np.concatenate([getattr(cast, name) for cast in casts.values()])[order]
        return joined

    return Stream(
        placed_us=placed[order],
        group=group[order],
        buyer=column("buyer"),
        device=column("device"),
        ip=column("ip"),
        card=column("card"),
        address=column("address"),
        payee=column("payee"),
        registered_us=_registered(
            span, placed[order], group[order], column("buyer"), column("known_before")
        ),
    )


def _sizes(scenario: Scenario, orders: int) -> list[tuple[Group, int]]:
    shares = scenario.groups
    special = [
        (Group.GIFT_SENDER, round(orders * shares.gift_sender.rate)),
        (Group.RING, round(orders * shares.ring.rate)),
        (Group.CARD_TESTING, round(orders * shares.card_testing.rate)),
        (Group.PAYOUT, round(orders * shares.payout.rate)),
    ]
    return [(Group.ORDINARY, orders - sum(size for _, size in special)), *special]


def _cast(scenario: Scenario, span: Span, group: Group, size: int) -> Cast:
    rng = stream_of(span.seed, f"group {group.name}")
    start, end = span.start_us, span.end_us
    sessions = scenario.sessions
    match group:
        case Group.ORDINARY:
            instants = draw_instants(rng, start, end, size)
            return cast_ordinary(rng, scenario.shares, span.seed, instants)
        case Group.PAYOUT:
            return cast_payouts(rng, scenario.shares, draw_instants(rng, start, end, size))
        case Group.GIFT_SENDER:
            return cast_gift_senders(
                rng, draw_sessions(rng, sessions.gift_sender, start, end, size)
            )
        case Group.RING:
            return cast_rings(rng, draw_sessions(rng, sessions.ring, start, end, size))
        case Group.CARD_TESTING:
            return cast_card_testers(draw_sessions(rng, sessions.card_testing, start, end, size))


def _registered(span: Span, placed_us: Ints, group: Ints, buyer: Ints, known: Ints) -> Ints:
    """Tell when each buyer's account was opened: long ago, or not long before its first order."""
    _, first, inverse = np.unique(buyer, return_index=True, return_inverse=True)
    luck = trait(span.seed, "account age", buyer)
    long_ago = span.start_us - ((30 + 900 * luck) * DAY_US).astype(np.int64)
    youngest, oldest = _AGES_S[group].T
    age_us = (youngest * (oldest / youngest) ** luck * US).astype(np.int64)
    return np.where(known.astype(bool), long_ago, placed_us[first][inverse] - age_us)
