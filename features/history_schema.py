"""The columns of a history, derived from the canonical order; rows to orders and back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
import polars as pl

from features.errors import HistoryError, suggest
from features.leaves import ATTRIBUTES, Leaf, LeafKind, order_leaves
from features.order import Order

INSTANT = pl.Datetime("us", "UTC")
AS_OF = "as_of"
SEQUENCE = "sequence"
_ATTRIBUTE_TYPES = frozenset({pl.String(), pl.Int64(), pl.Float64(), pl.Boolean()})
_TYPES: Mapping[LeafKind, pl.DataType] = {
    LeafKind.TEXT: pl.String(),
    LeafKind.WHOLE: pl.Int64(),
    LeafKind.DECIMAL: pl.Float64(),
    LeafKind.BOOLEAN: pl.Boolean(),
    LeafKind.INSTANT: INSTANT,
    LeafKind.WORDS: pl.List(pl.String()),
}
OUTCOME_COLUMNS: Mapping[str, pl.DataType] = {
    "order_id": pl.String(),
    "received_at": INSTANT,
    "outcome_class": pl.String(),
    "final": pl.Boolean(),
    "occurred_at": INSTANT,
    "subclass": pl.String(),
    "raw_code": pl.String(),
    "raw_sub_code": pl.String(),
    "raw_message": pl.String(),
    "next_action": pl.String(),
}


@cache
def order_columns() -> Mapping[str, pl.DataType]:
    """Every fixed column of `orders` and its type; attributes come on top, by their names."""
    columns = {path: column_type(leaf) for path, leaf in order_leaves().items()}
    return {**columns, AS_OF: INSTANT, SEQUENCE: pl.Int64()}


@cache
def required_columns() -> tuple[str, ...]:
    """Name the columns that every `orders` table has."""
    needed = [leaf.path for leaf in order_leaves().values() if leaf.required and not leaf.block]
    return (*needed, AS_OF)


def column_type(leaf: Leaf) -> pl.DataType:
    """Tell how a leaf is stored; a list of lines is a list of structs."""
    if leaf.kind is LeafKind.LINES:
        return pl.List(pl.Struct({part.path: column_type(part) for part in leaf.lines}))
    return _TYPES[leaf.kind]


def conform_orders(orders: pl.DataFrame) -> pl.DataFrame:
    """Check names, cast to the stored types, fill what the order itself defaults, sort by as_of.

    Raises HistoryError for an unknown or missing column or a value that does not cast.
    """
    known = order_columns()
    for name in orders.columns:
        if name not in known and not name.startswith(ATTRIBUTES):
            raise HistoryError(f"orders have no column {name!r}.{suggest(name, known)}")
    if AS_OF not in orders.columns and "placed_at" in orders.columns:
        orders = orders.with_columns(pl.col("placed_at").alias(AS_OF))
    _require(orders, required_columns(), "orders")
    orders = _with_defaults(_cast(orders, {n: known[n] for n in orders.columns if n in known}))
    attributes = [name for name in orders.columns if name.startswith(ATTRIBUTES)]
    ordered = [name for name in known if name in orders.columns] + attributes
    cast = _cast(orders.select(ordered), _attribute_types(orders))
    return cast.sort(AS_OF, maintain_order=True)


def conform_outcomes(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Check names, cast, add the missing columns as all missing, sort by received_at.

    Raises HistoryError for an unknown or missing column or a value that does not cast.
    """
    for name in outcomes.columns:
        if name not in OUTCOME_COLUMNS:
            raise HistoryError(f"outcomes have no column {name!r}.{suggest(name, OUTCOME_COLUMNS)}")
    _require(outcomes, ("order_id", "received_at", "outcome_class", "final"), "outcomes")
    absent = [pl.lit(None).alias(name) for name in OUTCOME_COLUMNS if name not in outcomes.columns]
    cast = _cast(outcomes.with_columns(absent), OUTCOME_COLUMNS)
    return cast.select(*OUTCOME_COLUMNS).sort("received_at", maintain_order=True)


def order_from_row(row: Mapping[str, Any]) -> Order:
    """Build the canonical order from one row of `orders.to_dicts()`.

    A block of which nothing is known is absent. Raises msgspec.ValidationError for a row that
    is no valid order.
    """
    nested: dict[str, Any] = {}
    for name, value in row.items():
        if value is None or name in (AS_OF, SEQUENCE):
            continue
        if name.startswith(ATTRIBUTES):
            nested.setdefault("attributes", {})[name.removeprefix(ATTRIBUTES)] = value
        else:
            _put(nested, name, _without_missing(value))
    if nested.get("kind") == "payout":
        nested.setdefault("payout", {}).setdefault("payee", {})
    return msgspec.convert(nested, Order)


def frame_from_orders(orders: Sequence[Order]) -> pl.DataFrame:
    """Lay orders out as the `orders` table, `as_of` = `placed_at`, sorted by it (stable).

    Only columns that some order has. An attribute of mixed types is stored as text in JSON's
    spelling.
    """
    rows = [dict(_flatten(_builtins(order), "")) for order in orders]
    known = order_columns()
    seen = dict.fromkeys(name for row in rows for name in row)
    fixed = {name: known[name] for name in (*required_columns(), *seen) if name in known}
    del fixed[AS_OF]
    frame = pl.from_dicts(rows, schema=fixed) if rows else pl.DataFrame(schema=fixed)
    attributes = [
        _attribute(name, [row.get(name) for row in rows]) for name in seen if name not in known
    ]
    return conform_orders(frame.with_columns(attributes))


def _builtins(order: Order) -> dict[str, Any]:
    nested: dict[str, Any] = msgspec.to_builtins(order, builtin_types=(datetime,))
    return nested


def _flatten(block: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in block.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", value


def _attribute(name: str, cells: list[Any]) -> pl.Series:
    kinds = {type(cell) for cell in cells if cell is not None}
    if len(kinds) > 1 and kinds != {int, float}:
        cells = [_spelled(cell) for cell in cells]
    return pl.Series(name, cells, strict=False)


def _spelled(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return msgspec.json.encode(cell).decode()


def _put(nested: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for name in parents:
        nested = nested.setdefault(name, {})
    nested[last] = value


def _without_missing(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [
        {name: part for name, part in line.items() if part is not None}
        if isinstance(line, dict)
        else line
        for line in value
    ]


def _require(frame: pl.DataFrame, names: Sequence[str], table: str) -> None:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise HistoryError(f"{table} lack the column(s) {', '.join(absent)}")


def _cast(frame: pl.DataFrame, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    try:
        return frame.with_columns(pl.col(name).cast(kind) for name, kind in types.items())
    except pl.exceptions.PolarsError as error:
        raise HistoryError(f"a column is not of its stored type: {error}") from error


def _with_defaults(orders: pl.DataFrame) -> pl.DataFrame:
    """Fill what the order itself defaults, so that rows and orders hold the same values."""
    filled = []
    for leaf in order_leaves().values():
        if leaf.default is None:
            continue
        known = leaf.path in orders.columns
        column = pl.col(leaf.path).fill_null(leaf.default) if known else pl.lit(leaf.default)
        filled.append(column.cast(column_type(leaf)).alias(leaf.path))
    return orders.with_columns(filled)


def _attribute_types(orders: pl.DataFrame) -> dict[str, pl.DataType]:
    types: dict[str, pl.DataType] = {}
    for name, stored in orders.schema.items():
        if name.startswith(ATTRIBUTES) and stored not in _ATTRIBUTE_TYPES:
            types[name] = _attribute_type(name, stored)
    return types


def _attribute_type(name: str, stored: pl.DataType) -> pl.DataType:
    if stored.is_integer():
        return pl.Int64()
    if stored.is_numeric():
        return pl.Float64()
    if isinstance(stored, pl.Null | pl.Categorical | pl.Enum):
        return pl.String()
    raise HistoryError(f"{name} is {stored}; an attribute is text, a number or a boolean")
