"""Measures how long freeing memory holds up an answer, with a million keys.

Run as `python -m bench.live_sweep [KEYS] [--json]`. Each key comes once; then time goes on beyond
the window and other keys come, and each of these orders frees some of the old ones. Last, the
service sleeps and sweeps.
"""

import gc
import json
import sys
from time import thread_time_ns

from features.catalog import parse_catalog
from features.kinds import Value
from features.live import LATE_READ_US, LiveState

KEYS = 1_000_000
DAY_US = 86_400_000_000
CATALOG = """
catalog: sweep
entities: {buyer: buyer.id}
windows:
  - {entity: buyer, measure: count, over: 1d}
  - {entity: buyer, measure: sum, of: amount_minor, over: 1d}
"""


def measure(keys: int) -> dict[str, float]:
    """Give the CPU time of one order while nothing, then while much is over, in µs.

    The collector is frozen in between, as in the service once it has started.
    """
    state = LiveState(parse_catalog(CATALOG))
    step_us = DAY_US // keys
    start_us = 2 * 10**15
    collector = _Collector()
    filling = [_applied(state, n, start_us + n * step_us) for n in range(keys)]
    later_us = start_us + DAY_US + LATE_READ_US + 2 * DAY_US
    gc.collect()
    gc.freeze()
    collector.longest_us = 0.0
    freeing = [_applied(state, n, later_us + n * step_us) for n in range(keys, keys + keys // 2)]
    collected_us = collector.longest_us
    left = _keys(state)
    sweeps = [_swept(state, later_us + 30 * DAY_US) for _ in range(keys // 1_000)]
    return {
        "keys": keys,
        "an order while filling, median µs": _share(filling, 0.5),
        "an order while filling, p99.9 µs": _share(filling, 0.999),
        "an order while freeing, median µs": _share(freeing, 0.5),
        "an order while freeing, p99.9 µs": _share(freeing, 0.999),
        "an order while freeing, longest µs": freeing[-1] / 1_000,
        "of which the collector, longest µs": collected_us,
        "keys left after half as many orders": left,
        "a sweep, median µs": _share(sweeps, 0.5),
        "a sweep, longest µs": sweeps[-1] / 1_000,
        "keys left after the sweeps": _keys(state),
    }


class _Collector:
    """Notes the longest pause of the garbage collector."""

    def __init__(self) -> None:
        self.longest_us = 0.0
        self._started = 0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, _figures: dict[str, int]) -> None:
        now = thread_time_ns()
        if phase == "start":
            self._started = now
        else:
            self.longest_us = max(self.longest_us, (now - self._started) / 1_000)


def _keys(state: LiveState) -> int:
    return sum(len(population) for _, population in state.populations())


def _applied(state: LiveState, number: int, at_us: int) -> int:
    facts: dict[str, Value] = {
        "order_id": f"o{number}",
        "placed_at": at_us,
        "buyer.id": f"b{number}",
        "amount_minor": 100 + number % 7,
    }
    started = thread_time_ns()
    state.apply_order(facts, at_us)
    return thread_time_ns() - started


def _swept(state: LiveState, at_us: int) -> int:
    started = thread_time_ns()
    state.sweep(at_us)
    return thread_time_ns() - started


def _share(times: list[int], share: float) -> float:
    times.sort()
    return times[int(len(times) * share)] / 1_000


def main() -> None:
    """Print one line per figure, or JSON with --json."""
    wanted = [int(text) for text in sys.argv[1:] if text.isdigit()]
    figures = measure(wanted[0] if wanted else KEYS)
    if "--json" in sys.argv[1:]:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, figure in figures.items():
        print(f"{name:<44}{figure:>14,.1f}")


if __name__ == "__main__":
    main()
