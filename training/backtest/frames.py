"""Orders as rows of a history, each with the instant at which it was decided."""

from collections.abc import Iterable, Sequence

import polars as pl

from features.history_schema import AS_OF, INSTANT, frame_from_orders, order_from_row
from features.order import Order


def frame_of(orders: Sequence[Order], as_of_us: Sequence[int]) -> pl.DataFrame:
    """Lay out orders row by row as they come; `as_of_us` in microseconds since 1970 UTC."""
    by_placement = sorted(range(len(orders)), key=lambda row: orders[row].placed_at)
    frame = frame_from_orders([orders[row] for row in by_placement])
    place = pl.Series(by_placement, dtype=pl.Int64).arg_sort()
    return frame[place].with_columns(pl.Series(AS_OF, as_of_us, dtype=pl.Int64).cast(INSTANT))


def orders_of(frame: pl.DataFrame, rows: Iterable[int]) -> dict[int, Order]:
    """Read some rows of a frame back as orders."""
    wanted = list(rows)
    found = frame[wanted].iter_rows(named=True)
    return {row: order_from_row(fields) for row, fields in zip(wanted, found, strict=True)}
