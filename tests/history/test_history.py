"""A history is written whole or not at all, and gives back the orders that went in."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.errors import HistoryError
from features.history import HistoryWriter, frame_from_orders, order_from_row, read_history
from features.history_schema import conform_orders, order_columns
from features.leaves import LeafKind, expected, order_leaves
from features.order import Order, Payee, Payout

START = datetime(2026, 3, 1, tzinfo=UTC)


def plain(order_id: str, minutes: int = 0, **more: Any) -> Order:
    fields: dict[str, Any] = {"merchant_id": "m", "channel": "generic"}
    fields |= {"amount_minor": 5, "currency": "EUR"}
    placed_at = START + timedelta(minutes=minutes)
    return Order(order_id=order_id, placed_at=placed_at, **fields, **more)


def write(folder: Path, orders: list[Order], *, overwrite: bool = False) -> None:
    with HistoryWriter(folder, overwrite=overwrite) as writer:
        writer.write_orders(frame_from_orders(orders))


def test_a_full_order_comes_back_as_it_went_in(order: Order) -> None:
    assert [order_from_row(row) for row in frame_from_orders([order]).to_dicts()] == [order]


def test_a_payout_with_nothing_known_of_its_payee_comes_back() -> None:
    payout = plain("1", kind="payout", payout=Payout(payee=Payee(), speed="D0"))
    assert [order_from_row(row) for row in frame_from_orders([payout]).to_dicts()] == [payout]


def test_orders_are_sorted_by_as_of_whatever_the_parts(tmp_path: Path) -> None:
    with HistoryWriter(tmp_path / "h") as writer:
        writer.write_orders(frame_from_orders([plain("3", 3), plain("1", 1)]))
        writer.write_orders(frame_from_orders([plain("2", 2)]))
    assert read_history(tmp_path / "h").orders["order_id"].to_list() == ["1", "2", "3"]


def test_parts_with_other_columns_are_read_together(tmp_path: Path) -> None:
    with HistoryWriter(tmp_path / "h") as writer:
        writer.write_orders(frame_from_orders([plain("1", attributes={"x": 1})]))
        writer.write_orders(frame_from_orders([plain("2", subject="tea")]))
    assert read_history(tmp_path / "h").orders["attributes.x"].to_list() == [1, None]


def test_attributes_of_mixed_types_become_text_in_the_spelling_of_json() -> None:
    orders = [plain(str(n), attributes={"x": value}) for n, value in enumerate([True, 5, "a"])]
    assert frame_from_orders(orders)["attributes.x"].to_list() == ["true", "5", "a"]


def test_no_orders_are_an_empty_frame_with_the_required_columns() -> None:
    assert {"order_id", "placed_at", "as_of"} <= set(frame_from_orders([]).columns)


def test_what_the_order_defaults_is_filled_in_the_columns() -> None:
    row = frame_from_orders([plain("1")]).to_dicts()[0]
    assert (row["kind"], row["freight_minor"], row["tax_minor"]) == ("order", 0, 0)


def test_an_error_while_writing_leaves_nothing_behind(tmp_path: Path) -> None:
    writer = HistoryWriter(tmp_path / "h")
    with pytest.raises(HistoryError), writer:
        writer.write_orders(frame_from_orders([plain("1")]).drop("currency"))
    assert list(tmp_path.iterdir()) == []


def test_a_history_without_orders_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="no orders"), HistoryWriter(tmp_path / "h"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_existing_history_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    write(tmp_path / "h", [plain("1")])
    with pytest.raises(HistoryError, match="exists"):
        write(tmp_path / "h", [plain("2")])
    assert read_history(tmp_path / "h").orders["order_id"].to_list() == ["1"]
    write(tmp_path / "h", [plain("2")], overwrite=True)
    assert read_history(tmp_path / "h").orders["order_id"].to_list() == ["2"]


def test_a_folder_that_is_no_history_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "h").mkdir()
    (tmp_path / "h" / "thesis.txt").write_text("years of work")
    with pytest.raises(HistoryError, match="is no history"):
        write(tmp_path / "h", [plain("1")], overwrite=True)
    assert (tmp_path / "h" / "thesis.txt").exists()


def test_a_history_that_lost_a_part_is_refused(tmp_path: Path) -> None:
    with HistoryWriter(tmp_path / "h") as writer:
        for name in ("1", "2"):
            writer.write_orders(frame_from_orders([plain(name)]))
    (tmp_path / "h" / "orders" / "part-00001.parquet").unlink()
    with pytest.raises(HistoryError, match="its manifest counts 2"):
        read_history(tmp_path / "h")


def test_a_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"no manifest\.json"):
        read_history(tmp_path)


def test_an_unknown_column_is_refused_with_the_nearest_name() -> None:
    frame = frame_from_orders([plain("1")]).rename({"currency": "currencies"})
    with pytest.raises(HistoryError, match="Did you mean 'currency'"):
        conform_orders(frame)


def test_every_leaf_has_a_column_and_words_for_what_it_holds() -> None:
    for path, leaf in order_leaves().items():
        assert path in order_columns()
        assert expected(leaf)
        assert bool(leaf.lines) == (leaf.kind is LeafKind.LINES)


def test_outcomes_are_sorted_by_when_they_were_received(tmp_path: Path) -> None:
    rows = [("1", START + timedelta(1), "accepted", True), ("1", START, "unknown", False)]
    names = ["order_id", "received_at", "outcome_class", "final"]
    with HistoryWriter(tmp_path / "h") as writer:
        writer.write_orders(frame_from_orders([plain("1")]))
        writer.write_outcomes(pl.DataFrame(rows, schema=names, orient="row"))
    read = read_history(tmp_path / "h").outcomes
    assert read["outcome_class"].to_list() == ["unknown", "accepted"]
