"""The benchmark of features compares like with like."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from features.errors import PreflightError
from training.bench.cli import app
from training.bench.contestants import FRAMES, MEASURED, PANDAS, with_polars, with_preflight
from training.bench.orders import generated_orders, of_first_customers
from training.bench.side_by_side import check_equal

ORDERS = generated_orders(3_000, 5)


@pytest.mark.parametrize("name", [*FRAMES, *PANDAS])
def test_every_contestant_says_what_the_columns_say(name: str) -> None:
    work = FRAMES.get(name)
    answer = PANDAS[name](ORDERS.to_pandas()) if work is None else work(ORDERS)
    assert (answer.to_numpy() == with_preflight(ORDERS).to_numpy()).all()


def test_the_windows_hold_something_to_count() -> None:
    means = with_preflight(ORDERS).mean().row(0, named=True)
    assert list(means) == MEASURED
    assert means["terminals_90d"] > means["terminals_1d"] > 1


def test_a_sample_holds_every_order_of_its_customers() -> None:
    sample = of_first_customers(ORDERS, 800)
    customers = sample["customer"].unique()
    assert 0 < sample.height <= 800
    assert ORDERS.filter(pl.col("customer").is_in(customers.implode())).equals(sample)


def test_contestants_that_differ_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_too_many(orders: pl.DataFrame) -> pl.DataFrame:
        return with_polars(orders).with_columns(pl.col("n_1d") + 1)

    monkeypatch.setitem(FRAMES, "polars", one_too_many)
    with pytest.raises(PreflightError, match="polars and preflight differ in 3000 of 36000"):
        check_equal(ORDERS)


@pytest.mark.slow
def test_the_comparison_is_printed_as_json() -> None:
    answer = CliRunner().invoke(app, ["features", "--rows", "5000", "--rounds", "1", "--json"])
    compared = json.loads(answer.stdout)
    ratios = {one["name"]: one["times_slower"] for one in compared["contestants"]}
    assert ratios["preflight"] == 1
    assert set(ratios) == {*FRAMES, *PANDAS}
    assert compared["cached_first_call_seconds"] < compared["first_call_seconds"]
