"""The leaves of the canonical order, derived from its Structs: one definition of their limits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from msgspec import Struct, inspect

from features.order import Order

ATTRIBUTES = "attributes."
"""Columns of a foreign table start so; every other column is a leaf of the order."""


class LeafKind(StrEnum):
    """How one leaf is stored."""

    TEXT = "text"
    WHOLE = "whole number"
    DECIMAL = "number"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    LINES = "lines"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One scalar of the order (or one list of lines or words) with the limits of its type.

    `required` is meant within its block: `buyer.card.hash` must be there when any other part
    of `buyer.card` is. `lines` are the leaves of one line of a list.
    """

    path: str
    kind: LeafKind
    required: bool = False
    default: bool | int | float | str | None = None
    lowest: float | None = None
    highest: float | None = None
    shortest: int | None = None
    longest: int | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    lines: tuple["Leaf", ...] = ()

    @property
    def block(self) -> str:
        """Name the block that holds the leaf; empty for the order itself."""
        return self.path.rpartition(".")[0]


@cache
def order_leaves() -> Mapping[str, Leaf]:
    """Every leaf of the order by its dotted path, in the order of the Structs' own fields.

    >>> order_leaves()["buyer.card.last4"].longest
    4
    >>> [leaf.path for leaf in order_leaves()["record.items"].lines][:2]
    ['sku', 'quantity']
    """
    return {leaf.path: leaf for leaf in _struct_leaves(Order, "")}


def expected(leaf: Leaf) -> str:
    """Say in words what belongs at a leaf.

    >>> expected(order_leaves()["credit.instalments"])
    'a whole number from 1 to 120'
    """
    if leaf.kind is LeafKind.WORDS:
        return f"at most {leaf.longest} texts matching {leaf.pattern}"
    if leaf.choices:
        return f"one of {', '.join(leaf.choices)}"
    if leaf.pattern is not None:
        return f"text matching {leaf.pattern}"
    if leaf.kind is LeafKind.TEXT:
        if leaf.longest is None:
            return "text"
        return f"text of {leaf.shortest or 0} to {leaf.longest} characters"
    if leaf.kind is LeafKind.LINES:
        return f"at most {leaf.longest} lines"
    article = "an" if leaf.kind is LeafKind.INSTANT else "a"
    return f"{article} {leaf.kind.value}{_span(leaf)}"


def _span(leaf: Leaf) -> str:
    if leaf.lowest is None:
        return ""
    if leaf.highest is None:
        return f" of {leaf.lowest:g} or more"
    return f" from {_plain(leaf.lowest)} to {_plain(leaf.highest)}"


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _struct_leaves(struct: type[Struct], prefix: str) -> Iterator[Leaf]:
    described = inspect.type_info(struct)
    assert isinstance(described, inspect.StructType)
    for entry in described.fields:
        kind = _without_none(entry.type)
        path = f"{prefix}{entry.encode_name}"
        if isinstance(kind, inspect.StructType):
            yield from _struct_leaves(kind.cls, f"{path}.")
        elif not isinstance(kind, inspect.DictType):
            yield _leaf(path, kind, entry)


def _leaf(path: str, kind: inspect.Type, entry: inspect.Field) -> Leaf:
    default = entry.default if isinstance(entry.default, bool | int | float | str) else None
    return Leaf(path, required=entry.required, default=default, **_limits(kind))


def _limits(kind: inspect.Type) -> dict[str, Any]:
    limits: dict[str, Any]
    match kind:
        case inspect.StrType():
            limits = _text_limits(kind)
        case inspect.IntType():
            limits = {"kind": LeafKind.WHOLE, "lowest": kind.ge, "highest": kind.le}
        case inspect.FloatType():
            limits = {"kind": LeafKind.DECIMAL, "lowest": kind.ge, "highest": kind.le}
        case inspect.BoolType():
            limits = {"kind": LeafKind.BOOLEAN}
        case inspect.DateTimeType():
            limits = {"kind": LeafKind.INSTANT}
        case inspect.LiteralType():
            limits = {"kind": LeafKind.TEXT, "choices": tuple(map(str, kind.values))}
        case inspect.VarTupleType():
            limits = _line_limits(kind)
        case _:
            raise NotImplementedError(f"the order has a field of a kind with no column: {kind}")
    return limits


def _text_limits(kind: inspect.StrType) -> dict[str, Any]:
    return {
        "kind": LeafKind.TEXT,
        "shortest": kind.min_length,
        "longest": kind.max_length,
        "pattern": kind.pattern,
    }


def _line_limits(kind: inspect.VarTupleType) -> dict[str, Any]:
    line = kind.item_type
    if isinstance(line, inspect.StrType):
        word = {"longest": kind.max_length, "pattern": line.pattern}
        return {"kind": LeafKind.WORDS, **word}
    assert isinstance(line, inspect.StructType)
    return {
        "kind": LeafKind.LINES,
        "longest": kind.max_length,
        "lines": tuple(_struct_leaves(line.cls, "")),
    }


def _without_none(kind: inspect.Type) -> inspect.Type:
    if not isinstance(kind, inspect.UnionType):
        return kind
    (only,) = (part for part in kind.types if not isinstance(part, inspect.NoneType))
    return only
