"""Judges slices in several processes; each loads books, packs and lists once, from their files."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from multiprocessing import get_context

from training.backtest.asked import Asked, plan_of
from training.backtest.cache import Features
from training.backtest.run import Bench, Sums, in_this_process
from training.backtest.slices import Cut

MOST_JOBS = 8


@dataclass(frozen=True, slots=True)
class InProcesses:
    """Spreads slices over `jobs` processes; `asked` names a history, no ledger."""

    asked: Asked
    jobs: int

    def __call__(self, bench: Bench, some: Sequence[Cut]) -> Iterator[Sums]:
        """Give the sums of the slices in order."""
        jobs = min(self.jobs, len(some))
        if jobs < 2:
            yield from in_this_process(bench, some)
            return
        # A fresh interpreter: a fork would copy locks that the threads of polars may hold.
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            yield from pool.map(partial(_sums_of, self.asked, bench.kept), some)


def cores() -> int:
    """Tell how many processes are worth starting on this machine."""
    return min(MOST_JOBS, os.cpu_count() or 1)


def _sums_of(asked: Asked, kept: Features, cut: Cut) -> Sums:
    return _bench(asked, kept).sums_of(cut)


@lru_cache(maxsize=1)
def _bench(asked: Asked, kept: Features) -> Bench:
    return Bench(plan_of(asked), kept)
