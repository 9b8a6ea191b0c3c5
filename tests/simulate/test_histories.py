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
from training.simulate.scenario import ScenarioError
from training.simulate.scenario_file import load_scenario, shipped_scenarios

AMOUNT_FAULTS = {
    "wrong_unit",
    "list_price_as_paid",
    "coupon_not_applied",
    "coupon_not_spread",
    "duplicate_number",
}


SCENARIOS = st.sampled_from(shipped_scenarios())


def history_of(seed: int, folder: str, scenario: str) -> History:
    out = Path(folder) / "history"
    simulate_history(400, 14, seed, out, scenario=load_scenario(scenario))
    return read_history(out)


def with_truth(history: History) -> pl.DataFrame:
    truth = pl.read_parquet(history.folder / "truth.parquet")
    return history.orders.join(truth, on="order_id", how="left", maintain_order="left")


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), scenario=SCENARIOS)
def test_any_seed_gives_orders_that_the_edge_accepts(seed: int, scenario: str) -> None:
    with TemporaryDirectory() as folder:
        history = history_of(seed, folder, scenario)
    assert history.manifest["simulated"] is True
    for row in history.orders.to_dicts():
        order = order_from_row(row)
        assert order_from_dict(as_json(order), Masker(b"k" * 32)) == order


def as_json(order: Order) -> object:
    decoded: object = msgspec.json.decode(encode_order(order))
    return decoded


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), scenario=SCENARIOS)
def test_labels_never_precede_their_orders(seed: int, scenario: str) -> None:
    with TemporaryDirectory() as folder:
        history = history_of(seed, folder, scenario)
    first_sent = pl.col("attempts").list.first().struct["sent_at"]
    sent = history.orders.select("order_id", "as_of", first=pl.coalesce(first_sent, "as_of"))
    joined = history.outcomes.join(sent, on="order_id", how="left")
    assert joined["as_of"].null_count() == 0
    assert (joined["received_at"] > joined["first"]).all()
    labels = joined.filter("final")
    assert (labels["received_at"] > labels["as_of"]).all()
    assert (joined["received_at"] <= load_scenario(scenario).end).all()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), scenario=SCENARIOS)
def test_sums_of_clean_orders_add_up(seed: int, scenario: str) -> None:
    with TemporaryDirectory() as folder:
        orders = with_truth(history_of(seed, folder, scenario))
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
    assert len(clean) > 120
    assert set(clean) == {0}


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31), orders=st.integers(100, 140), days=st.integers(1, 3))
def test_the_smallest_histories_are_made_too(seed: int, orders: int, days: int) -> None:
    with TemporaryDirectory() as folder:
        report = simulate_history(orders, days, seed, Path(folder) / "history")
    assert report.orders == orders


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    end = datetime(2026, 5, 1, tzinfo=UTC)
    for name in ("one", "two"):
        simulate_history(2_000, 20, 11, tmp_path / name, end)
    assert fingerprints(tmp_path / "one") == fingerprints(tmp_path / "two")


def in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> History:
    monkeypatch.setattr("training.simulate.slices._ORDERS_PER_SLICE", 400)
    simulate_history(3_000, 20, 11, tmp_path / name)
    return read_history(tmp_path / name)


def test_many_slices_make_one_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = in_slices(tmp_path, monkeypatch, "one")
    assert len(list((history.folder / "orders").iterdir())) >= 5
    assert history.orders.height == 3_000
    assert history.orders["order_id"].is_unique().all()
    assert history.orders["as_of"].is_sorted()
    truth = pl.read_parquet(history.folder / "truth.parquet")
    assert truth["order_id"].to_list() == history.orders["order_id"].to_list()
    in_slices(tmp_path, monkeypatch, "two")
    assert fingerprints(tmp_path / "one") == fingerprints(tmp_path / "two")


def test_buyers_and_payees_come_back_in_later_slices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = in_slices(tmp_path, monkeypatch, "history")
    parts = sorted((history.folder / "orders").iterdir())
    first, last = (pl.read_parquet(part) for part in (parts[0], parts[-1]))
    for who in ("buyer.id", "payout.payee.id"):
        assert last[who].drop_nulls().is_in(first[who].drop_nulls().implode()).any()
    opened = history.orders.filter(pl.col("attempts").list.len().fill_null(0) == 0)
    known = opened.drop_nulls("buyer.id").group_by("buyer.id")
    assert known.agg(pl.col("buyer.registered_at").n_unique())["buyer.registered_at"].max() == 1


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
