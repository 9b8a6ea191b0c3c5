"""One population of events (orders, open orders, final or unknown answers) by entity key.

A key with one event holds just its record, one with a few a sorted list, a hot one a `Series`.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from features.kinds import Value
from features.live_changes import Changes, changes_of
from features.live_plan import EXTREMES, TOTALLED, Reading
from features.live_reader import write_reader, write_reader_of_one
from features.live_recent import RECENT
from features.live_record import KNOWN, OCCURRED, ORDER_ID, Key, Record
from features.live_window import plan_series, read_series
from features.measures import Measure
from features.series import Series
from features.times import US_PER_SECOND
from features.windows import FOREVER_US

LATE_READ_US = 86_400 * US_PER_SECOND
"""How far behind the newest event a read stays exact; what only earlier reads see is freed."""

FEW = 32
"""Records of one key that are read one by one; beyond, a series is made of them."""

_VISITS = 4
"""Keys looked at for each event that is added while some are due: more than can become due."""
_CHUNKS = 4
"""Chunks of a hot key that one look frees."""

Rows = Record | list[Record] | Series


@dataclass(slots=True)
class _Cohort:
    """Keys that are looked at once `due_us` is over."""

    due_us: int
    keys: list[Key]


class Population:
    """Keeps the records of one population and reads its features."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = readings
        self._names = frozenset(reading.name for reading in readings)
        self._read_few = write_reader(readings)
        self._read_one = write_reader_of_one(readings)
        self._plan = plan_series(readings)
        self._kept_us = max(reading.width_us for reading in readings) + LATE_READ_US
        self._slot_us = self._kept_us // 64 + 1
        self._latest_us = -FOREVER_US
        self._rows: dict[Key, Rows] = {}
        self._ended: deque[tuple[int, Key, Record]] = deque()
        self._cohorts: deque[_Cohort] = deque()

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Record]:
        """Give every record that counts, key by key."""
        for rows in self._rows.values():
            yield from _each(rows)

    def read(
        self,
        key: Key,
        as_of_us: int,
        without: Record | None,
        own: Record,
        row: dict[str, Value],
    ) -> None:
        """Read at an instant that is later than everything that was applied.

        `without` is the earlier self of the order that asks, `own` its record.
        """
        rows = self._rows.get(key)
        if rows is None:
            self._read_few((), as_of_us, own, row)
        elif isinstance(rows, tuple):
            if rows is without or rows[OCCURRED] >= as_of_us:
                self._read_few((), as_of_us, own, row)
            elif self._read_one is None:
                self._read_few((rows,), as_of_us, own, row)
            else:
                self._read_one(rows, as_of_us, row)
        elif isinstance(rows, list):
            if without is None and rows and rows[-1][OCCURRED] < as_of_us:
                self._read_few(rows, as_of_us, own, row)
            else:
                self._read_some(list(rows), as_of_us, without, own, row)
        elif rows.is_before(as_of_us):
            read_series(rows, self._plan, as_of_us, without, own, row)
        else:
            self._read_some(list(rows), as_of_us, without, own, row)

    def _read_some(
        self,
        records: list[Record],
        as_of_us: int,
        without: Record | None,
        own: Record,
        row: dict[str, Value],
    ) -> None:
        if records and records[-1][OCCURRED] >= as_of_us:
            del records[bisect_left(records, (as_of_us,)) :]
        if without is not None:
            records = [record for record in records if record is not without]
        self._read_few(records, as_of_us, own, row)

    def read_late(
        self,
        key: Key,
        as_of_us: int,
        without: str | None,
        own: Record,
        row: dict[str, Value],
    ) -> None:
        """Read at an earlier instant, by a look at every record of the key.

        `without` is the order whose earlier selves do not count.
        """
        ended = (r for end_us, k, r in self._ended if end_us >= as_of_us and k == key)
        known = sorted(
            record
            for records in (_each(self._rows.get(key)), ended)
            for record in records
            if record[OCCURRED] < as_of_us
            and record[KNOWN] < as_of_us
            and record[ORDER_ID] != without
        )
        self._read_few(known, as_of_us, own, row)

    def has(self, names: Collection[str]) -> bool:
        """Tell whether it computes one of these features."""
        return not self._names.isdisjoint(names)

    def changes(
        self, key: Key, names: Collection[str], span: tuple[int, int], without: Record | None
    ) -> list[Changes]:
        """Give when the windows of these features change in `(after, until]`; changes nothing.

        `without` is the earlier self of the order that asks.
        """
        widths = {reading.width_us for reading in self._readings if reading.name in names}
        return changes_of(self._rows.get(key), widths, span, without) if widths else []

    def add(self, key: Key, record: Record, now_us: int) -> None:
        """Count a record that became known now; frees a little of what is over.

        One that is so late that no window reaches it any more is not even kept.
        """
        cutoff_us = self._cutoff_us(now_us)
        if record[OCCURRED] >= cutoff_us:
            self._put(key, record, now_us, cutoff_us)
        cohorts = self._cohorts
        if cohorts and cohorts[0].due_us < now_us:
            self.visit(now_us, _VISITS)

    def _put(self, key: Key, record: Record, now_us: int, cutoff_us: int) -> None:
        rows = self._rows.get(key)
        if rows is None:
            self._rows[key] = record
            self._schedule(key, now_us)
        elif isinstance(rows, list):
            if rows and rows[-1] < record:
                rows.append(record)
            else:
                insort(rows, record)
            if len(rows) > FEW:
                self._make_series(key, rows, now_us)
        elif isinstance(rows, Series):
            if rows.add(record, now_us):
                rows.forget(cutoff_us, _CHUNKS)
        else:
            self._rows[key] = [rows, record] if rows < record else [record, rows]

    def end(self, key: Key, record: Record, end_us: int) -> None:
        """Stop counting a record for what is decided after `end_us`."""
        rows = self._rows.get(key)
        if isinstance(rows, Series):
            rows.remove(record)
        elif isinstance(rows, list):
            self._rows[key] = [other for other in rows if other is not record]
        elif rows is record:
            self._rows[key] = []  # the key stays until it is looked at: it is scheduled once
        ended = self._ended
        ended.append((end_us, key, record))
        while ended[0][0] < end_us - LATE_READ_US:
            ended.popleft()

    def visit(self, now_us: int, keys: int) -> int:
        """Look at up to so many keys that are due, and free what no window reaches any more.

        Returns how many records were freed.
        """
        freed = 0
        cohorts, cutoff_us = self._cohorts, self._cutoff_us(now_us)
        while keys and cohorts and cohorts[0].due_us < now_us:
            due = cohorts[0].keys
            while keys and due:
                keys -= 1
                key = due.pop()
                rows = self._rows[key]
                if isinstance(rows, tuple) and rows[OCCURRED] < cutoff_us:
                    freed += 1
                    del self._rows[key]
                else:
                    freed += self._look_at(key, rows, now_us, cutoff_us)
            if not due:
                cohorts.popleft()
        return freed

    def _look_at(self, key: Key, rows: Rows, now_us: int, cutoff_us: int) -> int:
        freed = 0
        if isinstance(rows, Series):
            freed = rows.forget(cutoff_us, _CHUNKS)
            if rows.is_stale(cutoff_us):
                self._cohorts[0].keys.append(key)
                return freed
        elif isinstance(rows, list):
            freed = bisect_left(rows, (cutoff_us,))
            del rows[:freed]
        if len(rows):
            self._schedule(key, now_us)
        else:
            del self._rows[key]
        return freed

    def _cutoff_us(self, now_us: int) -> int:
        if now_us > self._latest_us:
            self._latest_us = now_us
        return self._latest_us - self._kept_us

    def _schedule(self, key: Key, now_us: int) -> None:
        """Look at the key again once what it holds now is over."""
        due_us = (now_us // self._slot_us + 1) * self._slot_us + self._kept_us
        if self._cohorts and self._cohorts[-1].due_us >= due_us:
            self._cohorts[-1].keys.append(key)
        else:
            self._cohorts.append(_Cohort(due_us, [key]))

    def _make_series(self, key: Key, records: list[Record], now_us: int) -> None:
        del records[: bisect_left(records, (self._cutoff_us(now_us),))]
        if len(records) <= FEW:
            return
        series = _series_for(self._readings)
        for record in records:
            series.add(record, now_us)
        self._rows[key] = series


def _each(rows: Rows | None) -> Iterator[Record]:
    if isinstance(rows, tuple):
        yield rows
    elif rows is not None:
        yield from rows


def _series_for(readings: Iterable[Reading]) -> Series:
    stating = {*RECENT, Measure.SECONDS_SINCE_OUTCOME}
    return Series(
        totals=sorted({r.columns[0] for r in readings if r.measure in TOTALLED}),
        extremes=sorted(
            {
                (r.columns[0], 1 if r.measure is Measure.MAX else -1)
                for r in readings
                if r.measure in EXTREMES
            }
        ),
        sightings=sorted({r.columns for r in readings if r.measure is Measure.DISTINCT}),
        stated=sorted({r.columns for r in readings if r.measure in stating}),
    )
