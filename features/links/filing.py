"""Files entries by key for the kernels: those of one key stand together, in the order of time."""

import numpy as np

from features.links.kernel import UNKNOWN, Filed, Int64s, place_entries


def count_codes(codes: Int64s) -> int:
    """Say how many codes there are."""
    return int(codes.max(initial=UNKNOWN)) + 1


def filed(codes: Int64s, rows: Int64s, times: Int64s, size: int) -> Filed:
    """File entries (one code, row and time each) under codes 0 to `size - 1`, in their order."""
    known = codes[codes != UNKNOWN]
    starts = np.zeros(size + 1, np.int64)
    starts[1:] = np.cumsum(np.bincount(known, minlength=size))
    filed_rows, filed_times = np.empty(len(known), np.int64), np.empty(len(known), np.int64)
    place_entries(codes, rows, times, starts[:-1].copy(), filed_rows, filed_times)
    return Filed(starts, filed_rows, filed_times)
