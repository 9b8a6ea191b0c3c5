"""Columns from arrays: missing where a flag says so, names from numbers, instants.

Texts of one width are laid out as bytes by numpy and handed over whole: formatting them one by
one would cost more than all else.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from training.simulate.chance import Flags, Ints

Letters = NDArray[np.uint8]
"""One row per text of the same width, in ASCII."""
_GROUP = 10_000
_DIGITS: NDArray[np.uint32] = np.frombuffer(
    "".join(f"{number:04d}" for number in range(_GROUP)).encode(), dtype=np.uint32
)
_HEX: NDArray[np.uint32] = np.frombuffer(
    "".join(f"{number:04x}" for number in range(65_536)).encode(), dtype=np.uint32
)


def where(known: Flags, values: NDArray[Any] | pl.Series, name: str) -> pl.Series:
    """Keep the values where they are known; missing elsewhere."""
    column = values if isinstance(values, pl.Series) else pl.Series(values)
    kept = pl.select(pl.when(pl.lit(pl.Series(known))).then(pl.lit(column)))
    return kept.to_series().alias(name)


def scattered(known: Flags, columns: Sequence[pl.Series]) -> list[pl.Series]:
    """Put the values of a few rows, one for each that is known, among rows that have none."""
    place = where(known, np.cumsum(known) - 1, "place")
    return [column.gather(place) for column in columns]


def constant(text: str, size: int, name: str) -> pl.Series:
    """Repeat one text."""
    return pl.repeat(text, size, dtype=pl.String, eager=True).alias(name)


def texts(letters: Letters) -> pl.Series:
    """Turn rows of ASCII letters into texts."""
    size, width = letters.shape
    offsets = np.arange(size + 1, dtype=np.int64) * width
    array = pa.LargeStringArray.from_buffers(
        size, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters))
    )
    return pl.Series(pl.from_arrow(array))


def digits(numbers: Ints, width: int) -> Letters:
    """Write each number with leading zeros; a larger one keeps its last digits.

    >>> digits(np.array([7, 123456]), 5).tobytes()
    b'0000723456'
    """
    groups = -(-width // 4)
    written = np.empty((len(numbers), groups), dtype=np.uint32)
    rest = numbers
    for group in range(groups - 1, -1, -1):
        written[:, group] = _DIGITS[rest % _GROUP]
        rest = rest // _GROUP
    return written.view(np.uint8)[:, groups * 4 - width :]


def hexadecimal(bits: Sequence[NDArray[np.uint64]]) -> Letters:
    """Write rows of 64-bit numbers as hex digits, 16 for each."""
    halves = np.stack(bits, axis=1).view(np.uint16)
    return np.ascontiguousarray(_HEX[halves]).view(np.uint8)


def numbered(prefix: str, numbers: Ints, width: int) -> pl.Series:
    """Name things by their numbers: a prefix and the number, zero-filled."""
    return texts(np.concatenate([repeated(prefix, len(numbers)), digits(numbers, width)], axis=1))


def repeated(text: str, size: int) -> Letters:
    """Repeat a short ASCII text as letters."""
    letters = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    return np.broadcast_to(letters, (size, len(letters)))


def instants(instant_us: Ints) -> pl.Series:
    """Turn microseconds since 1970 into UTC instants."""
    return pl.Series(instant_us).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def named(names: Sequence[str], index: Ints) -> pl.Series:
    """Look each index up in a list of names; a negative one takes the first."""
    return pl.Series(list(names), dtype=pl.String).gather(np.maximum(index, 0))


def lists(order: Ints, size: int, lines: pl.DataFrame) -> pl.Series:
    """Gather lines into one list of structs per order; an order without lines has none.

    `order` is sorted: the row of each line's order, below `size`.
    """
    counts = np.bincount(order, minlength=size)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    array = pa.LargeListArray.from_arrays(
        pa.array(offsets), lines.to_struct().to_arrow(), mask=pa.array(counts == 0)
    )
    return pl.Series(pl.from_arrow(array))
