"""All records of one hot key, in chunks, so that millions of them are read and changed exactly.

A chunk holds up to CHUNK records. A record that comes in order is appended; one that
comes late moves only the records of its own chunk, and one number per later chunk. What is
read over a whole window are sums over chunks, and one chunk that the window's edge cuts.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence

from features.live_record import OCCURRED, Columns, Record
from features.series_extremes import Extremes
from features.series_parts import Chunks, Part, Place, Stated
from features.series_sightings import Sightings
from features.series_totals import Totals

CHUNK = 512
"""Records in a chunk that is filled in order; late ones may make it twice as long.

Halving it halves what a late record moves in its own chunk and doubles what it moves between them.
"""


class Series:
    """The records of one key; `features.live_window` reads them.

    A record that is dated after it became known waits in `pending` until its time has come.
    """

    __slots__ = (
        "chunks",
        "extremes",
        "heads",
        "parts",
        "pending",
        "sightings",
        "size",
        "starts",
        "stated",
        "totals",
    )

    def __init__(
        self,
        totals: Sequence[int],
        extremes: Sequence[tuple[int, int]],
        sightings: Sequence[Columns],
        stated: Sequence[Columns],
    ) -> None:
        """Name the columns to add up, (column, sign) to top, values to tell apart, who states."""
        self.chunks: Chunks = []
        self.heads: list[Record] = []  # no later than the first of each chunk
        self.starts: list[int] = []
        self.size = 0
        self.pending: list[Record] = []
        self.totals = {column: Totals(column, self.chunks) for column in totals}
        self.extremes = {key: Extremes(*key, self.chunks) for key in extremes}
        self.sightings = {of: Sightings(of, self.chunks, self.locate) for of in sightings}
        self.stated = {of: Stated(of, self.chunks) for of in stated}
        self.parts: tuple[Part, ...] = (
            *self.totals.values(),
            *self.extremes.values(),
            *self.sightings.values(),
            *self.stated.values(),
        )

    def __len__(self) -> int:
        return sum(map(len, self.chunks)) + len(self.pending)

    def __iter__(self) -> Iterator[Record]:
        """Give every record, of any time, in order."""
        for chunk in self.chunks:
            yield from chunk
        yield from self.pending

    def add(self, record: Record, now_us: int) -> bool:
        """Add a record that became known now; tells whether it began a chunk."""
        if self.pending:
            self.promote(now_us + 1)
        if record[OCCURRED] > now_us:
            insort(self.pending, record)
            return False
        self._insert(record)
        return len(self.chunks[-1]) == 1

    def promote(self, as_of_us: int) -> None:
        """Take in what was pending and has happened before `as_of_us`."""
        pending = self.pending
        while pending and pending[0][OCCURRED] < as_of_us:
            self._insert(pending.pop(0))

    def is_before(self, as_of_us: int) -> bool:
        """Take in what has happened before `as_of_us`; tell whether nothing here is of later."""
        if self.pending:
            self.promote(as_of_us)
        return bool(self.chunks) and self.chunks[-1][-1][OCCURRED] < as_of_us

    def remove(self, record: Record) -> None:
        """Take out a record, if it is here."""
        if record in self.pending:
            self.pending.remove(record)
            return
        place = self.locate(record)
        if place is None:
            return
        j, k = place
        del self.chunks[j][k]
        self.size -= 1
        self._shift_starts(j, -1)
        for part in self.parts:
            part.removed(j, k, record)
        if not self.chunks[j]:
            self._drop(j)

    def locate(self, record: Record) -> Place | None:
        """Say where a record stands; None if it is not here."""
        j = bisect_right(self.heads, record) - 1
        if j < 0:
            return None
        chunk = self.chunks[j]
        k = bisect_left(chunk, record)
        return (j, k) if k < len(chunk) and chunk[k] is record else None

    def first_from(self, start_us: int) -> Place:
        """Say where the first record stands that happened at `start_us` or later."""
        start = (start_us,)
        j = bisect_left(self.heads, start)
        if j:
            chunk = self.chunks[j - 1]
            k = bisect_left(chunk, start)
            if k < len(chunk):
                return j - 1, k
        return j, 0

    def forget(self, cutoff_us: int, chunks: int) -> int:
        """Free up to so many chunks that lie wholly before the cut-off; returns the records."""
        freed = 0
        while chunks and self.is_stale(cutoff_us):
            freed += len(self.chunks[0])
            for sightings in self.sightings.values():
                sightings.forget_first()
            self._drop(0)
            chunks -= 1
        return freed

    def is_stale(self, cutoff_us: int) -> bool:
        """Tell whether the first chunk lies wholly before the cut-off."""
        return bool(self.chunks) and self.chunks[0][-1][OCCURRED] < cutoff_us

    def _insert(self, record: Record) -> None:
        if not self.chunks or record > self.chunks[-1][-1]:
            self._append(record)
            return
        j, k = self._room_for(record)
        self.chunks[j].insert(k, record)
        self.heads[j] = self.chunks[j][0]
        self.size += 1
        self._shift_starts(j, 1)
        for part in self.parts:
            part.added(j, k, record)

    def _append(self, record: Record) -> None:
        chunks = self.chunks
        if not chunks or len(chunks[-1]) >= CHUNK:
            chunks.append([])
            self.heads.append(record)
            self.starts.append(self.size)
            for part in self.parts:
                part.opened()
        last = chunks[-1]
        last.append(record)
        self.size += 1
        j, k = len(chunks) - 1, len(last) - 1
        for part in self.parts:
            part.added(j, k, record)

    def _room_for(self, record: Record) -> Place:
        j = max(bisect_right(self.heads, record) - 1, 0)
        if len(self.chunks[j]) >= 2 * CHUNK:
            self._split(j)
            j += record > self.heads[j + 1]
        return j, bisect_left(self.chunks[j], record)

    def _split(self, j: int) -> None:
        chunk = self.chunks[j]
        half = len(chunk) // 2
        self.chunks[j : j + 1] = [chunk[:half], chunk[half:]]
        self.heads.insert(j + 1, chunk[half])
        self.starts.insert(j + 1, self.starts[j] + half)
        for part in self.parts:
            part.split(j, half)

    def _shift_starts(self, j: int, by: int) -> None:
        if j + 1 < len(self.starts):
            self.starts[j + 1 :] = [start + by for start in self.starts[j + 1 :]]

    def _drop(self, j: int) -> None:
        del self.chunks[j], self.heads[j], self.starts[j]
        for part in self.parts:
            part.dropped(j)
