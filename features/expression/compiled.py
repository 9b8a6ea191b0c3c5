"""The same tree as one Python function: source text made from the checked tree alone.

Every name becomes a quoted key of a mapping and every literal its `repr`, so no text of a
user reaches the source as code.
"""

from collections.abc import Callable, Mapping
from typing import cast

from features.expression.code import Code
from features.expression.syntax import Node
from features.expression.types import kind_of
from features.expression.values import known_number, log1p
from features.kinds import Kind, Value

RowFunction = Callable[[Mapping[str, Value | None]], Value | None]
Answers = tuple[list[str], list[str]]
BookFunction = Callable[[Mapping[str, Value | None]], Answers]


def compile_row(node: Node) -> RowFunction:
    """Compile a tree to a function of one row; it answers what `walker.walk` answers."""
    code = Code()
    if kind_of(node) is Kind.BOOLEAN:
        true, false = code.condition(node, True), code.condition(node, False)
        answer = f"True if {true} else False if {false} else None"
    else:
        answer = code.value(node)
    return cast(RowFunction, _function([*code.lines, f"return {answer}"]))


def compile_book(conditions: Mapping[str, Node]) -> BookFunction:
    """Compile many conditions to one function that reads each fact once.

    It answers the codes of the conditions that hold, and of those that are missing, in order.
    """
    code = Code()
    lines: list[str] = []
    for name, node in conditions.items():
        true, false = code.condition(node, True), code.condition(node, False)
        unknown = code.unknown(node)
        lines.append(f"if {true}: hits.append({name!r})")
        if unknown:
            lines.append(f"elif ({unknown}) and not {false}: missing.append({name!r})")
    body = ["hits = []", "missing = []", *code.lines, *lines, "return hits, missing"]
    return cast(BookFunction, _function(body))


def _function(lines: list[str]) -> Callable[..., object]:
    source = "\n    ".join(["def evaluate(row):", "get = row.get", *lines])
    namespace: dict[str, object] = {"number": known_number, "log1p": log1p}
    # The source is written by `Code` from checked nodes: names and literals only by repr.
    exec(compile(source, "<expression>", "exec"), namespace)  # noqa: S102
    return cast(Callable[..., object], namespace["evaluate"])
