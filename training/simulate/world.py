"""The world: everything that was drawn for one slice of a history, one row per order."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from training.simulate.actors import Acquaintances
from training.simulate.baskets import Baskets, fill_baskets
from training.simulate.casts import draw_stream
from training.simulate.chance import Flags, Ints
from training.simulate.columns import numbered
from training.simulate.faults import Sent, make_faults
from training.simulate.goods import Shelf, is_virtual, resale_of
from training.simulate.payees import payee_states
from training.simulate.places import city_of
from training.simulate.scenario import FaultName, Scenario
from training.simulate.seen import Seen, horizon_us
from training.simulate.slices import Slice
from training.simulate.stream import Stream
from training.simulate.verdicts import Verdicts, choose_channels, reach_verdicts


@dataclass(frozen=True, slots=True)
class World:
    """Orders, what is wrong with them, and what the channels made of them."""

    scenario: Scenario
    piece: Slice
    first_number: int
    stream: Stream
    shelf: Shelf
    baskets: Baskets
    sent: Sent
    channel: Ints
    verdicts: Verdicts
    used_count: Ints
    used_minor: Ints
    """What each buyer had ordered earlier on the same local day."""

    def __len__(self) -> int:
        return len(self.stream)

    @property
    def seed(self) -> int:
        """The seed of the world."""
        return self.piece.seed

    @property
    def goods(self) -> Flags:
        """Flag the orders for goods; the others are payouts."""
        return ~self.stream.payout

    @property
    def virtual(self) -> Flags:
        """Flag the orders of which nothing is shipped."""
        return is_virtual(self.shelf, self.baskets.main_sku)

    def has(self, *faults: FaultName) -> Flags:
        """Flag the orders that were made with one of these faults."""
        return self.sent.has(*faults)

    def order_ids(self) -> pl.Series:
        """Name the orders: letters and digits only, as every channel takes them."""
        return numbered(f"S{self.seed}N", self.first_number + np.arange(len(self)), 9)


@dataclass(frozen=True, slots=True)
class Carry:
    """What a slice hands on to the next: small, whatever the length of the history."""

    orders: int
    pending: Stream | None
    met: Acquaintances
    seen: Seen | None
    refused_payees: Ints

    @classmethod
    def none(cls) -> "Carry":
        """Begin with nothing."""
        return cls(0, None, Acquaintances.none(), None, np.empty(0, dtype=np.int64))


def build_world(
    scenario: Scenario, piece: Slice, shelf: Shelf, carry: Carry
) -> tuple[World, Carry]:
    """Draw one slice; the same scenario, period and carry always give the same one."""
    stream, pending, met = draw_stream(scenario, piece, carry.pending, carry.met)
    baskets = fill_baskets(scenario, piece, stream, shelf)
    sent = make_faults(scenario, piece, stream, baskets)
    channel = choose_channels(scenario, piece, stream)
    fresh = Seen(
        past=0,
        stream=stream,
        channel=channel,
        amount=baskets.amount,
        resale=resale_of(shelf, baskets.main_sku),
        city=city_of(piece.seed, stream.address),
        blocked=np.zeros(len(stream), dtype=bool),
    )
    seen = fresh.after(carry.seen)
    payees, refused = payee_states(scenario, piece, stream, carry.refused_payees)
    verdicts = reach_verdicts(scenario, piece, seen, stream, sent, payees)
    count, total = seen.today(seen.stream.buyer)
    world = World(
        scenario=scenario,
        piece=piece,
        first_number=carry.orders,
        stream=stream,
        shelf=shelf,
        baskets=baskets,
        sent=sent,
        channel=channel,
        verdicts=verdicts,
        used_count=count,
        used_minor=total,
    )
    kept = seen.remembered(piece.end_us - horizon_us(scenario), verdicts.blocked)
    return world, Carry(carry.orders + len(stream), pending, met, kept, refused)
