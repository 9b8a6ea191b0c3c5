"""Window features of one entity over a whole history, by the sweep kernel."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.feature import OUTCOME_MEASURES, Entity, Measure, WindowFeature
from features.history import History
from features.kernel import NOTHING, Bytes, Int64s, sweep_largest, sweep_totals
from features.times import US_PER_SECOND
from features.windows import FOREVER_US, OUTCOME_WAIT_US, outcome_counts

_MISSING = -1


@dataclass(frozen=True, slots=True)
class OutcomeEvents:
    """Final outcomes that count, each with the row of its order; arrays of one length."""

    rows: Int64s
    received_us: Int64s
    replaced_us: Int64s
    classes: NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class _Events:
    """Events of one entity sorted by code and time of knowledge."""

    codes: Int64s
    occurred: Int64s
    known: Int64s
    replaced: Int64s
    order: Int64s


class EntitySweep:
    """Measures the windows of one entity; events and queries are sorted once."""

    def __init__(
        self,
        entity: Entity,
        facts: pl.DataFrame,
        orders: pl.DataFrame,
        answers: OutcomeEvents | None,
    ) -> None:
        self._facts = facts
        self._answers = answers
        self._codes = dense_codes(facts, entity.key)
        self._as_of = _instants(orders, "as_of")
        occurred = _instants(orders, "placed_at")
        self._orders = _sorted_events(
            self._codes, occurred, np.maximum(occurred, self._as_of), replaced_at(orders)
        )
        rows = np.lexsort((self._as_of, self._codes))
        self._queries = rows[self._codes[rows] != _MISSING]
        self._query_codes = self._codes[self._queries]
        self._query_times = self._as_of[self._queries]

    def measure(self, features: Sequence[WindowFeature]) -> dict[str, pl.Series]:
        """Compute the given features of this entity: a Series of row length each."""
        measured: dict[str, pl.Series] = {}
        for (_, on_outcomes), group in groupby(sorted(features, key=_sweep_of), key=_sweep_of):
            members = list(group)
            measured |= self._outcomes(members) if on_outcomes else self._order_events(members)
        return measured

    def _order_events(self, features: Sequence[WindowFeature]) -> dict[str, pl.Series]:
        events = self._orders
        width = features[0].width_us
        numeric = sorted({f.of[0] for f in features if f.measure in (Measure.SUM, Measure.MEAN)})
        counted = sorted({f.of for f in features if f.measure is Measure.DISTINCT})
        totals = _totals(
            self._query_codes,
            self._query_times,
            events,
            width,
            [self._number(name)[events.order] for name in numeric],
            [self._present(name)[events.order] for name in numeric],
            [dense_codes(self._facts, names)[events.order] for names in counted],
        )
        table: dict[str, pl.Series] = {}
        for feature in features:
            match feature.measure:
                case Measure.COUNT:
                    values = totals.counts.astype(np.float64)
                case Measure.SUM:
                    values = totals.sums[numeric.index(feature.of[0])].astype(np.float64)
                case Measure.MEAN:
                    column = numeric.index(feature.of[0])
                    values = _share(totals.sums[column], totals.sizes[column])
                case Measure.DISTINCT:
                    values = totals.distinct[counted.index(feature.of)].astype(np.float64)
                case _:
                    values = self._extreme(feature)
            table[feature.name] = self._series(feature.name, values)
        return table

    def _extreme(self, feature: WindowFeature) -> NDArray[np.float64]:
        events = self._orders
        if feature.measure is Measure.SECONDS_SINCE_LAST:
            everything = np.ones(len(events.codes), np.uint8)
            return self._seconds_since(events, feature.width_us, everything)
        sign = -1 if feature.measure is Measure.MIN else 1
        numbers = sign * self._number(feature.of[0])[events.order]
        present = self._present(feature.of[0])[events.order]
        largest = self._largest(events, feature.width_us, numbers, present)
        return np.where(largest != NOTHING, sign * largest.astype(np.float64), np.nan)

    def _seconds_since(self, events: _Events, width_us: int, wanted: Bytes) -> NDArray[np.float64]:
        latest = self._largest(events, width_us, events.occurred, wanted)
        known = latest != NOTHING
        elapsed = self._query_times - np.where(known, latest, self._query_times)
        return np.where(known, elapsed / US_PER_SECOND, np.nan)

    def _largest(self, events: _Events, width_us: int, numbers: Int64s, present: Bytes) -> Int64s:
        largest = np.empty(len(self._queries), np.int64)
        sweep_largest(
            self._query_codes,
            self._query_times,
            events.codes,
            events.known,
            _ends(events, width_us),
            np.ascontiguousarray(numbers),
            present,
            largest,
        )
        return largest

    def _outcomes(self, features: Sequence[WindowFeature]) -> dict[str, pl.Series]:
        answers = self._answers
        if answers is None:
            raise AssertionError("outcome features are built with the outcomes of the history")
        events = _sorted_events(
            self._codes[answers.rows], answers.received_us, answers.received_us, answers.replaced_us
        )
        width_us = features[0].width_us
        flags = [
            _class_flags(answers.classes, feature.outcome)[events.order] for feature in features
        ]
        ones = [np.ones(len(events.codes), np.uint8)] * len(flags)
        totals = _totals(self._query_codes, self._query_times, events, width_us, flags, ones, [])
        table: dict[str, pl.Series] = {}
        for number, feature in enumerate(features):
            if feature.measure is Measure.RATE:
                values = _share(totals.sums[number], totals.counts)
            elif feature.measure is Measure.SECONDS_SINCE_OUTCOME:
                values = self._seconds_since(events, width_us, flags[number].astype(np.uint8))
            else:
                values = totals.sums[number].astype(np.float64)
            table[feature.name] = self._series(feature.name, values)
        return table

    def _number(self, name: str) -> Int64s:
        return self._facts[name].cast(pl.Int64).fill_null(0).to_numpy()

    def _present(self, name: str) -> Bytes:
        return self._facts[name].is_not_null().cast(pl.UInt8).to_numpy()

    def _series(self, name: str, values: NDArray[np.float64]) -> pl.Series:
        column = np.full(len(self._codes), np.nan)
        column[self._queries] = values
        return pl.Series(name, column).fill_nan(None)


@dataclass(frozen=True, slots=True)
class _Totals:
    counts: Int64s
    sums: Int64s
    sizes: Int64s
    distinct: Int64s


def outcome_events(history: History) -> OutcomeEvents:
    """Match each final outcome with its order: the latest version that it can have been about.

    Outcomes of unknown orders, from before the order, or later than OUTCOME_WAIT_US do not
    count; a repeated answer counts once; another answer replaces the earlier one.
    """
    orders = history.orders.select(
        "order_id", "as_of", pl.int_range(pl.len(), dtype=pl.Int64).alias("row")
    ).sort("as_of", maintain_order=True)
    answers = history.outcomes.filter(pl.col("final")).sort("received_at", maintain_order=True)
    matched = (
        _with_order(answers, orders)
        .filter(pl.col("row").is_not_null())
        .filter(
            (pl.col("received_at") - pl.col("as_of"))
            .dt.total_microseconds()
            .is_between(0, OUTCOME_WAIT_US)
        )
    )
    if matched["order_id"].n_unique() < matched.height:
        repeats = pl.col("outcome_class") == pl.col("outcome_class").shift().over("order_id")
        matched = matched.filter(~repeats.fill_null(value=False))
        replaced = pl.col("received_at").shift(-1).over("order_id").dt.epoch("us")
    else:
        replaced = pl.lit(None, pl.Int64)
    ends = matched.select(replaced.fill_null(FOREVER_US).alias("ends"))["ends"]
    return OutcomeEvents(
        rows=matched["row"].to_numpy(),
        received_us=_instants(matched, "received_at"),
        replaced_us=np.broadcast_to(ends.to_numpy(), matched.height).astype(np.int64),
        classes=matched["outcome_class"].to_numpy().astype(object),
    )


def _with_order(answers: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    if orders["order_id"].n_unique() == orders.height:
        return answers.join(orders, on="order_id", how="left", maintain_order="left")
    return answers.join_asof(
        orders,
        left_on="received_at",
        right_on="as_of",
        by="order_id",
        strategy="backward",
        check_sortedness=False,
    )


def replaced_at(orders: pl.DataFrame) -> Int64s:
    """Say for each row when a later version of the same order was received, or FOREVER_US."""
    if orders["order_id"].n_unique() == orders.height:
        return np.full(orders.height, FOREVER_US, np.int64)
    following = orders.select(pl.col("as_of").dt.epoch("us").shift(-1).over("order_id"))
    return following["as_of"].fill_null(FOREVER_US).to_numpy()


def dense_codes(facts: pl.DataFrame, names: Iterable[str]) -> Int64s:
    """Number the different combinations of some facts from 0; -1 where any is missing."""
    parts = facts.select(list(names))
    known = parts.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    ranks = parts.select(pl.struct(pl.all()).rank("dense").cast(pl.Int64) - 1).to_series()
    absent = pl.repeat(_MISSING, facts.height, dtype=pl.Int64, eager=True)
    return ranks.zip_with(known, absent).to_numpy()


def _sweep_of(feature: WindowFeature) -> tuple[int, bool]:
    return feature.width_us, feature.measure in OUTCOME_MEASURES


def _instants(frame: pl.DataFrame, column: str) -> Int64s:
    return frame[column].dt.epoch("us").to_numpy()


def _sorted_events(codes: Int64s, occurred: Int64s, known: Int64s, replaced: Int64s) -> _Events:
    order = np.lexsort((known, codes))
    order = order[codes[order] != _MISSING]
    return _Events(codes[order], occurred[order], known[order], replaced[order], order)


def _ends(events: _Events, width_us: int) -> Int64s:
    return np.minimum(events.occurred + width_us, events.replaced)


def _totals(
    query_codes: Int64s,
    query_times: Int64s,
    events: _Events,
    width_us: int,
    numbers: list[Int64s],
    present: list[Bytes],
    values: list[Int64s],
) -> _Totals:
    size, queries = len(events.codes), len(query_codes)
    ends = _ends(events, width_us)
    in_step = bool(np.all((np.diff(ends) >= 0) | (np.diff(events.codes) > 0)))
    departures = np.arange(size) if in_step else np.lexsort((ends, events.codes))
    n_values = 1 + max((int(column.max(initial=0)) for column in values), default=0)
    totals = _Totals(
        np.zeros(queries, np.int64),
        np.zeros((len(numbers), queries), np.int64),
        np.zeros((len(numbers), queries), np.int64),
        np.zeros((len(values), queries), np.int64),
    )
    sweep_totals(
        query_codes,
        query_times,
        events.codes,
        events.known,
        ends,
        departures.astype(np.int64),
        _stacked(numbers, size, np.int64),
        _stacked(present, size, np.uint8),
        _stacked(values, size, np.int64),
        np.zeros((len(values), n_values), np.int32),
        totals.counts,
        totals.sums,
        totals.sizes,
        totals.distinct,
    )
    return totals


def _stacked(columns: list[NDArray[Any]], size: int, dtype: type[np.generic]) -> NDArray[Any]:
    stacked = np.zeros((len(columns), size), dtype)
    for number, column in enumerate(columns):
        stacked[number] = column
    return stacked


def _class_flags(classes: NDArray[np.object_], wanted: str) -> Int64s:
    different, inverse = np.unique(classes.astype(str), return_inverse=True)
    flags = np.array([outcome_counts(str(name), wanted) for name in different], np.int64)
    return flags[inverse] if len(different) else np.zeros(0, np.int64)


def _share(part: Int64s, whole: Int64s) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part.astype(np.float64) / whole.astype(np.float64), np.nan)
