"""The checks of a whole history: the same values as `rules.pack_facts` gives, one column each."""

from collections.abc import Callable, Collection, Iterator, Mapping

import polars as pl

from features.calendar import Calendar
from features.columnar_facts import attribute_kinds, fact_frame
from features.history_schema import AS_OF
from features.kinds import Kind
from rules.checks.check import Prepared
from rules.checks.every import CHECK_KINDS, plan_of
from rules.checks.expressions import EXPRESSIONS
from rules.checks.inputs import ORDER_INPUTS
from rules.pack import Pack
from rules.packs import Packs

_DTYPES: Mapping[Kind, pl.DataType] = {
    Kind.NUMBER: pl.Float64(),
    Kind.INSTANT: pl.Int64(),
    Kind.TEXT: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
}
_ROW = "row number"
"""No fact's name has a space."""
_NO_CALENDAR = Calendar("UTC")
"""No check reads the calendar."""


def check_history(
    orders: pl.DataFrame, packs: Packs, names: Collection[str] | None = None
) -> pl.DataFrame:
    """Compute the checks of a history's orders, each by its own channel's pack as of the order.

    `orders` is a history's table; the answer has its rows in its order and one column for each
    of `names` (all checks if left out). Missing is null; so is all of an unknown channel.
    """
    wanted = tuple(CHECK_KINDS if names is None else names)
    numbered = orders.with_row_index(_ROW)
    parts = [
        check_columns(part, pack, wanted).with_columns(part[_ROW])
        for (channel,), rows in numbered.group_by("channel", maintain_order=True)
        if channel in packs.names
        for pack, part in periods(rows, packs[str(channel)])
    ]
    schema = {name: _DTYPES[CHECK_KINDS[name]] for name in wanted} | {_ROW: pl.UInt32()}
    found = pl.concat([pl.DataFrame(schema=schema), *parts])
    index = numbered.select(_ROW)
    return index.join(found, on=_ROW, how="left", maintain_order="left").drop(_ROW)


def check_columns(
    orders: pl.DataFrame, pack: Pack, names: Collection[str] | None = None
) -> pl.DataFrame:
    """Compute the checks of orders as one pack sees them, whatever channel they name."""
    wanted = tuple(CHECK_KINDS if names is None else names)
    prepared = {name: one for name, one in plan_of(pack).prepared if name in wanted}
    inputs = _inputs(orders, {name for one in prepared.values() for name in one.inputs})
    return pl.DataFrame(
        [
            _column(inputs, name, prepared[name], pack)
            if name in prepared
            else pl.repeat(None, orders.height, dtype=_DTYPES[CHECK_KINDS[name]], eager=True)
            for name in wanted
        ],
        schema=list(wanted),
    )


def periods(orders: pl.DataFrame, pack: Pack) -> Iterator[tuple[Pack, pl.DataFrame]]:
    """Split orders by the values that held when each was decided."""
    if not pack.starts:
        yield pack, orders
        return
    starts = pl.Series(pack.starts, dtype=pl.Int64)
    numbers = starts.search_sorted(orders[AS_OF].dt.epoch("us"), side="right")
    for number, period in enumerate(pack.periods):
        yield period, orders.filter(numbers == number)


def _inputs(orders: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    facts = {name for name in names if name not in ORDER_INPUTS}
    frame = fact_frame(orders, facts, attribute_kinds(orders), _NO_CALENDAR)
    extras = sorted(name for name in names if name in ORDER_INPUTS)
    return pl.DataFrame([*frame.get_columns(), *(_extra(orders, name) for name in extras)])


def _column(inputs: pl.DataFrame, name: str, one: Prepared, pack: Pack) -> pl.Series:
    dtype = _DTYPES[CHECK_KINDS[name]]
    make = EXPRESSIONS.get(name)
    expression = None if make is None else make(pack, one)
    if expression is not None:
        return inputs.select(expression.cast(dtype).alias(name))[name]
    return _by_combination(inputs, name, one, dtype)


def _by_combination(
    inputs: pl.DataFrame, name: str, one: Prepared, dtype: pl.DataType
) -> pl.Series:
    """Call the live check once for each different combination of its inputs."""
    read = inputs.select(one.inputs)
    different = read.unique()
    place = one.inputs.index(one.needs) if one.needs else None
    answers = [
        None if place is not None and row[place] is None else one.answer(*row)
        for row in different.iter_rows()
    ]
    answered = different.with_columns(pl.Series(name, answers, dtype=dtype, strict=False))
    return read.join(
        answered, on=list(one.inputs), how="left", nulls_equal=True, maintain_order="left"
    )[name]


def _extra(orders: pl.DataFrame, name: str) -> pl.Series:
    source, expression = _EXTRAS[name]
    if source not in orders.columns or orders[source].dtype == pl.Null:
        dtype = _DTYPES[ORDER_INPUTS[name][1]]
        return pl.repeat(None, orders.height, dtype=dtype, eager=True).alias(name)
    return orders.select(expression.alias(name))[name]


def _last(field: str) -> pl.Expr:
    return pl.col("attempts").list.last().struct.field(field)


def _longest(field: str, count: Callable[[pl.Expr], pl.Expr]) -> tuple[str, pl.Expr]:
    lengths = pl.col("items").list.eval(count(pl.element().struct.field(field)))
    return "items", lengths.list.max()


_EXTRAS: Mapping[str, tuple[str, pl.Expr]] = {
    "as_of": (AS_OF, pl.col(AS_OF).dt.epoch("us")),
    "attempts.last_raw_sub_code": ("attempts", _last("raw_sub_code")),
    "attempts.last_raw_message": ("attempts", _last("raw_message")),
    "attempts.last_sent_at": ("attempts", _last("sent_at").dt.epoch("us")),
    "items.name_characters": _longest("name", lambda text: text.str.len_chars()),
    "items.name_bytes": _longest("name", lambda text: text.str.len_bytes()),
    "items.sku_characters": _longest("sku", lambda text: text.str.len_chars()),
    "items.sku_bytes": _longest("sku", lambda text: text.str.len_bytes()),
}
