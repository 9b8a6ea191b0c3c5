"""The same tree as one Python function: source text made from the checked tree alone.

Every name becomes a quoted key of a mapping and every literal its `repr`, so no text of a
user reaches the source as code.
"""

from collections.abc import Callable, Mapping
from itertools import repeat
from math import isfinite, log1p
from typing import cast

from features.expression.code import Code
from features.expression.syntax import Node
from features.expression.types import kind_of
from features.expression.values import known_number
from features.kinds import Kind, Value

Row = Mapping[str, Value | None]
RowFunction = Callable[[Row], Value | None]
Answers = tuple[list[str], list[str]]
BookFunction = Callable[[Row], Answers]
Odd = Callable[[Row], None]
"""Told of a row that holds a value of another kind than its name promises; may raise."""

_ABSENT = float("nan")
"""The one NaN that stands for a missing number; any other in a row is no number at all."""
_MANY = 8
"""From so many numbers on they are read together: type by type, not one by one."""
_ONLY_FLOATS = {float}
_WHOLE_TOO = {float, int}
_USUAL = {float, int, type(None)}


def compile_row(node: Node) -> RowFunction:
    """Compile a tree to a function of one row; it answers what `walker.walk` answers."""
    code = Code()
    if kind_of(node) is Kind.BOOLEAN:
        true, false = code.condition(node, True), code.condition(node, False)
        answer = f"True if {true} else False if {false} else None"
    else:
        answer = code.known(node)
    return cast(RowFunction, _function(code, [f"return {answer}"], _ignore))


def compile_book(conditions: Mapping[str, Node], odd: Odd | None = None) -> BookFunction:
    """Compile many conditions to one function that reads each fact once.

    It answers the codes of the conditions that hold, and of those that are missing, in order.
    A value of another kind than its name promises is missing, once `odd` has been told of it.
    """
    code = Code()
    complete: list[str] = []
    lines: list[str] = []
    for name, node in conditions.items():
        true, false = code.condition(node, True), code.condition(node, False)
        unknown = code.unknown(node)
        hit = f"if {true}: hits.append({name!r})"
        miss = f"elif ({unknown}) and not {false}: missing.append({name!r})"
        lines += [hit, miss] if unknown else [hit]
        complete += [hit, miss] if "True" in unknown else [hit]
    # Where all is known no rule asks for what it lacks, but for a constant that never is.
    body = [f"if {_all_known(code)}:", *(f"    {line}" for line in (*complete, _RETURN))]
    return cast(BookFunction, _function(code, [*_START, *body, *lines, _RETURN], odd or _ignore))


_START = ("hits = []", "missing = []")
_RETURN = "return hits, missing"


def _all_known(code: Code) -> str:
    """Write a Python boolean: is every value known that was read or computed?"""
    many = len(code.numbers) >= _MANY
    read = ["total - total == 0.0"] if many else [f"{one} is not nan" for one in code.numbers]
    return " and ".join([*read, *code.others_known()]) or "True"


def _ignore(row: Row) -> None:
    """Let a value of the wrong kind count as missing."""


def _function(code: Code, lines: list[str], odd: Odd) -> Callable[..., object]:
    body = ["get = row.get", *_reads(code.numbers), *code.lines, *lines]
    source = "\n    ".join(["def evaluate(row, nan=nan):", *body])
    namespace: dict[str, object] = {
        "nan": _ABSENT,
        "log1p": log1p,
        "odd": odd,
        "floats": _floats,
        "finite": _finite,
        "only_floats": _ONLY_FLOATS,
        "names": tuple(code.numbers.values()),
        "absent": tuple(repeat(_ABSENT, len(code.numbers))),
    }
    # The source is written by `Code` from checked nodes: names and literals only by repr.
    exec(compile(source, "<expression>", "exec"), namespace)  # noqa: S102
    return cast(Callable[..., object], namespace["evaluate"])


def _reads(numbers: Mapping[str, str]) -> list[str]:
    """Read facts as finite floats, `_ABSENT` where they are missing.

    Together, most of it is one pass in C, as long as every value is a float and the sum finite.
    """
    if len(numbers) >= _MANY:
        return [
            "values = [*map(get, names, absent)]",
            "types = {*map(type, values)}",
            "if types != only_floats: values = floats(values, types, row, odd)",
            "total = sum(values)",
            "if total - total != 0.0 and [1 for v in values if v - v != 0.0 and v is not nan]:",
            "    values = finite(values, row, odd)",
            f"{', '.join(numbers)} = values",
        ]
    lines = []
    for variable, name in numbers.items():
        lines += [
            f"{variable} = get({name!r}, nan)",
            f"if {variable} is not nan and "
            f"({variable}.__class__ is not float or {variable} - {variable} != 0.0):",
            f"    {variable}, = floats([{variable}], {{type({variable})}}, row, odd)",
        ]
    return lines


def _floats(values: list[Value | None], types: set[type], row: Row, odd: Odd) -> list[float]:
    """Turn what was read into floats, `_ABSENT` for what is missing or no number.

    Of many the caller looks for what is not finite; a single one is looked at here.
    """
    if types <= _WHOLE_TOO and len(values) > 1:
        try:
            return [value if value.__class__ is float else value + 0.0 for value in values]  # type: ignore[operator]
        except OverflowError:
            pass  # a whole number beyond float64 counts as missing
    return _finite(values, row, odd)


def _finite(values: list[Value | None], row: Row, odd: Odd) -> list[float]:
    """Turn what was read into finite floats, telling `odd` of what is neither that nor missing."""
    if not {*map(type, values)} <= _USUAL or any(map(_is_odd, values)):
        odd(row)
    numbers = map(known_number, values)
    return [_ABSENT if number is None else number for number in numbers]


def _is_odd(value: Value | None) -> bool:
    return isinstance(value, float) and value is not _ABSENT and not isfinite(value)
