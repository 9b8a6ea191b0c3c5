"""The truth says what a faulty order should have been: then nothing is wrong with it any more."""

import json

import polars as pl
import pytest

from features.history import History
from features.history_schema import order_from_row
from features.mismatch.diagnosis import diagnose
from features.times import to_us
from training.bench.repair_play import with_right

PUT_RIGHT = {
    "wrong_unit",
    "list_price_as_paid",
    "coupon_not_applied",
    "coupon_not_spread",
    "other_subject",
    "clock_slip",
}


@pytest.fixture(scope="module")
def faulty(simulated: History) -> pl.DataFrame:
    truth = pl.read_parquet(simulated.folder / "truth.parquet")
    orders = simulated.orders.join(truth, on="order_id", maintain_order="left")
    return orders.filter(pl.col("right").is_not_null())


def test_every_fault_of_the_order_itself_has_a_right_order(faulty: pl.DataFrame) -> None:
    assert set(faulty["fault"]) == PUT_RIGHT


def test_a_fault_that_no_patch_mends_has_none(simulated: History) -> None:
    truth = pl.read_parquet(simulated.folder / "truth.parquet")
    others = truth.filter(~pl.col("fault").is_in(sorted(PUT_RIGHT)).fill_null(False))
    assert others["right"].null_count() == others.height > 0
    assert not others["repairable"].any()


def test_what_is_decidable_of_such_a_fault_is_repairable(faulty: pl.DataFrame) -> None:
    own = faulty.filter(pl.col("cause") == pl.col("fault"))
    assert (own["decidable"] == own["repairable"]).all()
    assert 0 < int(faulty["repairable"].sum()) < faulty.height


def test_the_right_order_adds_up_and_equals_its_record(
    simulated: History, faulty: pl.DataFrame
) -> None:
    for row in faulty.head(300).iter_rows(named=True):
        columns = {name: row[name] for name in simulated.orders.columns}
        order = order_from_row(columns)
        right = with_right(order, json.loads(row["right"]))
        assert right != order
        assert diagnose(right, to_us(row["as_of"])).findings == ()
        assert right.record is None or right.record.subject == right.subject
