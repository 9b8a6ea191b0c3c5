"""Decides how a history is cut so that each piece fits the memory that it may use."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from features.errors import PreflightError
from features.feature import WindowFeature

IN_MEMORY = 4
"""A history read whole takes so many times the bytes of its unpacked pages, features apart."""

_ROW_BYTES = 200
"""Of one row of one entity while it is measured: instants, codes, order, and what is read."""

_COLUMN_BYTES = 40
"""Of one measured or computed column and row."""

_UNKNOWN_MACHINE = 4 * 10**9
"""Where the system does not say how much memory there is."""

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
_SIZE = re.compile(r"(\d{1,6})\s?(KB|MB|GB)", re.IGNORECASE)
_FEWEST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How many orders are read at once, and into how many parts each entity is split."""

    chunk_rows: int
    partitions: int


def parse_memory(text: str) -> int:
    """Read an amount of memory such as `2GB`, in bytes.

    >>> parse_memory("2GB")
    2000000000
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise PreflightError(f"memory is {text!r}; write a number and KB, MB or GB, such as 2GB")
    return int(match[1]) * _UNITS[match[2].upper()]


def memory_of_machine() -> int:
    """Give half of the machine's memory, in bytes: what a build uses unless told."""
    if not hasattr(os, "sysconf"):
        return _UNKNOWN_MACHINE
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def bytes_needed(rows: int, unpacked: int, features: int) -> int:
    """Estimate what it takes to build the features of a history in memory, in bytes."""
    return IN_MEMORY * unpacked + rows * (_ROW_BYTES + _COLUMN_BYTES * features)


def plan_for(
    rows: int, unpacked: int, groups: Sequence[Sequence[WindowFeature]], features: int, memory: int
) -> Plan:
    """Cut so that a chunk of orders, and a partition of any entity, take a third of `memory`.

    A single key that is larger than a partition is still measured whole.
    """
    third = memory / 3
    chunk_bytes = bytes_needed(rows, unpacked, features) / rows
    widest = max((len(group) for group in groups), default=0)
    entity_bytes = rows * (_ROW_BYTES + 2 * _COLUMN_BYTES * widest)
    return Plan(
        chunk_rows=max(_FEWEST_ROWS, int(third / chunk_bytes)),
        partitions=max(1, ceil(entity_bytes / third)),
    )
