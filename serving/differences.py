"""Names what differs between two JSON documents."""

from collections.abc import Iterator
from typing import Any


def differing_paths(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every value that is not the same on both sides.

    >>> list(differing_paths({"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 5}], "d": 3}))
    ['a[1].b', 'c', 'd']
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            inner = f"{path}.{name}" if path else name
            yield from differing_paths(before.get(name), after.get(name), inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from differing_paths(left, right, f"{path}[{number}]")
    elif before != after or type(before) is not type(after):
        yield path
