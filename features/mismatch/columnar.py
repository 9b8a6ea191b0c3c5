"""The facts of a mismatch for a whole history: the same values as `features.mismatch.facts`."""

from collections.abc import Collection, Mapping

import polars as pl

from features.amounts import SLIP, WIDEST_MINOR
from features.history_schema import order_columns
from features.leaves import order_leaves
from features.mismatch.clock import CLOCK_LIMITS, EPOCH_SLIPS, HOUR_US
from features.mismatch.columnar_lines import EXACT, line_matches, line_totals
from features.mismatch.facts import MISMATCH_KINDS
from features.times import US_PER_SECOND

_PATHS = (
    "placed_at",
    "amount_minor",
    "currency",
    "list_amount_minor",
    "discount_minor",
    "freight_minor",
    "tax_minor",
    "items",
    "credit.instalments",
    "credit.plan_total_minor",
    "credit.first_pay_minor",
    "credit.later_pay_minor",
    "record.amount_minor",
    "record.currency",
    "record.list_amount_minor",
    "record.created_at",
    "record.items",
)


def mismatch_frame(orders: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    """Compute the wanted facts of a mismatch, one column each, in the order of the rows.

    Names of other facts are left alone. A column that the history lacks is missing throughout.
    """
    wanted = [name for name in MISMATCH_KINDS if name in names]
    if not wanted:
        return pl.DataFrame()
    known = orders.select(_column(orders, path) for path in _PATHS)
    if _TOTALLED.intersection(wanted):
        known = known.hstack(line_totals(known))
    if _MATCHED.intersection(wanted):
        known = known.hstack(line_matches(known))
    return known.select(_FACTS[name].alias(name) for name in wanted)


def _column(orders: pl.DataFrame, path: str) -> pl.Series:
    dtype, default = order_columns()[path], order_leaves()[path].default
    if path not in orders.columns:
        return pl.repeat(default, orders.height, dtype=dtype, eager=True).alias(path)
    column = orders[path].cast(dtype)
    return column if default is None else column.fill_null(default)


def _slip(sent: pl.Expr, right: pl.Expr) -> pl.Expr:
    sent, right = sent.cast(EXACT), right.cast(EXACT)
    small = (right >= SLIP) & (sent > 0) & ((SLIP * sent - right).abs() < SLIP)
    large = (sent >= SLIP) & (right > 0) & ((sent - SLIP * right).abs() < SLIP)
    slip = pl.when(small).then(-1).when(large).then(1).otherwise(0).cast(pl.Int64)
    return pl.when(right.is_not_null()).then(slip)


def _bounded(residue: pl.Expr) -> pl.Expr:
    return residue.clip(-WIDEST_MINOR, WIDEST_MINOR).cast(pl.Int64)


def _zone_slip(skew_us: pl.Expr) -> pl.Expr:
    ahead = skew_us + CLOCK_LIMITS.skew_us
    hours = ahead // HOUR_US
    is_whole = ahead - hours * HOUR_US <= CLOCK_LIMITS.lead_us + 2 * CLOCK_LIMITS.skew_us
    is_zone = is_whole & (hours.abs() <= CLOCK_LIMITS.widest_hours)
    return pl.when(skew_us.is_not_null()).then(pl.when(is_zone).then(hours).otherwise(0))


def _epoch_slip(placed_us: pl.Expr) -> pl.Expr:
    low, high = CLOCK_LIMITS.earliest_us, CLOCK_LIMITS.latest_us
    read_finer = pl.any_horizontal(
        (placed_us >= low // factor) & (placed_us < high // factor) for factor in EPOCH_SLIPS
    )
    return (placed_us < low) & read_finer


_amount = pl.col("amount_minor")
_recorded = pl.col("record.amount_minor")
_charges = pl.col("freight_minor") + pl.col("tax_minor") - pl.col("discount_minor")
_expected = pl.col("units") + _charges.cast(EXACT)
_payments = (
    pl.col("credit.first_pay_minor")
    + (pl.col("credit.instalments") - 1) * pl.col("credit.later_pay_minor")
    - pl.col("credit.plan_total_minor")
)
_placed_us = pl.col("placed_at").dt.epoch("us")
_created_us = pl.col("record.created_at").dt.epoch("us")
_skew_us = _placed_us - _created_us
_same = pl.col("record.currency") == pl.col("currency")


def _if_comparable(fact: pl.Expr) -> pl.Expr:
    """Amounts in two currencies cannot be compared."""
    return pl.when(_same.fill_null(True)).then(fact)


_share = pl.col("list_equals_paid")
_listed, _recorded_list = pl.col("list_amount_minor"), pl.col("record.list_amount_minor")
_total_mislabelled = (_listed == _amount) & (_recorded_list > _amount)
_mislabelled = (
    pl.when(_listed.is_not_null() & _recorded_list.is_not_null())
    .then((_share > 0).fill_null(False) | _total_mislabelled)
    .when(_share.is_not_null())
    .then(_share > 0)
)

_FACTS: Mapping[str, pl.Expr] = {
    "items.residue_minor": _bounded(_expected - _amount.cast(EXACT)),
    "items.list_residue_minor": _bounded(pl.col("lists") - pl.col("list_amount_minor").cast(EXACT)),
    "items.unit_slip": _slip(_amount, _expected),
    "items.over_list_lines": pl.col("over_list"),
    "items.list_equals_paid": _if_comparable(pl.col("list_equals_paid")),
    "items.paid_equals_list": _if_comparable(pl.col("paid_equals_list")),
    "items.mislabelled": _if_comparable(_mislabelled.cast(pl.Int64)),
    "credit.plan_residue_minor": _bounded(_payments),
    "record.same_currency": _same,
    "record.amount_ratio": _if_comparable(pl.when(_recorded != 0).then(_amount / _recorded)),
    "record.unit_slip": _if_comparable(_slip(_amount, _recorded)),
    "record.skew_seconds": _skew_us // US_PER_SECOND,
    "record.zone_slip_hours": _zone_slip(_skew_us),
    "record.epoch_slip": pl.when(_created_us.is_not_null()).then(
        (_created_us >= CLOCK_LIMITS.earliest_us) & _epoch_slip(_placed_us)
    ),
    "record.items.mismatched_lines": _if_comparable(pl.col("mismatched")),
}
_TOTALLED = frozenset(
    {
        "items.residue_minor",
        "items.list_residue_minor",
        "items.unit_slip",
        "items.over_list_lines",
    }
)
_MATCHED = frozenset(
    {
        "items.list_equals_paid",
        "items.paid_equals_list",
        "items.mislabelled",
        "record.items.mismatched_lines",
    }
)
