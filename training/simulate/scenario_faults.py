"""Finds every bad entry of a raw scenario, and says what is allowed in its place."""

from collections.abc import Collection, Iterator
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from features.errors import suggest

_WORDS = {int: "a whole number", float: "a number", str: "text", datetime: "an instant with a zone"}
_BOUNDS = (("ge", "from"), ("gt", "above"), ("le", "to"), ("lt", "below"))


_PAIRS = (("smallest", "largest"), ("shortest_min", "longest_min"), ("shortest_h", "longest_h"))


def find_contradictions(part: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield what each key allows and two keys together do not, and dates that do not exist."""
    if isinstance(part, dict):
        for least, most in _PAIRS:
            if least in part and part[least] > part[most]:
                inner = _inner(path, most)
                yield inner, f"{inner} is {part[most]}, allowed: from {least}, {part[least]}, on"
        if "starts" in part and not _is_date(part["starts"]):
            inner = _inner(path, "starts")
            yield inner, f"{inner} is {part['starts']!r}, allowed: a date and time that exist"
        for key, value in part.items():
            yield from find_contradictions(value, _inner(path, key))
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from find_contradictions(value, f"{path}[{number}]")


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text if len(text) > len("MM-DD HH:MM") else f"2028-{text}")
    except ValueError:
        return False
    return True


def find_faults(raw: object, kind: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the problem of each part of `raw` that does not fit `kind`."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield from _struct_faults(raw, kind, path)
    elif get_origin(kind) is dict:
        yield from _mapping_faults(raw, kind, path)
    elif get_origin(kind) in (list, tuple):
        yield from _list_faults(raw, get_args(kind)[0], path)
    else:
        yield from _leaf_faults(raw, kind, path)


def _struct_faults(raw: object, kind: type[Struct], path: str) -> Iterator[tuple[str, str]]:
    hints = get_type_hints(kind, include_extras=True)
    if not isinstance(raw, dict):
        yield path, f"{path} is {raw!r}, allowed: keys {', '.join(hints)}"
        return
    yield from _unknown_keys(raw, tuple(hints), path)
    for spec in msgspec.structs.fields(kind):
        inner = _inner(path, spec.name)
        if spec.name in raw:
            yield from find_faults(raw[spec.name], hints[spec.name], inner)
        elif spec.required:
            yield path, f"{inner} is missing, allowed: {allowed(hints[spec.name])}"


def _mapping_faults(raw: object, kind: Any, path: str) -> Iterator[tuple[str, str]]:
    keys, values = get_args(kind)
    if not isinstance(raw, dict):
        yield path, f"{path} is {raw!r}, allowed: keys {', '.join(get_args(keys))}"
        return
    yield from _unknown_keys(raw, get_args(keys), path)
    for key, value in raw.items():
        if key in get_args(keys):
            yield from find_faults(value, values, _inner(path, key))


def _unknown_keys(
    raw: dict[Any, Any], known: Collection[str], path: str
) -> Iterator[tuple[str, str]]:
    for key in raw:
        if key not in known:
            hint = suggest(str(key), known)
            yield (
                _inner(path, key),
                f"{_inner(path, key)} is unknown.{hint} Allowed: {', '.join(known)}",
            )


def _list_faults(raw: object, kind: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(raw, list):
        yield path, f"{path} is {raw!r}, allowed: a list"
        return
    for number, value in enumerate(raw):
        yield from find_faults(value, kind, f"{path}[{number}]")


def _leaf_faults(raw: object, kind: Any, path: str) -> Iterator[tuple[str, str]]:
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError:
        yield path, f"{path} is {raw!r}, allowed: {allowed(kind)}"


def allowed(kind: Any) -> str:
    """Say in words which values a place takes.

    >>> allowed(Annotated[float, Meta(ge=0, le=1)])
    'a number from 0 to 1'
    """
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(allowed(part) for part in get_args(kind))
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind))
    if get_origin(kind) is Annotated:
        base, *metas = get_args(kind)
        return " ".join(
            [allowed(base), *(_bounds(m) for m in metas if isinstance(m, Meta))]
        ).strip()
    if isinstance(kind, type) and issubclass(kind, Struct):
        return f"keys {', '.join(get_type_hints(kind))}"
    return _WORDS.get(kind, "a list or keys, see docs/simulator.md")


def _bounds(meta: Meta) -> str:
    told = [
        f"{word} {value:,}" for name, word in _BOUNDS if (value := getattr(meta, name)) is not None
    ]
    if meta.pattern is not None:
        told.append(f"of the form {meta.pattern}")
    return " ".join(told)


def _inner(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
