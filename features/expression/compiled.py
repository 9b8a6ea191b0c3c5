"""The same tree as one Python function: source text made from the checked tree alone.

Every name becomes a quoted key of a mapping and every literal its `repr`, so no text of a
user reaches the source as code.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite, log1p
from operator import itemgetter
from typing import cast

from features.expression.code import Code
from features.expression.guards import Case, Guard, Step, alternatives_of, case_of, plan
from features.expression.syntax import Node, reads_unknown
from features.expression.types import kind_of
from features.expression.values import known_number
from features.kinds import Kind, Value

Row = Mapping[str, Value | None]
RowFunction = Callable[[Row], Value | None]
Answers = tuple[frozenset[str], frozenset[str]]
BookFunction = Callable[[Row], Answers]
Odd = Callable[[Row], None]
"""Told of a row that holds a value of another kind than its name promises; may raise."""

_NOTHING: frozenset[str] = frozenset()
_ABSENT = float("nan")
"""The one NaN that stands for a missing number; any other in a row is no number at all."""
_MANY = 8
"""From so many numbers on they are read together: type by type, not one by one."""
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
    """Compile many conditions to one function that reads each fact, and asks what they share, once.

    It answers the codes of the conditions that hold, and of those that are missing.
    A value of another kind than its name promises is missing, once `odd` has been told of it.
    """
    code = Code()
    return cast(BookFunction, _function(code, _book(code, conditions), odd or _ignore))


def source_of_book(conditions: Mapping[str, Node]) -> str:
    """Give the source that `compile_book` makes, to read."""
    code = Code()
    return _source(code, _book(code, conditions))


def _book(code: Code, conditions: Mapping[str, Node]) -> list[str]:
    cases = [case_of(name, node) for name, node in conditions.items()]
    never_known = [case for case in cases if reads_unknown(conditions[case.code])]
    decided = [case for case in cases if not reads_unknown(conditions[case.code])]
    ways = [way for case in decided for way in alternatives_of(case)]
    lines = _steps(code, plan(cases), may_miss=True)
    # Where all is known no rule is missing, but for a constant that never is known.
    complete = _steps(code, plan(ways), may_miss=False)
    complete += _steps(code, plan(never_known), may_miss=True)
    return [
        *_START,
        f"if {_all_known(code)}:",
        *_indented([*complete, _RETURN]),
        *lines,
        _RETURN,
    ]


_START = ("hits = []", "missing = []")
_RETURN = "return frozenset(hits), frozenset(missing) if missing else nothing"


def _steps(code: Code, steps: Iterable[Step], may_miss: bool) -> list[str]:
    """Write steps; `may_miss`: a value can be missing here."""
    lines: list[str] = []
    for step in steps:
        match step:
            case Case():
                lines += _case(code, step, may_miss)
            case Guard(asked, inside, cases, is_known):
                lines.append(f"if {code.condition(asked, True)}:")
                lines += _indented(_steps(code, inside, may_miss))
                if may_miss and not is_known:
                    open_ones = [line for case in cases for line in _open(code, case)]
                    lines += [f"elif not {code.condition(asked, False)}:", *_indented(open_ones)]
    return lines


def _case(code: Code, case: Case, may_miss: bool) -> list[str]:
    if not case.parts:
        return [f"hits.append({case.code!r})"]
    hit = [f"if {code.all_of(case.parts, True)}: hits.append({case.code!r})"]
    miss = f"elif not {code.all_of(case.parts, False)}: missing.append({case.code!r})"
    return [*hit, miss] if may_miss else hit


def _open(code: Code, case: Case) -> list[str]:
    """Write what is left of a case where one of its parts is missing."""
    asked = f"if not {code.all_of(case.parts, False)}: " if case.parts else ""
    return [f"{asked}missing.append({case.code!r})"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f" {line}" for line in lines]


def _all_known(code: Code) -> str:
    """Write a Python boolean: is every value known that was read or computed?"""
    many = len(code.numbers) >= _MANY
    read = ["total - total == 0.0"] if many else [f"{one} is not nan" for one in code.numbers]
    return " and ".join([*read, *code.others_known()]) or "True"


def _ignore(row: Row) -> None:
    """Let a value of the wrong kind count as missing."""


def _function(code: Code, lines: list[str], odd: Odd) -> Callable[..., object]:
    source = _source(code, lines)
    names = tuple(code.numbers.values())
    namespace: dict[str, object] = {
        "nan": _ABSENT,
        "log1p": log1p,
        "odd": odd,
        "floats": _floats,
        "finite": _finite,
        "any_odd": _any_odd,
        "only_floats": [float] * len(names),
        "names": names,
        "pick": itemgetter(*names) if names else None,
        "absent": (_ABSENT,) * len(names),
        "nothing": _NOTHING,
    }
    # The source is written by `Code` from checked nodes: names and literals only by repr.
    exec(compile(source, "<expression>", "exec"), namespace)  # noqa: S102
    return cast(Callable[..., object], namespace["evaluate"])


def _source(code: Code, lines: list[str]) -> str:
    body = ["get = row.get", *_reads(code.numbers), *code.lines, *lines]
    return "\n".join(["def evaluate(row, nan=nan):", *_indented(body)])


def _reads(numbers: Mapping[str, str]) -> list[str]:
    """Read facts as finite floats, `_ABSENT` where they are missing.

    Together, most of it is one pass in C, as long as every value is a float and the sum finite.
    """
    if len(numbers) >= _MANY:
        return [
            "try: values = pick(row)",
            "except KeyError: values = floats([*map(get, names, absent)], row, odd)",
            "else:",
            "    if [*map(type, values)] != only_floats: values = floats(values, row, odd)",
            "total = sum(values)",
            "if total - total != 0.0 and any_odd(values): values = finite(values, row, odd)",
            f"{', '.join(numbers)} = values",
        ]
    lines = []
    for variable, name in numbers.items():
        lines += [
            f"{variable} = get({name!r}, nan)",
            f"if {variable} is not nan and "
            f"({variable}.__class__ is not float or {variable} - {variable} != 0.0):",
            f"    {variable}, = finite([{variable}], row, odd)",
        ]
    return lines


def _floats(values: Sequence[Value | None], row: Row, odd: Odd) -> list[float]:
    """Turn what was read into floats, `_ABSENT` for what is missing or no number.

    The caller looks for what is not finite.
    """
    if {*map(type, values)} <= _WHOLE_TOO:
        try:
            return [*map(float, cast(Sequence[float], values))]
        except OverflowError:
            pass  # a whole number beyond float64 counts as missing
    return _finite(values, row, odd)


def _finite(values: Sequence[Value | None], row: Row, odd: Odd) -> list[float]:
    """Turn what was read into finite floats, telling `odd` of what is neither that nor missing."""
    if not {*map(type, values)} <= _USUAL or any(map(_is_odd, values)):
        odd(row)
    numbers = map(known_number, values)
    return [_ABSENT if number is None else number for number in numbers]


def _any_odd(values: Sequence[float]) -> bool:
    """Tell whether some number may not be finite; `_ABSENT` is none. Never misses one."""
    different = {*values}
    different.discard(_ABSENT)
    total = sum(different)
    return total - total != 0.0


def _is_odd(value: Value | None) -> bool:
    return isinstance(value, float) and value is not _ABSENT and not isfinite(value)
