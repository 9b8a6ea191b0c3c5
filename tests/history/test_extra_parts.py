"""A table of its own that is written part by part."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from features.errors import HistoryError
from features.history import HistoryWriter, frame_from_orders
from features.order import Order

ORDER = Order(
    order_id="A1",
    merchant_id="m",
    channel="generic",
    placed_at=datetime(2026, 5, 1, tzinfo=UTC),
    amount_minor=100,
    currency="CNY",
)


def test_parts_of_a_table_stand_in_one_file_in_the_order_written(tmp_path: Path) -> None:
    with HistoryWriter(tmp_path / "h") as writer:
        writer.write_orders(frame_from_orders([ORDER]))
        writer.write_extra_part("truth", pl.DataFrame({"order_id": ["A1"], "n": [1]}))
        writer.write_extra_part("truth", pl.DataFrame({"order_id": ["A2", "A3"], "n": [2, 3]}))
    truth = pl.read_parquet(tmp_path / "h" / "truth.parquet")
    assert truth.rows() == [("A1", 1), ("A2", 2), ("A3", 3)]


def write_unlike_parts(folder: Path) -> None:
    with HistoryWriter(folder) as writer:
        writer.write_extra_part("truth", pl.DataFrame({"n": [1]}))
        writer.write_extra_part("truth", pl.DataFrame({"n": ["one"]}))


def test_a_part_of_another_make_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="truth was begun with the columns n, but this part has"):
        write_unlike_parts(tmp_path / "h")
    assert list(tmp_path.iterdir()) == []
