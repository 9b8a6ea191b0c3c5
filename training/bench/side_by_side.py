"""Runs every contestant in turn, checks that all say the same, and compares their speed."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from time import perf_counter, process_time

import numpy as np
import polars as pl

from features.errors import PreflightError
from training.bench.contestants import FRAMES, MEASURED, PANDAS
from training.bench.orders import ORDERS_PER_CUSTOMER, generated_orders, of_first_customers

OURS = "preflight"
SAMPLED = {"handbook": 20_000, "pandas": 200_000}
"""Contestants that are given fewer rows, and how many; their rate is per row."""

_WARM_UP = 2_000
_COLD = (
    "from training.bench.contestants import with_preflight;"
    "from training.bench.orders import generated_orders;"
    "from time import perf_counter;"
    "orders = generated_orders(1_000, 1); started = perf_counter(); with_preflight(orders);"
    "print(perf_counter() - started)"
)


@dataclass(frozen=True, slots=True)
class Speed:
    """The best of a contestant's rounds, over `rows` rows.

    `processor_seconds` are of all its threads: on a busy machine only they can be compared.
    """

    name: str
    rows: int
    seconds: float
    processor_seconds: float

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds


@dataclass(frozen=True, slots=True)
class Comparison:
    """All contestants in one run; compile times are of a fresh cache, and of a filled one."""

    rows: int
    per_customer: int
    speeds: tuple[Speed, ...]
    first_call_seconds: float
    cached_first_call_seconds: float

    def times_slower(self, speed: Speed) -> float:
        """Say how many times the time of ours a contestant takes for a row."""
        ours = next(one for one in self.speeds if one.name == OURS)
        return ours.rows_per_second / speed.rows_per_second

    def times_processor(self, speed: Speed) -> float:
        """Say how many times the processor of ours a contestant takes for a row."""
        ours = next(one for one in self.speeds if one.name == OURS)
        return speed.processor_seconds / speed.rows * ours.rows / ours.processor_seconds

    def as_json(self) -> dict[str, object]:
        """Lay it out for `--json`, with what it ran on."""
        return {
            "rows": self.rows,
            "orders_per_customer": self.per_customer,
            "outputs": MEASURED,
            "cpus": os.cpu_count(),
            "versions": {n: version(n) for n in ("polars", "duckdb", "pandas", "numpy", "numba")},
            "first_call_seconds": round(self.first_call_seconds, 3),
            "cached_first_call_seconds": round(self.cached_first_call_seconds, 3),
            "contestants": [
                {
                    "name": speed.name,
                    "rows": speed.rows,
                    "extrapolated": speed.rows < self.rows,
                    "seconds": round(speed.seconds, 4),
                    "processor_seconds": round(speed.processor_seconds, 4),
                    "rows_per_second": round(speed.rows_per_second),
                    "times_slower": round(self.times_slower(speed), 1),
                    "times_processor": round(self.times_processor(speed), 1),
                }
                for speed in self.speeds
            ],
        }


def compare(
    rows: int, rounds: int, seed: int, per_customer: int = ORDERS_PER_CUSTOMER
) -> Comparison:
    """Run every contestant `rounds` times, in turns, so that a busy moment meets them all.

    Raises PreflightError when two contestants differ in any value.
    """
    orders = generated_orders(rows, seed, per_customer)
    works = _works(orders)
    warm = generated_orders(_WARM_UP, seed)
    for work, _ in _works(warm).values():
        work()
    best = dict.fromkeys(works, (float("inf"), float("inf")))
    for _ in range(rounds):
        for name, (work, _) in works.items():
            taken = _taken(work)
            best[name] = min(best[name][0], taken[0]), min(best[name][1], taken[1])
    check_equal(orders)
    with tempfile.TemporaryDirectory() as cache:
        first, cached = _first_call(cache), _first_call(cache)
    speeds = tuple(Speed(name, works[name][1], *taken) for name, taken in best.items())
    return Comparison(rows, per_customer, speeds, first, cached)


def _works(orders: pl.DataFrame) -> dict[str, tuple[Callable[[], object], int]]:
    """Give each contestant its rows, in the frame that it is used to, and how many they are."""
    works: dict[str, tuple[Callable[[], object], int]] = {}
    for name, frame_work in FRAMES.items():
        given = of_first_customers(orders, SAMPLED.get(name, orders.height))
        works[name] = partial(frame_work, given), given.height
    for name, pandas_work in PANDAS.items():
        sample = of_first_customers(orders, SAMPLED.get(name, orders.height))
        works[name] = partial(pandas_work, sample.to_pandas()), sample.height
    return works


def _taken(work: Callable[[], object]) -> tuple[float, float]:
    """Give the seconds that a contestant took, and those of the processor."""
    started, used = perf_counter(), process_time()
    work()
    return perf_counter() - started, process_time() - used


def check_equal(orders: pl.DataFrame) -> None:
    """Hold every contestant to ours, value by value, on a sample of customers.

    Raises PreflightError when any differs.
    """
    sample = of_first_customers(orders, min(SAMPLED.values()))
    expected = FRAMES[OURS](sample).to_numpy()
    answers = {name: work(sample).to_numpy() for name, work in FRAMES.items()}
    answers |= {name: work(sample.to_pandas()).to_numpy() for name, work in PANDAS.items()}
    for name, answer in answers.items():
        if not np.array_equal(answer, expected):
            differing = int((answer != expected).sum())
            raise PreflightError(
                f"{name} and {OURS} differ in {differing} of {expected.size} values; "
                "a comparison of speed would mean nothing"
            )


def _first_call(cache: str) -> float:
    """Time the first build of a process that keeps its compiled kernels in `cache`."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    answer = subprocess.run(
        [sys.executable, "-c", _COLD], env=environment, capture_output=True, text=True, check=True
    )
    return float(answer.stdout)
