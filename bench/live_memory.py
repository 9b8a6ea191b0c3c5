"""Measures what the live state keeps in memory, by key and by event.

Run as `python -m bench.live_memory [ORDERS] [--json]`. The total is what Python allocated
(tracemalloc); the parts are the sizes of the objects that the state holds.
"""

import gc
import json
import sys
import tracemalloc
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import Any

import msgspec

from bench.live_stream import Arrived, simulated, sixty, take
from features.live import LiveState

ORDERS = 200_000
_ATOMS = (int, float, str, bytes, bytearray, bool, type(None))


def measure(orders: int) -> dict[str, Any]:
    """Let a state count a stream of simulated orders, weigh it, and see what its end sets free."""
    with TemporaryFile() as stream:
        for event in simulated(orders):
            stream.write(msgspec.json.encode(event) + b"\n")
        stream.seek(0)
        return _weighed_after(stream, orders)


def _weighed_after(stream: Iterable[bytes], orders: int) -> dict[str, Any]:
    tracemalloc.start()
    state = LiveState(sixty())
    outcomes = 0
    for line in stream:
        event = msgspec.json.decode(line, type=Arrived)
        outcomes += event.facts is None
        take(state, event)
    parts = dict(_parts(state))
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    del state
    gc.collect()
    freed = before - tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {
        "orders": orders,
        "outcomes": outcomes,
        "bytes_per_order": freed / orders,
        "bytes": freed,
        "parts": parts,
    }


def _parts(state: LiveState) -> Iterator[tuple[str, dict[str, float]]]:
    seen: set[int] = set()
    orders = state.orders_kept()
    yield "orders", _weighed(orders, len(orders), seen)
    for name, population in state.populations():
        held = _weighed(population, len(population), seen)
        events = sum(1 for _ in population)
        yield name, held | {"events": events, "bytes_per_event": held["bytes"] / max(events, 1)}


def _weighed(part: object, keys: int, seen: set[int]) -> dict[str, float]:
    size = sum(_sizes([part], seen))
    return {"keys": keys, "bytes": size, "bytes_per_key": size / max(keys, 1)}


def _sizes(roots: Iterable[object], seen: set[int]) -> Iterator[int]:
    """Give the size of every object that is reached for the first time."""
    pending = list(roots)
    while pending:
        current = pending.pop()
        if id(current) in seen or isinstance(current, type) or callable(current):
            continue
        seen.add(id(current))
        yield sys.getsizeof(current)
        if not isinstance(current, _ATOMS):
            pending += gc.get_referents(current)


def main() -> None:
    """Print the weights, or JSON with --json."""
    wanted = [int(text) for text in sys.argv[1:] if text.isdigit()]
    figures = measure(wanted[0] if wanted else ORDERS)
    if "--json" in sys.argv[1:]:
        print(json.dumps(figures))
        return
    print(f"{figures['bytes'] / 1e6:.1f} MB, {figures['bytes_per_order']:,.0f} bytes per order")
    for name, part in figures["parts"].items():
        sizes = ", ".join(f"{value:,.0f} {label}" for label, value in part.items())
        print(f"{name:<24}{sizes}")


if __name__ == "__main__":
    main()
