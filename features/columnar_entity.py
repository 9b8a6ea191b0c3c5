"""The rows of one entity in the order in which the kernels sweep them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from features.columnar_answers import Answers
from features.columnar_codes import dense_codes
from features.columnar_rows import Rows
from features.columnar_threads import in_threads
from features.feature import Entity, WindowFeature
from features.kernel.events import MISSING, Bytes, Events, Floats, Int64s, Queries
from features.kernel.sorting import by_code, departures_of
from features.measures import NUMERIC_MEASURES, PLACE_MEASURES, VALUE_MEASURES
from features.windows import FOREVER_US


@dataclass(frozen=True, slots=True)
class Occurrences:
    """What happened to the keys of an entity, by code and then by when it was known.

    `rows` are the rows of orders, `sources` what each stands for: an order or an answer.
    """

    rows: Int64s
    sources: Int64s
    starts: Int64s
    occurred: Int64s
    known: Int64s
    replaced: Int64s

    def events(self, width_us: int, closed: Int64s | None = None) -> Events:
        """Say when each ends in windows of one width; `closed` ends an open order too."""
        ends = np.minimum(self.occurred + width_us, self.replaced)
        if closed is not None:
            ends = np.minimum(ends, closed[self.rows])
        return Events(self.starts, self.known, ends, departures_of(self.starts, ends))


@dataclass(frozen=True, slots=True)
class Column:
    """A fact, or a combination of facts, as whole numbers: of each event, and of what asks."""

    events: Int64s
    stated: Bytes
    mine: Int64s
    asked: Bytes


class EntityRows:
    """Codes the key and the measured facts once, for all windows of the entity."""

    def __init__(self, entity: Entity, rows: Rows, features: Sequence[WindowFeature]) -> None:
        self.rows = rows
        coded = [f.of for f in features if f.measure in VALUE_MEASURES | PLACE_MEASURES]
        codes = _all_codes(rows.facts, [entity.key, *coded])
        self._codes = codes[entity.key]
        self._n_codes = int(self._codes.max(initial=MISSING)) + 1
        asked, starts = by_code(self._codes, np.arange(len(self._codes)), self._n_codes)
        times = rows.as_of_us[asked]
        self.orders = self._orders(asked, starts, times)
        self.queries = Queries(starts, asked, times, self._own_events(asked))
        self.unhidden = Queries(starts, asked, times, np.zeros(0, np.int64))
        self._values = {of: self._column(codes[of], codes[of] != MISSING) for of in set(coded)}
        self._numbers = {name: self._number(rows.facts[name]) for name in _summed(features)}

    def _orders(self, asked: Int64s, starts: Int64s, times: Int64s) -> Occurrences:
        """Order the events; where they are known as they are asked, the order is the same."""
        rows = self.rows
        known = np.maximum(rows.placed_us, rows.as_of_us)
        order = asked
        if np.any(known[1:] < known[:-1]):
            sequence = np.argsort(known, kind="stable")
            order, starts = by_code(self._codes, sequence, self._n_codes)
        same = order is asked and np.array_equal(known, rows.as_of_us)
        known_then = times if same else known[order]
        placed = known_then if np.array_equal(known, rows.placed_us) else rows.placed_us[order]
        # Most histories replace nothing, and a constant is cheaper than to look it up.
        lasting = bool(np.all(rows.replaced_us == FOREVER_US))
        replaced = np.full(len(order), FOREVER_US) if lasting else rows.replaced_us[order]
        return Occurrences(order, order, starts, placed, known_then, replaced)

    def _own_events(self, asked: Int64s) -> Int64s:
        if np.all(self.rows.own == MISSING):
            return np.zeros(0, np.int64)
        own = self.rows.own[asked]
        event_of_row = np.full(len(self._codes), MISSING, np.int64)
        event_of_row[self.orders.rows] = np.arange(len(self.orders.rows))
        return np.where(own == MISSING, MISSING, event_of_row[own])

    def _number(self, fact: pl.Series) -> Column:
        return self._column(
            fact.cast(pl.Int64).fill_null(0).to_numpy(), fact.is_not_null().to_numpy()
        )

    def _column(self, values: Int64s, stated: Collection[bool]) -> Column:
        flags = np.asarray(stated, np.uint8)
        events = values[self.orders.rows], flags[self.orders.rows]
        if self.orders.rows is self.queries.rows:
            return Column(*events, *events)
        return Column(*events, values[self.queries.rows], flags[self.queries.rows])

    def answered(self, answers: Answers) -> Occurrences:
        """List the answers about orders of this entity."""
        codes = self._codes[answers.rows]
        order, starts = by_code(codes, np.arange(len(codes)), self._n_codes)
        received = answers.received_us[order]
        return Occurrences(
            answers.rows[order], order, starts, received, received, answers.replaced_us[order]
        )

    def number(self, name: str) -> Column:
        """Give a whole-number fact, 0 where it is not stated."""
        return self._numbers[name]

    def values(self, of: tuple[str, ...]) -> Column:
        """Give the dense codes of a combination of facts, MISSING where it is not stated."""
        return self._values[of]

    def empty(self) -> Floats:
        """Make a column of missing values, one for each row."""
        return np.full(len(self._codes), np.nan)


def _summed(features: Iterable[WindowFeature]) -> set[str]:
    whole = NUMERIC_MEASURES | PLACE_MEASURES
    return {name for feature in features if feature.measure in whole for name in feature.of}


def _all_codes(
    facts: pl.DataFrame, combinations: Iterable[tuple[str, ...]]
) -> dict[tuple[str, ...], Int64s]:
    different = list(dict.fromkeys(combinations))
    codes = in_threads(lambda names: dense_codes(facts, names), different)
    return dict(zip(different, codes, strict=True))
