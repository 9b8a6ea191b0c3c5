"""Finds every bad field of a raw order at once, where a decoder would stop at the first."""

import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from features.errors import Fault, suggest
from features.masking import mask_digits

_PREVIEW_LENGTH = 60
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "datetime": "an instant",
}
_TYPE_NAME = re.compile(rf"\b({'|'.join(_WORDS)})\b")


def find_faults(raw: object, expected: Any, path: str = "") -> Iterator[Fault]:
    """Yield a fault for each part of `raw` that does not fit the type `expected`.

    `expected` may be a Struct, a tuple of Structs, an optional of these, or any leaf type.
    """
    inner = _without_none(expected)
    if raw is None and inner is not expected:
        return
    struct = _struct_of(inner)
    element = _element_of(inner)
    if struct is not None:
        yield from _struct_faults(raw, struct, path)
    elif element is not None and isinstance(raw, list):
        for number, part in enumerate(raw):
            yield from find_faults(part, element, f"{path}[{number}]")
        yield from _leaf_faults([], expected, path, len(raw))
    else:
        yield from _leaf_faults(raw, expected, path)


def preview(value: object) -> str:
    """Show a value as JSON, short, with long digit runs masked."""
    try:
        text = msgspec.json.encode(value).decode()
    except (TypeError, ValueError, msgspec.MsgspecError):
        text = type(value).__name__
    text = mask_digits(text)
    return text if len(text) <= _PREVIEW_LENGTH else text[:_PREVIEW_LENGTH] + "…"


def _struct_faults(raw: object, struct: type[msgspec.Struct], path: str) -> Iterator[Fault]:
    if not isinstance(raw, dict):
        yield Fault(path or "$", preview(raw), "an object")
        return
    hints = get_type_hints(struct, include_extras=True)
    prefix = f"{path}." if path else ""
    for name in raw:
        if name not in hints:
            hint = suggest(str(name), hints)
            yield Fault(f"{prefix}{name}", "an unknown field", f"a known field.{hint}")
    for spec in msgspec.structs.fields(struct):
        if spec.name in raw:
            yield from find_faults(raw[spec.name], hints[spec.name], f"{prefix}{spec.name}")
        elif spec.required:
            yield Fault(f"{prefix}{spec.name}", "nothing", _describe(hints[spec.name]))


def _leaf_faults(
    raw: object, expected: Any, path: str, length: int | None = None
) -> Iterator[Fault]:
    if length is not None:
        longest = _longest(expected)
        if longest is not None and length > longest:
            yield Fault(path, f"{length} entries", f"at most {longest} entries")
        return
    try:
        msgspec.convert(raw, expected)
    except msgspec.ValidationError as error:
        yield Fault(path or "$", preview(raw), _expectation(error, expected))


def _expectation(error: msgspec.ValidationError, expected: Any) -> str:
    text = str(error).split(" - at `")[0]
    for lead in ("Expected ", "Object missing "):
        text = text.removeprefix(lead)
    allowed = _allowed(expected)
    if allowed:
        return f"one of {', '.join(allowed)}"
    form = text.split(", got ")[0].replace("`", "")
    if "timezone" in form or "RFC3339" in form or form == "datetime":
        return "an ISO 8601 instant with its offset, such as 2026-11-11T20:00:00+08:00"
    return _TYPE_NAME.sub(lambda name: _WORDS[name[0]], form) or _describe(expected)


def _describe(expected: Any) -> str:
    """Say in words what a field holds: the decoder knows, asked about a value that never fits."""
    try:
        msgspec.convert([object], expected)
    except msgspec.ValidationError as error:
        return _expectation(error, expected)
    return "a value"


def _allowed(expected: Any) -> list[str]:
    inner = _without_none(expected)
    return [str(value) for value in get_args(inner)] if get_origin(inner) is Literal else []


def _without_none(expected: Any) -> Any:
    if get_origin(expected) not in (Union, types.UnionType):
        return expected
    rest = [part for part in get_args(expected) if part is not types.NoneType]
    return rest[0] if len(rest) == 1 else expected


def _bare(expected: Any) -> Any:
    return get_args(expected)[0] if get_origin(expected) is Annotated else expected


def _struct_of(expected: Any) -> type[msgspec.Struct] | None:
    bare = _bare(expected)
    return bare if isinstance(bare, type) and issubclass(bare, msgspec.Struct) else None


def _element_of(expected: Any) -> Any | None:
    bare = _bare(expected)
    return get_args(bare)[0] if get_origin(bare) is tuple else None


def _longest(expected: Any) -> int | None:
    for part in get_args(expected)[1:] if get_origin(expected) is Annotated else ():
        if isinstance(part, msgspec.Meta):
            return part.max_length
    return None
