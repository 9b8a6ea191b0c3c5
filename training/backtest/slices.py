"""A history slice by slice: some orders beside their features, never the whole of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

import polars as pl

from features.catalog import Catalog
from features.history_schema import AS_OF
from features.kinds import Kind
from features.streaming.parts import Parts
from training.backtest.cache import Features
from training.backtest.errors import BacktestError

ORDERS_AT_ONCE = 100_000
_DTYPES = {Kind.BOOLEAN: pl.Boolean(), Kind.INSTANT: pl.Int64()}


@dataclass(frozen=True)
class Slice:
    """Orders sorted by `as_of`; their features, and what is known of their addresses, row by row.

    Features are of the kinds that rules read.
    """

    orders: pl.DataFrame
    features: pl.DataFrame
    addresses: pl.DataFrame = field(default_factory=pl.DataFrame)
    """Facts by name; those that are no column here are computed where they are asked for."""

    @cached_property
    def as_of_us(self) -> pl.Series:
        """When each was decided, in microseconds since 1970 UTC."""
        return self.orders[AS_OF].dt.epoch("us")

    @property
    def height(self) -> int:
        """How many orders."""
        return self.orders.height

    def rows(self, start: int, end: int) -> "Slice":
        """Give the rows [start, end)."""
        return self.gather(range(start, end))

    def where(self, keep: pl.Series) -> "Slice":
        """Give some of the rows."""
        return self.gather(keep.arg_true())

    def gather(self, rows: pl.Series | Sequence[int]) -> "Slice":
        """Give rows by their numbers, in this order."""
        addresses = self.addresses[rows] if self.addresses.width else self.addresses
        return Slice(self.orders[rows], self.features[rows], addresses)


@dataclass(frozen=True, slots=True)
class Span:
    """Which orders are judged: `start <= as_of < end`; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def is_apart(self, start: datetime | None, end: datetime | None) -> bool:
        """Tell whether no instant of [start, end) is inside; None is open."""
        is_before = self.start is not None and end is not None and end <= self.start
        return is_before or (self.end is not None and start is not None and start >= self.end)

    def holds(self, as_of: pl.Series) -> pl.Series:
        """Mark the instants inside."""
        inside = pl.repeat(True, len(as_of), dtype=pl.Boolean, eager=True)
        if self.start is not None:
            inside &= as_of >= self.start
        if self.end is not None:
            inside &= as_of < self.end
        return inside


@dataclass(frozen=True, slots=True)
class Cut:
    """A slice before it is read: `start <= as_of < end` (None is open), its first row, its rows."""

    start: datetime | None
    end: datetime | None
    first: int
    rows: int


def cuts(history: Path, span: Span, at_once: int = ORDERS_AT_ONCE) -> list[Cut]:
    """Cut a history into slices of about so many orders; those outside the span are left out."""
    parts = Parts(history, "orders")
    instants = pl.concat([batch[AS_OF] for batch in parts.batches([AS_OF], at_once)]).sort()
    found = []
    for start, end in parts.spans(at_once):
        first = 0 if start is None else int(instants.search_sorted(start))
        until = parts.rows if end is None else int(instants.search_sorted(end))
        if not span.is_apart(start, end):
            found.append(Cut(start, end, first, until - first))
    return found


def read_slice(history: Path, kept: Features, catalog: Catalog, span: Span, cut: Cut) -> Slice:
    """Read the orders of a cut that are inside the span, and what is known of them.

    Raises BacktestError when the features are of other orders.
    """
    orders = Parts(history, "orders").read(cut.start, cut.end)
    features, addresses = (_beside(path, orders, cut.first) for path in (kept.path, kept.addresses))
    whole = Slice(orders, of_rule_kinds(features, catalog), addresses.drop("order_id"))
    inside = span.holds(orders[AS_OF])
    return whole if inside.all() else whole.where(inside)


def _beside(path: Path, orders: pl.DataFrame, start: int) -> pl.DataFrame:
    """Read the rows that belong to these orders, of which the first is row `start`."""
    read = pl.scan_parquet(path).slice(start, orders.height).collect()
    if not read["order_id"].equals(orders["order_id"]):
        raise BacktestError(f"{path} holds what is known of other orders; remove it")
    return read


def of_rule_kinds(features: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Bring built features, in which truths are numbers, to the kinds that rules read."""
    casts = {n: _DTYPES[kind] for n, kind in catalog.kinds.items() if kind in _DTYPES}
    return features.select(pl.col(n).cast(casts[n]) if n in casts else n for n in catalog.names)
