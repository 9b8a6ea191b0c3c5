"""The facts of a whole history: the same as `features.facts` gives, one column each."""

from collections.abc import Callable, Collection, Mapping
from zoneinfo import ZoneInfo

import polars as pl

from features.catalog import CALENDAR_KINDS
from features.errors import CatalogError
from features.facts import FACT_KINDS, TEXT_FACTS
from features.kinds import Kind, Value
from features.leaves import ATTRIBUTES, order_leaves

_DTYPES: Mapping[Kind, pl.DataType] = {
    Kind.NUMBER: pl.Float64(),
    Kind.TEXT: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.INSTANT: pl.Int64(),
}


def attribute_kinds(orders: pl.DataFrame) -> dict[str, Kind]:
    """Say what each `attributes.` column of a history holds."""
    return {
        name: Kind.BOOLEAN
        if dtype == pl.Boolean
        else Kind.NUMBER
        if dtype.is_numeric()
        else Kind.TEXT
        for name, dtype in orders.schema.items()
        if name.startswith(ATTRIBUTES)
    }


def fact_frame(
    orders: pl.DataFrame,
    names: Collection[str],
    kinds: Mapping[str, Kind],
    zone: ZoneInfo,
) -> pl.DataFrame:
    """Compute the named facts for each row; missing is null, instants are Int64 microseconds.

    `kinds` gives the kind of each `attributes.` name. Raises CatalogError when a column holds
    another kind.
    """
    return pl.DataFrame([_fact(orders, name, kinds, zone) for name in sorted(names)])


def _fact(orders: pl.DataFrame, name: str, kinds: Mapping[str, Kind], zone: ZoneInfo) -> pl.Series:
    if name in CALENDAR_KINDS:
        return _calendar(orders, name, zone)
    if name in _LIST_COLUMNS:
        return _list_fact(orders, name)
    for fact in TEXT_FACTS:
        if fact.name == name:
            return _text_fact(orders, name)
    return _leaf(orders, name, kinds)


def _leaf(orders: pl.DataFrame, name: str, kinds: Mapping[str, Kind]) -> pl.Series:
    kind = kinds.get(name, Kind.TEXT) if name.startswith(ATTRIBUTES) else FACT_KINDS[name]
    leaf = order_leaves().get(name)
    default = None if leaf is None else leaf.default
    if name not in orders.columns:
        return _constant(name, default, kind, orders.height)
    column = orders[name] if default is None else orders[name].fill_null(default)
    if kind is Kind.INSTANT:
        return column.dt.epoch("us").alias(name)
    _check_dtype(column, kind)
    return column.cast(pl.String).alias(name) if kind is Kind.TEXT else column


def _constant(name: str, value: Value | None, kind: Kind, height: int) -> pl.Series:
    return pl.repeat(value, height, dtype=_DTYPES[kind], eager=True).alias(name)


def _check_dtype(column: pl.Series, kind: Kind) -> None:
    dtype = column.dtype
    fits = {
        Kind.TEXT: dtype == pl.String or dtype.is_integer() or dtype == pl.Categorical,
        Kind.BOOLEAN: dtype == pl.Boolean,
        Kind.NUMBER: dtype.is_numeric(),
        Kind.INSTANT: True,
    }[kind] or dtype == pl.Null
    if not fits:
        raise CatalogError(
            f"{column.name} holds {dtype} in this history, but the catalog takes it for {kind}; "
            f"state its kind under `attributes:` in the catalog, or map it otherwise"
        )


def _calendar(orders: pl.DataFrame, name: str, zone: ZoneInfo) -> pl.Series:
    local = orders["placed_at"].dt.convert_time_zone(zone.key)
    part = local.dt.hour() if name == "calendar.hour" else local.dt.weekday() - 1
    return part.cast(pl.Int64).alias(name)


def _text_fact(orders: pl.DataFrame, name: str) -> pl.Series:
    """Call the row function once for each different combination of its inputs."""
    fact = next(fact for fact in TEXT_FACTS if fact.name == name)
    inputs = pl.DataFrame([_leaf(orders, path, {}) for path in fact.inputs])
    different = inputs.unique()
    answers = [fact.function(*row) for row in different.iter_rows()]
    answered = different.with_columns(pl.Series(name, answers, dtype=_DTYPES[fact.kind]))
    return inputs.join(
        answered, on=list(fact.inputs), how="left", nulls_equal=True, maintain_order="left"
    )[name]


def _list_fact(orders: pl.DataFrame, name: str) -> pl.Series:
    source, expression = _LIST_COLUMNS[name]
    if source not in orders.columns or orders[source].dtype == pl.Null:
        absent = 0 if name in _KNOWN_WITHOUT_LINES else None
        return _constant(name, absent, FACT_KINDS[name], orders.height)
    charges = [_leaf(orders, path, {}) for path in ("discount_minor", "freight_minor", "tax_minor")]
    return orders.select(source).with_columns(charges).select(expression(source).alias(name))[name]


def _element(field: str) -> pl.Expr:
    return pl.element().struct.field(field)


def _when_lines(source: str, value: pl.Expr) -> pl.Expr:
    return pl.when(pl.col(source).list.len().fill_null(0) > 0).then(value)


def _total(source: str, price: str) -> pl.Expr:
    products = pl.col(source).list.eval(_element("quantity") * _element(price))
    unknown = products.list.eval(pl.element().is_null().cast(pl.Int64)).list.sum()
    return _when_lines(source, pl.when(unknown == 0).then(products.list.sum()))


def _expected(source: str) -> pl.Expr:
    charges = pl.col("freight_minor") + pl.col("tax_minor") - pl.col("discount_minor")
    return _total(source, "unit_price_minor") + charges


def _dearest(source: str, field: str) -> pl.Expr:
    price = _element("unit_price_minor")
    dearest = _element(field).sort_by(price, descending=True, maintain_order=True)
    return _when_lines(source, pl.col(source).list.eval(dearest).list.first())


_KNOWN_WITHOUT_LINES = frozenset({"items.lines", "items.categories", "attempts.count"})

_LIST_COLUMNS: Mapping[str, tuple[str, Callable[[str], pl.Expr]]] = {
    "items.lines": ("items", lambda s: pl.col(s).list.len().fill_null(0).cast(pl.Int64)),
    "items.quantity": (
        "items",
        lambda s: _when_lines(s, pl.col(s).list.eval(_element("quantity")).list.sum()),
    ),
    "items.unit_total_minor": ("items", lambda s: _total(s, "unit_price_minor")),
    "items.list_total_minor": ("items", lambda s: _total(s, "list_price_minor")),
    "items.expected_total_minor": ("items", _expected),
    "items.categories": (
        "items",
        lambda s: (
            pl.col(s)
            .list.eval(_element("category").drop_nulls().unique())
            .list.len()
            .fill_null(0)
            .cast(pl.Int64)
        ),
    ),
    "items.dearest_price_minor": ("items", lambda s: _dearest(s, "unit_price_minor")),
    "items.dearest_sku": ("items", lambda s: _dearest(s, "sku")),
    "items.dearest_name": ("items", lambda s: _dearest(s, "name")),
    "items.dearest_category": ("items", lambda s: _dearest(s, "category")),
    "record.items.unit_total_minor": ("record.items", lambda s: _total(s, "unit_price_minor")),
    "attempts.count": ("attempts", lambda s: pl.col(s).list.len().fill_null(0).cast(pl.Int64)),
    "attempts.last_raw_code": (
        "attempts",
        lambda s: pl.col(s).list.last().struct.field("raw_code"),
    ),
}
