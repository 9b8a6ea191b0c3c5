"""Two periods and the gap between them, by time or by an ordering id; half-open `[from, until)`.

The protocol, point in time: a label may be learned from only if its outcome was received before
the train period's end plus the embargo, which is where the test may begin at the earliest.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.history import History
from features.times import from_us, parse_duration_us, to_us
from training.errors import ExperimentError

SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Period:
    """`[start, end)` in positions: microseconds since 1970 UTC, or the ordering id."""

    start: int
    end: int

    def mask(self, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mark the rows inside."""
        return (positions >= self.start) & (positions < self.end)


@dataclass(frozen=True, slots=True)
class Protocol:
    """Train here, wait for the labels, test there; `labels_known_before_us` is an instant."""

    train: Period
    test: Period
    labels_known_before_us: int
    by_sequence: bool


def positions(history: History) -> NDArray[np.int64]:
    """Give each order's place on the axis that the history is ordered by."""
    if is_sequence(history):
        if SEQUENCE not in history.orders.columns:
            raise ExperimentError(
                f"{history.folder} says that it is ordered by sequence but has no such column; "
                "import it again"
            )
        return history.orders[SEQUENCE].to_numpy()
    return instants(history)


def instants(history: History) -> NDArray[np.int64]:
    """Give each order's `as_of` in microseconds since 1970 UTC."""
    return history.orders["as_of"].cast(pl.Int64).to_numpy()


def is_sequence(history: History) -> bool:
    """Tell whether an ordering id stands in place of times."""
    return bool(history.manifest.get("ordering") == SEQUENCE)


def make_protocol(
    history: History,
    *,
    train_from: str,
    train_until: str,
    embargo: str,
    test_from: str,
    test_until: str,
) -> Protocol:
    """Read the five bounds as a user wrote them, and refuse what would leak or be empty."""
    by_sequence = is_sequence(history)
    train = _period("train", train_from, train_until, by_sequence)
    test = _period("test", test_from, test_until, by_sequence)
    if by_sequence and embargo.isdecimal():
        earliest = train.end + int(embargo)
        known = _instant_of(history, earliest)
    else:
        known = _instant_of(history, train.end) if by_sequence else train.end
        known += _duration(embargo)
        earliest = _position_of(history, known) if by_sequence else known
    if test.start < earliest:
        raise ExperimentError(
            f"--test-from {test_from} is inside the training period or its embargo of {embargo}; "
            f"the test may begin at {_shown(earliest, by_sequence)}"
        )
    return Protocol(train, test, known, by_sequence)


def _period(name: str, start: str, end: str, by_sequence: bool) -> Period:
    read = _whole_number if by_sequence else _instant
    period = Period(read(f"--{name}-from", start), read(f"--{name}-until", end))
    if period.start >= period.end:
        raise ExperimentError(
            f"the {name} period is empty: --{name}-from {start} is not before "
            f"--{name}-until {end}; the end itself is outside"
        )
    return period


def _whole_number(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ExperimentError(
            f"{option} {text!r}: this history is ordered by its sequence id; write a whole number"
        ) from None


def _instant(option: str, text: str) -> int:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ExperimentError(
            f"{option} {text!r} is no instant; write 2018-07-25 or 2018-07-25T08:00:00+08:00 "
            "(without an offset: UTC)"
        ) from None
    return to_us(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def _duration(text: str) -> int:
    if text in ("0", "0s", "0m", "0h", "0d"):
        return 0
    try:
        return parse_duration_us(text)
    except ValueError as error:
        raise ExperimentError(f"--embargo {error}") from None


def _instant_of(history: History, position: int) -> int:
    """When the first order at or after a sequence id was placed; past the last one, just after."""
    times = instants(history)
    later = times[positions(history) >= position]
    return int(later.min()) if len(later) else int(times.max()) + 1


def _position_of(history: History, instant_us: int) -> int:
    places = positions(history)
    later = places[instants(history) >= instant_us]
    return int(later.min()) if len(later) else int(places.max()) + 1


def _shown(position: int, by_sequence: bool) -> str:
    return str(position) if by_sequence else from_us(position).isoformat()
