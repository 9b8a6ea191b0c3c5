"""Measures a key that is far hotter than a merchant: a million orders within its widest window.

Run as `python -m bench.live_hot [ORDERS] [--json]`. One order in a hundred is late by up to the
whole window, one in a thousand comes again with another amount; both move what was counted before.
"""

import gc
import json
import sys
from random import Random
from time import perf_counter_ns, thread_time_ns
from typing import Any

from features.catalog import parse_catalog
from features.kinds import Value
from features.live import LiveState

ORDERS = 1_000_000
MEASURED = 20_000
STEP_US = 1_000
CATALOG = """
catalog: hot
entities: {merchant: merchant_id}
windows:
  - {entity: merchant, measure: count, over: [1m, 10m, 1d]}
  - {entity: merchant, measure: sum, of: amount_minor, over: [1m, 10m, 1d]}
  - {entity: merchant, measure: mean, of: amount_minor, over: 1d}
  - {entity: merchant, measure: max, of: amount_minor, over: [1m, 1d]}
  - {entity: merchant, measure: distinct, of: buyer.id, over: [1m, 1d]}
  - {entity: merchant, measure: seconds_since_last, over: 1d}
  - {entity: merchant, measure: median, of: amount_minor, over: 1d}
"""
Times = list[tuple[int, int]]


def measure(orders: int) -> dict[str, Any]:
    """Count so many orders, then time a read and an apply of the next ones, by what they are."""
    state = LiveState(parse_catalog(CATALOG))
    random = Random(1)
    at_us = 2 * 10**15
    for number in range(orders):
        at_us += STEP_US
        state.apply_order(_facts(random, number, at_us), at_us)
    gc.collect()
    gc.freeze()  # as the service does once it has started
    times: dict[str, Times] = {"in order": [], "late": [], "again": []}
    for number in range(orders, orders + MEASURED):
        at_us += STEP_US
        kind = random.choices(("in order", "late", "again"), (989, 10, 1))[0]
        facts = _facts(random, number, at_us)
        if kind == "late":
            facts["placed_at"] = at_us - random.randrange(orders * STEP_US)
        if kind == "again":
            facts["order_id"] = f"o{number - random.randrange(1, 1_000)}"
        times[kind].append(_timed(state, facts, at_us))
    every = [time for kind in times.values() for time in kind]
    return {kind: _quantiles(kind_times) for kind, kind_times in {**times, "all": every}.items()}


def _facts(random: Random, number: int, at_us: int) -> dict[str, Value]:
    return {
        "order_id": f"o{number}",
        "placed_at": at_us,
        "merchant_id": "M",
        "amount_minor": random.randrange(1, 10**6),
        "buyer.id": f"b{random.randrange(300_000)}",
    }


def _timed(state: LiveState, facts: dict[str, Value], at_us: int) -> tuple[int, int]:
    cpu, wall = thread_time_ns(), perf_counter_ns()
    state.read(facts, at_us)
    state.apply_order(facts, at_us)
    return perf_counter_ns() - wall, thread_time_ns() - cpu


def _quantiles(times: Times) -> dict[str, float]:
    figures: dict[str, float] = {"orders": len(times)}
    for label, column in (("wall", 0), ("cpu", 1)):
        ordered = sorted(time[column] for time in times)
        for share in (0.5, 0.99):
            place = min(int(len(ordered) * share), len(ordered) - 1)
            figures[f"{label} p{100 * share:.0f}, µs"] = ordered[place] / 1_000
        figures[f"{label} longest, µs"] = ordered[-1] / 1_000
    return figures


def main() -> None:
    """Print one line per kind of order, or JSON with --json."""
    wanted = [int(text) for text in sys.argv[1:] if text.isdigit()]
    figures = measure(wanted[0] if wanted else ORDERS)
    if "--json" in sys.argv[1:]:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for kind, numbers in figures.items():
        sizes = ", ".join(f"{label} {value:,.0f}" for label, value in numbers.items())
        print(f"{kind:<10}{sizes}")


if __name__ == "__main__":
    main()
