"""Finds order ids that an earlier row has, over tables of tens of millions of rows."""

import numpy as np
import polars as pl

_Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]


class SeenIds:
    """All ids so far; hashes in sorted runs say quickly that an id is new, the ids that it is not.

    Runs are merged when they are of like size, so that adding costs n log n in all.
    """

    def __init__(self) -> None:
        self._runs: list[_Hashes] = []
        self._ids: list[pl.Series] = []

    def known(self, ids: pl.Series) -> pl.Series:
        """Tell which of these ids were added before, exactly."""
        hashes = ids.hash().to_numpy()
        maybe = np.zeros(len(hashes), dtype=bool)
        for run in self._runs:
            maybe |= _within(hashes, run)
        if not maybe.any():
            return pl.repeat(False, len(ids), dtype=pl.Boolean, eager=True)
        candidates = ids.filter(pl.Series(maybe)).unique().implode()
        found = pl.concat([part.filter(part.is_in(candidates)) for part in self._ids])
        return ids.is_in(found.implode())

    def add(self, ids: pl.Series) -> None:
        """Remember ids, none of which was added before."""
        if not len(ids):
            return
        self._ids.append(ids)
        self._runs.append(np.sort(ids.hash().to_numpy()))
        while len(self._runs) > 1 and len(self._runs[-1]) * 2 > len(self._runs[-2]):
            merged = np.concatenate([self._runs.pop(), self._runs.pop()])
            merged.sort(kind="stable")
            self._runs.append(merged)


def _within(hashes: _Hashes, run: _Hashes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    at = np.searchsorted(run, hashes)
    return np.asarray(run[np.minimum(at, len(run) - 1)] == hashes)
