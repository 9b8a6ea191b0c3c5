"""What every simulated history must be, whatever the seed."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.edge import encode_order, order_from_dict
from features.errors import HistoryError
from features.history import History, order_from_row, read_history
from features.masking import Masker
from features.order import Order
from training.simulate.history import simulate_history
from training.simulate.scenario import ScenarioError, load_scenario

AMOUNT_FAULTS = {
    "wrong_unit",
    "list_price_as_paid",
    "coupon_not_applied",
    "coupon_not_spread",
}


def history_of(seed: int, folder: str, orders: int = 400) -> History:
    out = Path(folder) / "history"
    simulate_history(orders, 14, seed, out)
    return read_history(out)


def with_truth(history: History) -> pl.DataFrame:
    truth = pl.read_parquet(history.folder / "truth.parquet")
    return history.orders.join(truth, on="order_id", how="left", maintain_order="left")


@settings(max_examples=8)
@given(seed=st.integers(0, 2**31))
def test_any_seed_gives_orders_that_the_edge_accepts(seed: int) -> None:
    with TemporaryDirectory() as folder:
        history = history_of(seed, folder)
    assert history.manifest["simulated"] is True
    for row in history.orders.to_dicts():
        order = order_from_row(row)
        assert order_from_dict(as_json(order), Masker(b"k" * 32)) == order


def as_json(order: Order) -> object:
    decoded: object = msgspec.json.decode(encode_order(order))
    return decoded


@settings(max_examples=8)
@given(seed=st.integers(0, 2**31))
def test_labels_never_precede_their_orders(seed: int) -> None:
    with TemporaryDirectory() as folder:
        history = history_of(seed, folder)
    placed = history.orders.select("order_id", "placed_at")
    joined = history.outcomes.join(placed, on="order_id", how="left")
    assert joined["placed_at"].null_count() == 0
    assert (joined["received_at"] > joined["placed_at"]).all()
    assert (joined["received_at"] <= load_scenario().end).all()


@settings(max_examples=8)
@given(seed=st.integers(0, 2**31))
def test_sums_of_clean_orders_add_up(seed: int) -> None:
    with TemporaryDirectory() as folder:
        orders = with_truth(history_of(seed, folder))
    faulty = pl.col("fault").is_in(sorted(AMOUNT_FAULTS))
    residues = orders.filter(pl.col("kind") == "order").select(
        residue=pl.col("items")
        .list.eval(pl.element().struct["quantity"] * pl.element().struct["unit_price_minor"])
        .list.sum()
        - pl.col("discount_minor")
        + pl.col("freight_minor")
        + pl.col("tax_minor")
        - pl.col("amount_minor"),
        faulty=faulty.fill_null(False),
    )
    clean = residues.filter(~pl.col("faulty"))["residue"]
    assert len(clean) > 300
    assert set(clean) == {0}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    end = datetime(2026, 5, 1, tzinfo=UTC)
    for name in ("one", "two"):
        simulate_history(2_000, 20, 11, tmp_path / name, end)
    assert fingerprints(tmp_path / "one") == fingerprints(tmp_path / "two")


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    for seed in (1, 2):
        simulate_history(500, 20, seed, tmp_path / str(seed))
    assert fingerprints(tmp_path / "1") != fingerprints(tmp_path / "2")


def fingerprints(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert files
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name != "manifest.json"
    }


@pytest.mark.parametrize(
    ("orders", "days", "seed", "named"),
    [
        (99, 10, 1, "orders"),
        (1_000, 0, 1, "days"),
        (1_000, 9_999, 1, "days"),
        (1_000, 9, -1, "seed"),
    ],
)
def test_counts_that_make_no_history_are_refused(
    orders: int, days: int, seed: int, named: str, tmp_path: Path
) -> None:
    with pytest.raises(ScenarioError, match=f"{named} is"):
        simulate_history(orders, days, seed, tmp_path / "history")
    assert not (tmp_path / "history").exists()


def test_a_folder_in_the_way_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(HistoryError):
        simulate_history(500, 5, 1, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
