"""The measures over the newest events of a window, as the live state computes them.

Each takes the events oldest first, what they state, what the order itself states (None when it
states nothing) and the instant of the decision; it gives None for a missing value.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import sqrt
from typing import Any

from features.live_record import OCCURRED, Record
from features.measures import Measure
from features.rescan import ENTROPY_SCALE, scaled_entropy
from features.times import US_PER_SECOND

Number = int | float
Stated = Sequence[Any]
_Place = tuple[int, int, int]
Recent = Callable[[Sequence[Record], Stated, Any, int], Number | None]

_scaled_entropy = cache(scaled_entropy)


def median(_events: Sequence[Record], stated: Stated, _own: Any, _as_of_us: int) -> Number | None:
    """Give the middle number; the lower one of two."""
    if not stated:
        return None
    number: int = sorted(stated)[(len(stated) - 1) // 2]
    return number


def entropy(_events: Sequence[Record], stated: Stated, _own: Any, _as_of_us: int) -> Number | None:
    """Give the entropy of the values, in bits."""
    size = len(stated)
    if not size:
        return None
    within = sum(map(_scaled_entropy, Counter(stated).values()))
    return (_scaled_entropy(size) - within) / (size * ENTROPY_SCALE)


def repeated(_events: Sequence[Record], stated: Stated, _own: Any, _as_of_us: int) -> Number | None:
    """Give the share of events whose value came more than once."""
    if not stated:
        return None
    return sum(count for count in Counter(stated).values() if count > 1) / len(stated)


def same(_events: Sequence[Record], stated: Stated, own: Any, _as_of_us: int) -> Number | None:
    """Count the events that state what the order states."""
    return None if own is None else stated.count(own)


def seconds_since_change(
    events: Sequence[Record], stated: Stated, own: Any, as_of_us: int
) -> Number | None:
    """Say how long the order's own value has stood: 0 if it is new, missing if none differs."""
    if own is None:
        return None
    since = as_of_us
    for place in range(len(stated) - 1, -1, -1):
        if stated[place] != own:
            return (as_of_us - since) / US_PER_SECOND
        since = events[place][OCCURRED]
    return None


def radius(_events: Sequence[Record], stated: Stated, _own: Any, _as_of_us: int) -> Number | None:
    """Give the root mean square distance from the centre, in metres."""
    size = len(stated)
    if not size:
        return None
    squares = sum(x * x + y * y + z * z for x, y, z in stated)
    x, y, z = map(sum, zip(*stated, strict=True))
    return sqrt(size * squares - (x * x + y * y + z * z)) / size


def distance(_events: Sequence[Record], stated: Stated, own: Any, _as_of_us: int) -> Number | None:
    """Give the mean distance to the order's own place, each in whole metres."""
    if own is None or not stated:
        return None
    return sum(int(_apart(place, own)) for place in stated) / len(stated)


def distance_to_usual(
    _events: Sequence[Record], stated: Stated, own: Any, _as_of_us: int
) -> Number | None:
    """Give the distance to the most frequent place; the newest one of several."""
    if own is None or not stated:
        return None
    counts = Counter(stated)
    most = max(counts.values())
    return _apart(next(place for place in reversed(stated) if counts[place] == most), own)


def _apart(one: _Place, other: _Place) -> float:
    x, y, z = one[0] - other[0], one[1] - other[1], one[2] - other[2]
    return sqrt(x * x + y * y + z * z)


RECENT: Mapping[Measure, Recent] = {
    Measure.MEDIAN: median,
    Measure.ENTROPY: entropy,
    Measure.REPEATED: repeated,
    Measure.SAME: same,
    Measure.SECONDS_SINCE_CHANGE: seconds_since_change,
    Measure.RADIUS: radius,
    Measure.DISTANCE: distance,
    Measure.DISTANCE_TO_USUAL: distance_to_usual,
}
