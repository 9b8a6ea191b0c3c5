"""Measures the live features of bench/catalog_60.yaml: read, apply, both, and each entity.

Run as `python -m bench.live [ORDERS] [--json]`. A simulated history is played RUNS times; its last
quarter is timed, once its state is warm. CPU time is this thread's own, so it holds on a busy
machine better than wall time; `least` is each order's least CPU time of the runs: what it costs by
itself, without what other programs do to the caches, and without the collector's pauses. The
collector is frozen before, as in the service once it has started.
`bench.live_memory`, `bench.live_hot` and `bench.live_sweep` measure the other limits.
"""

import gc
import json
import sys
from collections.abc import Sequence
from time import perf_counter_ns, thread_time_ns

import msgspec
from msgspec.structs import replace

from bench.live_stream import SIXTY, Arrived, simulated, sixty, take
from features.catalog import Catalog, parse_catalog
from features.live import LiveState

ORDERS = 20_000
TIMED_SHARE = 0.25
RUNS = 3
Cost = tuple[int, int]
Figures = dict[str, float]
"""In µs."""


def measure(orders: int) -> dict[str, Figures]:
    """Time the whole catalog and, apart, the features of each entity."""
    events = list(simulated(orders))
    catalog = sixty()
    figures = _timed(catalog, events)
    for entity in dict.fromkeys(feature.entity.name for feature in catalog.windows):
        part = _timed(_only(catalog, entity), events)
        figures[entity] = part["both"]
    return figures


def _only(catalog: Catalog, entity: str) -> Catalog:
    """Keep the features of one entity alone."""
    source = catalog.source
    windows = tuple(entry for entry in source.windows if entry.entity == entity)
    return parse_catalog(msgspec.json.encode(replace(source, windows=windows)).decode(), str(SIXTY))


def _timed(catalog: Catalog, events: Sequence[Arrived]) -> dict[str, Figures]:
    runs = [_run(catalog, events) for _ in range(RUNS)]
    figures: dict[str, Figures] = {}
    for part, name in enumerate(("read", "apply", "both")):
        wall = [times[part][0] for run in runs for times in run]
        cpu = [times[part][1] for run in runs for times in run]
        least = [min(run[n][part][1] for run in runs) for n in range(len(runs[0]))]
        figures[name] = {
            **_figures("wall", wall),
            **_figures("cpu", cpu),
            **_figures("least", least),
        }
    return figures


def _run(catalog: Catalog, events: Sequence[Arrived]) -> list[tuple[Cost, Cost, Cost]]:
    """Play the events; gives wall and CPU ns of reading, of applying and of both, by order."""
    state = LiveState(catalog)
    warm = int(len(events) * (1 - TIMED_SHARE))
    for event in events[:warm]:
        take(state, event)
    gc.collect()
    gc.freeze()
    costs = []
    for event in events[warm:]:
        if event.facts is None:
            take(state, event)
            continue
        wall, cpu = perf_counter_ns(), thread_time_ns()
        state.read(event.facts, event.at_us)
        read_wall, read_cpu = perf_counter_ns(), thread_time_ns()
        state.apply_order(event.facts, event.at_us)
        end_wall, end_cpu = perf_counter_ns(), thread_time_ns()
        read = (read_wall - wall, read_cpu - cpu)
        applied = (end_wall - read_wall, end_cpu - read_cpu)
        costs.append((read, applied, (end_wall - wall, end_cpu - cpu)))
    gc.unfreeze()
    return costs


def _figures(label: str, times: Sequence[int]) -> Figures:
    ordered = sorted(times)
    return {
        f"{label} p{100 * share:.0f}": ordered[int(len(ordered) * share)] / 1_000
        for share in (0.5, 0.99)
    }


def main() -> None:
    """Print one line per part, or JSON with --json."""
    wanted = [int(text) for text in sys.argv[1:] if text.isdigit()]
    figures = measure(wanted[0] if wanted else ORDERS)
    if "--json" in sys.argv[1:]:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, part in figures.items():
        print(
            f"{name:<10}" + ", ".join(f"{label} {value:,.1f} µs" for label, value in part.items())
        )


if __name__ == "__main__":
    main()
