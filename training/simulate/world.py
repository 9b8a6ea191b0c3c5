"""The world: everything that was drawn for one slice of a history, one row per order."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from training.simulate.actors import Acquaintances
from training.simulate.baskets import Baskets, fill_baskets
from training.simulate.casts import draw_stream
from training.simulate.chance import Flags, Ints
from training.simulate.codebook import Codebook
from training.simulate.columns import numbered
from training.simulate.deals import Bought, buy, pay_out
from training.simulate.faults import Sent, make_faults
from training.simulate.goods import Shelf, is_virtual
from training.simulate.memory import number_of
from training.simulate.payments import stated_purposes
from training.simulate.refunds import Refundable
from training.simulate.replies import Replies, give_replies
from training.simulate.rows import Rows, gathered, put_together
from training.simulate.scenario import FaultName, Scenario
from training.simulate.seen import Seen
from training.simulate.slices import Slice
from training.simulate.stream import Stream
from training.simulate.verdicts import Verdicts, choose_channels


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
    follows: Ints
    """The number of the order that this one is ordered anew for, or refunds; or -1."""
    verdicts: Verdicts
    replies: Replies
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
    def refund(self) -> Flags:
        """Flag the payouts that give back money for an order."""
        flags: Flags = self.stream.payout & (self.follows >= 0)
        return flags

    @property
    def purpose(self) -> Ints:
        """Tell what each payout is for; index into PURPOSES."""
        return stated_purposes(self.seed, self.stream.payee, self.refund)

    @property
    def virtual(self) -> Flags:
        """Flag the orders of which nothing is shipped."""
        return is_virtual(self.shelf, self.baskets.main_sku)

    def has(self, *faults: FaultName) -> Flags:
        """Flag the orders that were made with one of these faults."""
        return self.sent.has(*faults)

    def order_ids(self) -> pl.Series:
        """Name the orders: letters and digits only, as every channel takes them."""
        return self.ids_of(self.first_number + np.arange(len(self)))

    def ids_of(self, numbers: Ints) -> pl.Series:
        """Name orders by their numbers, of this slice or of earlier ones."""
        return numbered(f"S{self.seed}N", numbers, 9)


@dataclass(frozen=True, slots=True)
class Carry:
    """What a slice hands on to the next: small, whatever the length of the history."""

    orders: int
    pending: Stream | None
    met: Acquaintances
    bought: Seen | None
    paid_out: Seen | None
    again: Rows | None
    """Buyers who come back in a later slice."""
    pool: Refundable
    refused_payees: Ints

    @classmethod
    def none(cls) -> "Carry":
        """Begin with nothing."""
        nobody = np.empty(0, dtype=np.int64)
        return cls(0, None, Acquaintances.none(), None, None, None, Refundable.none(), nobody)


def build_world(
    scenario: Scenario, piece: Slice, shelf: Shelf, carry: Carry, book: Codebook
) -> tuple[World, Carry]:
    """Draw one slice; the same scenario, period and carry always give the same one.

    Goods come first: what was accepted of them can be refunded by the payouts.
    """
    stream, pending, met = draw_stream(scenario, piece, carry.pending, carry.met)
    baskets = fill_baskets(scenario, piece, stream, shelf)
    sent = make_faults(scenario, piece, stream, baskets)
    rows = Rows.fresh(stream, choose_channels(scenario, piece, stream), baskets, sent)
    goods = buy(scenario, piece, shelf, rows.take(~stream.payout), carry.again, carry.bought)
    heard = give_replies(scenario, piece.seed, goods.rows, goods.verdicts, book)
    paid = ~goods.verdicts.due_to("already_paid")
    pool = carry.pool.and_those(goods.rows, heard.accepted_us, paid)
    payouts, pool, refused = pay_out(
        scenario, piece, shelf, rows.take(stream.payout), pool, carry.paid_out, carry.refused_payees
    )
    told = give_replies(scenario, piece.seed, payouts.rows, payouts.verdicts, book)
    world = _joined(scenario, piece, shelf, carry.orders, (goods, payouts), (heard, told))
    later = Carry(
        carry.orders + len(world),
        pending,
        met,
        goods.seen,
        payouts.seen,
        _numbered(goods.away, world),
        pool.kept(_numbers(pool.key, pool.number, world)),
        refused,
    )
    return world, later


def _joined(
    scenario: Scenario,
    piece: Slice,
    shelf: Shelf,
    first_number: int,
    deals: tuple[Bought, Bought],
    heard: tuple[Replies, Replies],
) -> World:
    """Put goods and payouts together in order of time, and give them their numbers."""
    placed = np.concatenate([deal.rows.stream.placed_us for deal in deals])
    order = np.argsort(placed, kind="stable")
    rows = put_together([deal.rows for deal in deals], order)
    inside = number_of(rows.parent, rows.stream.key)
    return World(
        scenario=scenario,
        piece=piece,
        first_number=first_number,
        stream=rows.stream,
        shelf=shelf,
        baskets=rows.baskets,
        sent=rows.sent,
        channel=rows.channel,
        follows=np.where(inside >= 0, first_number + inside, rows.follows),
        verdicts=gathered([deal.verdicts for deal in deals], order),
        replies=gathered(list(heard), order),
        used_count=np.concatenate([deal.used_count for deal in deals])[order],
        used_minor=np.concatenate([deal.used_minor for deal in deals])[order],
    )


def _numbers(key: Ints, number: Ints, world: World) -> Ints:
    """Number the orders that are known by their keys so far."""
    inside = number_of(key, world.stream.key)
    return np.where(inside >= 0, world.first_number + inside, number)


def _numbered(away: Rows | None, world: World) -> Rows | None:
    """Tell those who come back later the numbers of the orders that they follow."""
    return away and away.following(_numbers(away.parent, away.follows, world))
