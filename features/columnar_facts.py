"""The facts of a whole history: the same as `features.facts` gives, one column each."""

from collections.abc import Callable, Collection, Mapping, Sequence

import polars as pl

from features.bins import BIN_KINDS
from features.calendar import CALENDAR_KINDS, Calendar
from features.columnar_calendar import calendar_column
from features.errors import CatalogError
from features.fact_groups import FACT_GROUPS, FactGroup
from features.facts import FACT_KINDS, TEXT_FACTS
from features.kinds import Kind, Value
from features.leaves import ATTRIBUTES, order_leaves
from features.mismatch.columnar import mismatch_frame

_DTYPES: Mapping[Kind, pl.DataType] = {
    Kind.NUMBER: pl.Float64(),
    Kind.TEXT: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.INSTANT: pl.Int64(),
}

_GROUP_DTYPES: Mapping[Kind, pl.DataType] = {**_DTYPES, Kind.NUMBER: pl.Int64()}


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
    calendar: Calendar,
    groups: Sequence[FactGroup] = (),
) -> pl.DataFrame:
    """Compute the named facts for each row; missing is null, instants are Int64 microseconds.

    `kinds` gives the kind of each `attributes.` name, `groups` what the catalog adds to the
    shipped groups of facts. Raises CatalogError when a column holds another kind.
    """
    known = dict[str, pl.Series]()
    for column in mismatch_frame(orders, names).iter_columns():
        known[column.name] = column
    for group in (*FACT_GROUPS, *groups):
        known |= _group_facts(orders, group, names)
    return pl.DataFrame(
        [
            known[name] if name in known else _fact(orders, name, kinds, calendar)
            for name in sorted(names)
        ]
    )


def _fact(
    orders: pl.DataFrame, name: str, kinds: Mapping[str, Kind], calendar: Calendar
) -> pl.Series:
    if name in CALENDAR_KINDS:
        return calendar_column(orders, name, calendar)
    if name in BIN_KINDS:
        return _constant(name, None, BIN_KINDS[name], orders.height)
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


def _group_facts(
    orders: pl.DataFrame, group: FactGroup, names: Collection[str]
) -> dict[str, pl.Series]:
    """Compute those facts of a group that are wanted, once for each different combination."""
    wanted = {name: kind for name, kind in group.kinds.items() if name in names}
    if not wanted:
        return {}
    inputs = pl.DataFrame([_leaf(orders, path, {}) for path in group.inputs])
    different = inputs.unique()
    nothing = (None,) * len(group.kinds)
    answers = [group.function(*row) or nothing for row in different.iter_rows()]
    columns = dict(zip(group.kinds, zip(*answers, strict=True), strict=True)) if answers else {}
    answered = different.with_columns(
        pl.Series(name, columns.get(name, ()), dtype=_GROUP_DTYPES[kind])
        for name, kind in wanted.items()
    )
    joined = inputs.join(
        answered, on=list(group.inputs), how="left", nulls_equal=True, maintain_order="left"
    )
    return {name: joined[name] for name in wanted}


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


def _dearest(source: str, field: str, place: int = 0) -> pl.Expr:
    price = _element("unit_price_minor")
    dearest = _element(field).sort_by(price, descending=True, maintain_order=True)
    return _when_lines(source, pl.col(source).list.eval(dearest).list.get(place, null_on_oob=True))


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
    "items.second_price_minor": ("items", lambda s: _dearest(s, "unit_price_minor", 1)),
    "items.second_sku": ("items", lambda s: _dearest(s, "sku", 1)),
    "items.second_name": ("items", lambda s: _dearest(s, "name", 1)),
    "items.second_category": ("items", lambda s: _dearest(s, "category", 1)),
    "record.items.unit_total_minor": ("record.items", lambda s: _total(s, "unit_price_minor")),
    "attempts.count": ("attempts", lambda s: pl.col(s).list.len().fill_null(0).cast(pl.Int64)),
    "attempts.last_raw_code": (
        "attempts",
        lambda s: pl.col(s).list.last().struct.field("raw_code"),
    ),
    "payout.payee.account.near": (
        "payout.payee.account.near",
        lambda s: pl.when(pl.col(s).list.len() > 0).then(pl.col(s).list.join(" ")),
    ),
}
