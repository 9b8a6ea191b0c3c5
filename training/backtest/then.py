"""What a history still knows of an order's entities: as of its decision, and when windows ran out.

A history has no live state. As of the decision the features are those that were built. A day later,
if nothing else arrives, no window that is as narrow as the time that has passed holds anything.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import polars as pl

from features.catalog import Catalog
from features.expression import walk
from features.expression.columnar import to_polars
from features.feature import DerivedFeature, Feature, WindowFeature
from features.history_schema import AS_OF
from features.kinds import Kind, Value
from features.live_changes import Changes
from features.measures import COUNTING
from rules.refresh import refreshed
from rules.waiting import FORESEEN_US
from training.backtest.known import facts_of
from training.backtest.slices import Slice, of_rule_kinds

_Row = Mapping[str, Value]


@dataclass(slots=True)
class Then:
    """The state of one order, as far as its features tell; for one decision."""

    features: _Row
    as_of_us: int
    catalog: Catalog
    _sent: _Row | None = None

    def read(self, facts: _Row, as_of_us: int) -> dict[str, Value]:
        """Give the features as they were built.

        Of a changed order a window that depends on what was changed is missing. Later, a window
        that has run out is empty, and a wider one stays as it was.
        """
        if self._sent is None:
            self._sent = facts
        known = dict(self.features)
        if facts != self._sent:
            known = refreshed(known, self._sent, facts, self.catalog)
        return known if as_of_us <= self.as_of_us else self._aged(known, facts, as_of_us)

    def read_windows(self, facts: _Row, names: Collection[str], as_of_us: int) -> dict[str, Value]:
        """Give some of them."""
        return {n: value for n, value in self.read(facts, as_of_us).items() if n in names}

    def changes_after(
        self, facts: _Row, names: Collection[str], as_of_us: int, until_us: int
    ) -> Changes:
        """Foresee only that by `until_us` windows have run out."""
        del facts, names, as_of_us
        return Changes((until_us,), is_whole=True)

    def _aged(self, known: _Row, facts: _Row, as_of_us: int) -> dict[str, Value]:
        fresh: dict[str, Value | None] = dict(known)
        for feature in self.catalog.features:
            name = feature.name
            if isinstance(feature, DerivedFeature):
                fresh[name] = walk(feature.node, {**facts, **fresh})
            elif name in known and _runs_out(feature, as_of_us - self.as_of_us):
                fresh[name] = 0.0 if _is_count(feature) else None
        return {name: value for name, value in fresh.items() if value is not None}


def _runs_out(feature: Feature, within_us: int) -> bool:
    return isinstance(feature, WindowFeature) and feature.width_us <= within_us


def _is_count(feature: Feature) -> bool:
    return isinstance(feature, WindowFeature) and feature.measure in COUNTING


def horizons_us(names: Iterable[str], catalog: Catalog) -> tuple[int, ...]:
    """Give how long it takes until windows behind these names have run out, ascending.

    The last is the end of what a wait foresees.
    """
    read = set(names)
    for feature in reversed(catalog.features):
        if isinstance(feature, DerivedFeature) and feature.name in read:
            read |= feature.names
    widths = {one.width_us for one in catalog.windows if one.name in read}
    return (*sorted(width for width in widths if width < FORESEEN_US), FORESEEN_US)


def later(orders: Slice, by_us: int, catalog: Catalog) -> Slice:
    """Give the same orders some time after their decision, by columns as `Then` does."""
    rows = orders.orders.with_columns(pl.col(AS_OF) + timedelta(microseconds=by_us))
    return replace(orders, orders=rows, features=_aged_columns(orders, by_us, catalog))


def _aged_columns(orders: Slice, by_us: int, catalog: Catalog) -> pl.DataFrame:
    derived = [one for one in catalog.features if isinstance(one, DerivedFeature)]
    names = frozenset[str]().union(*(one.names for one in derived)).difference(catalog.names)
    there = [name for name in names if name in orders.addresses.columns]
    facts = facts_of(orders.orders, names.difference(there), catalog)
    frame = orders.features.hstack(facts).hstack(orders.addresses.select(there))
    for feature in catalog.features:
        if isinstance(feature, DerivedFeature):
            value = to_polars(feature.node).cast(_DTYPES[feature.kind])
            frame = frame.with_columns(value.alias(feature.name))
        elif _runs_out(feature, by_us):
            empty = 0.0 if _is_count(feature) else None
            known = pl.when(pl.col(feature.name).is_not_null()).then(pl.lit(empty, pl.Float64))
            frame = frame.with_columns(known.alias(feature.name))
    return of_rule_kinds(frame, catalog)


_DTYPES: Mapping[Kind, pl.DataType] = {
    Kind.NUMBER: pl.Float64(),
    Kind.INSTANT: pl.Float64(),
    Kind.TEXT: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
}
