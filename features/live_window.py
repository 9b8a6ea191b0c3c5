"""Reads the windows of a hot key from its series: a look at a few chunks, however many records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from features.kinds import Value
from features.live_plan import TOTALLED, Reading, by_width
from features.live_recent import RECENT, Number
from features.live_record import OCCURRED, Columns, Record
from features.measures import COUNTING, OWN_MEASURES, Measure
from features.series import Series
from features.series_parts import value_of
from features.times import US_PER_SECOND


class Window:
    """The records of a series from an instant on, without an order's earlier self."""

    __slots__ = ("_at", "_series", "_without", "as_of_us", "first", "size", "start_us")

    def __init__(
        self, series: Series, start_us: int, as_of_us: int, without: Record | None
    ) -> None:
        self._series = series
        self.start_us = start_us
        self.as_of_us = as_of_us
        inside = without is not None and without[OCCURRED] >= start_us
        self._at = series.locate(without) if without is not None and inside else None
        self._without = None if self._at is None else without
        self.first = j, k = series.first_from(start_us)
        whole = series.size - series.starts[j] - k if j < len(series.chunks) else 0
        self.size = whole - (self._at is not None)

    def total(self, column: int) -> tuple[int, int]:
        """Give a column's sum and how many records state it."""
        total, size = self._series.totals[column].since(*self.first)
        number = None if self._without is None else self._without[column]
        return (total, size) if number is None else (total - number, size - 1)

    def extreme(self, column: int, sign: int) -> int | None:
        """Give a column's largest number (sign 1) or smallest (sign -1)."""
        extremes = self._series.extremes[column, sign]
        if self._without is None or self._at is None:
            return extremes.since(*self.first)
        return extremes.since_without(*self.first, self._without, self._at)

    def distinct(self, of: Columns) -> int:
        """Count different values."""
        sightings = self._series.sightings[of]
        alone = self._without is not None and sightings.is_alone(self._without, self.start_us)
        return sightings.since(*self.first) - alone

    def earliest(self) -> Record:
        """Give the first record; there must be one."""
        j, k = self.first
        chunks = self._series.chunks
        record = chunks[j][k]
        if record is not self._without:
            return record
        return chunks[j][k + 1] if k + 1 < len(chunks[j]) else chunks[j + 1][0]

    def latest(self) -> Record:
        """Give the last record; there must be one."""
        chunks = self._series.chunks
        record = chunks[-1][-1]
        if record is not self._without:
            return record
        return chunks[-1][-2] if len(chunks[-1]) > 1 else chunks[-2][-1]

    def seconds_since(self, record: Record | None) -> float | None:
        """Say how long ago a record happened; None of none."""
        return None if record is None else (self.as_of_us - record[OCCURRED]) / US_PER_SECOND

    def newest(self, of: Columns, most: int) -> list[Record]:
        """Give the newest records that state all columns, oldest first."""
        series, counts = self._series, self._series.stated[of].counts
        found: list[Record] = []
        first, place = self.first
        for j in range(len(series.chunks) - 1, first - 1, -1):
            if counts[j]:
                chunk = series.chunks[j]
                self._gather(chunk, place if j == first else 0, of, most, found)
                if len(found) == most:
                    break
        found.reverse()
        return found

    def _gather(
        self, chunk: list[Record], first: int, of: Columns, most: int, found: list[Record]
    ) -> None:
        column, is_one = of[0], len(of) == 1
        for k in range(len(chunk) - 1, first - 1, -1):
            record = chunk[k]
            if record[column] is None or record is self._without:
                continue
            if is_one or value_of(record, of) is not None:
                found.append(record)
                if len(found) == most:
                    return


Measured = Callable[[Window, Record], Number | None]
"""Measures one feature: (the window, the record of the order that asks)."""


@dataclass(frozen=True, slots=True)
class WidthPlan:
    """What is read of one width: names and measures where it holds something, where nothing."""

    width_us: int
    measures: tuple[tuple[str, Measured], ...]
    of_nothing: tuple[tuple[str, Measured], ...]


def plan_series(readings: Sequence[Reading]) -> tuple[WidthPlan, ...]:
    """Look up every measure once, at load."""
    return tuple(
        WidthPlan(
            width_us,
            tuple((reading.name, _measured(reading)) for reading in members),
            tuple((r.name, _measured(r)) for r in members if r.measure in COUNTING),
        )
        for width_us, members in by_width(readings).items()
    )


def read_series(
    series: Series,
    plan: Sequence[WidthPlan],
    as_of_us: int,
    without: Record | None,
    own: Record,
    row: dict[str, Value],
) -> None:
    """Read every feature of a hot key into `row`; every record of the series must count.

    `without` is the order's earlier self, `own` the order that asks.
    """
    for width in plan:
        window = Window(series, as_of_us - width.width_us, as_of_us, without)
        for name, measure in width.measures if window.size else width.of_nothing:
            value = measure(window, own)
            if value is not None:
                row[name] = value


def _measured(reading: Reading) -> Measured:
    of = reading.columns
    if reading.measure in RECENT:
        return _recent(reading)
    if reading.measure in TOTALLED:
        return _totalled(reading.measure, of[0])
    return {
        Measure.COUNT: lambda window, _: window.size,
        Measure.MAX: lambda window, _: window.extreme(of[0], 1),
        Measure.MIN: lambda window, _: window.extreme(of[0], -1),
        Measure.DISTINCT: lambda window, _: window.distinct(of) if window.size else 0,
        Measure.SECONDS_SINCE_LAST: lambda window, _: window.seconds_since(window.latest()),
        Measure.SECONDS_SINCE_FIRST: lambda window, _: window.seconds_since(window.earliest()),
        Measure.SECONDS_SINCE_OUTCOME: lambda window, _: window.seconds_since(
            next(iter(window.newest(of, 1)), None)
        ),
    }[reading.measure]


def _recent(reading: Reading) -> Measured:
    of, most, measure = reading.columns, reading.newest, RECENT[reading.measure]
    is_own = reading.measure in OWN_MEASURES

    def recent(window: Window, own: Record) -> Number | None:
        newest = window.newest(of, most) if window.size else []
        stated = [value_of(record, of) for record in newest]
        return measure(newest, stated, value_of(own, of) if is_own else None, window.as_of_us)

    return recent


def _totalled(measure: Measure, column: int) -> Measured:
    def total(window: Window, _own: Record) -> Number:
        return window.total(column)[0] if window.size else 0

    def mean(window: Window, _own: Record) -> Number | None:
        total, size = window.total(column)
        return float(total) / float(size) if size else None

    def mean_latency(window: Window, _own: Record) -> Number | None:
        total, size = window.total(column)
        return total / size / 1_000 if size else None

    if measure is Measure.SUM:
        return total
    return mean if measure is Measure.MEAN else mean_latency
