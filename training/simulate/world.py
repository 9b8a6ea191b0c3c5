"""The world: everything that was drawn for one history, one row per order."""

from dataclasses import dataclass

import polars as pl

from training.simulate.baskets import Baskets, fill_baskets
from training.simulate.chance import Flags, Ints
from training.simulate.columns import numbered
from training.simulate.faults import Fault, Sent, make_faults
from training.simulate.goods import Shelf, is_virtual, stock_shelf
from training.simulate.places import city_of
from training.simulate.scenario import Scenario
from training.simulate.stream import Span, Stream, build_stream
from training.simulate.verdicts import Verdicts, choose_channels, reach_verdicts


@dataclass(frozen=True, slots=True)
class World:
    """Orders, what is wrong with them, and what the channels made of them."""

    scenario: Scenario
    span: Span
    stream: Stream
    shelf: Shelf
    baskets: Baskets
    sent: Sent
    channel: Ints
    verdicts: Verdicts

    def __len__(self) -> int:
        return len(self.stream)

    @property
    def goods(self) -> Flags:
        """Flag the orders for goods; the others are payouts."""
        return ~self.stream.payout

    @property
    def virtual(self) -> Flags:
        """Flag the orders of which nothing is shipped."""
        return is_virtual(self.shelf, self.baskets.main_sku)

    def has(self, *faults: Fault) -> Flags:
        """Flag the orders that were made with one of these faults."""
        return self.sent.has(*faults)

    def order_ids(self) -> pl.Series:
        """Name the orders: letters and digits only, as every channel takes them."""
        return numbered(f"S{self.span.seed}N", pl.int_range(len(self), eager=True).to_numpy(), 9)


def build_world(scenario: Scenario, span: Span, orders: int) -> World:
    """Draw a world; the same scenario, span and number of orders always give the same one."""
    stream = build_stream(scenario, span, orders)
    shelf = stock_shelf(span.seed)
    baskets = fill_baskets(scenario, span, stream, shelf)
    sent = make_faults(scenario, span, stream, baskets)
    channel = choose_channels(scenario, span, stream)
    city = city_of(span.seed, stream.address)
    verdicts = reach_verdicts(scenario, span, stream, baskets, sent, shelf, city, channel)
    return World(scenario, span, stream, shelf, baskets, sent, channel, verdicts)
