"""Refunds and re-orders: orders that follow an earlier one, whatever the seed and the slices."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.facts import order_facts
from features.history import History, order_from_row, read_history
from training.simulate.history import simulate_history
from training.simulate.scenario_file import load_scenario, shipped_scenarios

REFUND_OF = "attributes.refund_of"
ACCEPTED = pl.col("final") & (pl.col("outcome_class") == "accepted")
FIRST_SENT = pl.coalesce(pl.col("attempts").list.first().struct["sent_at"], "as_of")
SEEDS = st.integers(0, 2**31)
MAKES = st.sampled_from(shipped_scenarios())


def history_of(seed: int, folder: str, scenario: str) -> History:
    out = Path(folder) / "history"
    simulate_history(1_200, 30, seed, out, scenario=load_scenario(scenario))
    return read_history(out)


def told(history: History) -> pl.DataFrame:
    truth = pl.read_parquet(history.folder / "truth.parquet")
    return history.orders.join(truth, on="order_id", how="left", maintain_order="left")


def refunds_of(history: History) -> pl.DataFrame:
    """Lay each refund beside the order that it refers to; that one's columns end in `_of`."""
    orders = told(history)
    accepted = (
        history.outcomes.filter(ACCEPTED).group_by("order_id").agg(pl.col("received_at").min())
    )
    earlier = orders.join(accepted, on="order_id", how="left").rename(lambda name: f"{name}_of")
    refunds = orders.drop_nulls(REFUND_OF)
    return refunds.join(earlier, left_on=REFUND_OF, right_on="order_id_of", how="left")


def check_refunds(history: History) -> None:
    refunds = refunds_of(history)
    assert set(refunds["kind_of"]) <= {"order"}
    assert refunds["received_at_of"].null_count() == 0
    assert refunds.select((pl.col("received_at_of") < FIRST_SENT).all()).item()
    assert (refunds["payout.payee.id"] == refunds["buyer.id_of"]).all()
    given_back = refunds.group_by(REFUND_OF).agg(
        pl.col("right_amount_minor").sum(), pl.col("amount_minor_of").first()
    )
    assert (given_back["right_amount_minor"] <= given_back["amount_minor_of"]).all()
    stated = history.orders.filter(pl.col("payout.purpose") == "退款")
    assert stated[REFUND_OF].null_count() == 0


def check_re_orders(history: History) -> None:
    orders = told(history)
    answered = history.outcomes.group_by("order_id").agg(pl.col("received_at").min())
    earlier = orders.join(answered, on="order_id", how="left").rename(lambda name: f"{name}_of")
    anew = orders.drop_nulls("follows")
    pairs = anew.join(earlier, left_on="follows", right_on="order_id_of", how="left")
    assert set(anew["oddity"]) <= {"reordered"}
    assert pairs["cause_of"].null_count() == 0
    assert (pairs["buyer.id"] == pairs["buyer.id_of"]).all()
    assert (pairs["as_of"] > pairs["received_at_of"]).all()
    assert pairs["follows"].is_unique().all()


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, scenario=MAKES)
def test_refunds_and_re_orders_keep_to_the_orders_that_they_follow(
    seed: int, scenario: str
) -> None:
    with TemporaryDirectory() as folder:
        history = history_of(seed, folder, scenario)
        check_refunds(history)
        check_re_orders(history)


@pytest.mark.parametrize("scenario", ["default", "payout_heavy", "ring_wave"])
def test_followers_find_their_orders_across_slices(
    scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.simulate.slices._ORDERS_PER_SLICE", 400)
    simulate_history(4_000, 30, 3, tmp_path / "h", scenario=load_scenario(scenario))
    history = read_history(tmp_path / "h")
    assert history.orders.height == 4_000
    check_refunds(history)
    check_re_orders(history)
    part = history.orders["order_id"].str.tail(9).cast(pl.Int64) // 400
    known = dict(zip(history.orders["order_id"], part, strict=True))
    refunds = history.orders.drop_nulls(REFUND_OF).select("order_id", REFUND_OF)
    assert any(known[after] > known[before] for after, before in refunds.iter_rows())


def test_some_orders_are_refunded_in_parts_and_some_whole(simulated: History) -> None:
    refunds = refunds_of(simulated)
    whole = refunds["right_amount_minor"] == refunds["amount_minor_of"]
    assert len(refunds) > 150
    assert 0.4 < np.mean(whole.drop_nulls().to_numpy()) < 0.8
    assert refunds[REFUND_OF].is_duplicated().any()


def test_money_goes_back_to_the_card_that_paid_unless_a_fault_says_otherwise(
    simulated: History,
) -> None:
    refunds = refunds_of(simulated)
    astray = refunds.filter(pl.col("payout.payee.account.hash") != pl.col("buyer.card.hash_of"))
    assert set(astray["fault"]) <= {"wrong_payee_account", "transposed_digits"}


def test_what_a_refund_is_of_is_a_fact_of_the_order(simulated: History) -> None:
    row = simulated.orders.drop_nulls(REFUND_OF).row(0, named=True)
    assert order_facts(order_from_row(row))[REFUND_OF] == row[REFUND_OF]


def test_re_orders_take_the_same_goods_or_fewer_and_sometimes_another_channel(
    simulated: History,
) -> None:
    orders = told(simulated)
    earlier = orders.rename(lambda name: f"{name}_of")
    anew = orders.drop_nulls("follows").join(
        earlier, left_on="follows", right_on="order_id_of", how="left"
    )
    goods = anew["record.amount_minor"] == anew["record.amount_minor_of"]
    fewer = anew["items"].list.len() < anew["items_of"].list.len()
    assert len(anew) > 200
    assert np.mean(goods.drop_nulls().to_numpy()) > 0.6
    assert fewer.any()
    assert 0.2 < np.mean((anew["channel"] != anew["channel_of"]).to_numpy()) < 0.4
    waited = (anew["as_of"] - anew["as_of_of"]).dt.total_seconds().to_numpy()
    assert waited.min() < 60
    assert waited.max() > 3_600


def test_nothing_in_the_orders_tells_who_comes_back(simulated: History) -> None:
    named = {name for name in simulated.orders.columns if name.startswith("attributes.")}
    assert named == {REFUND_OF}
    truth = pl.read_parquet(simulated.folder / "truth.parquet")
    anew = simulated.orders.filter(truth["follows"].is_not_null())
    assert anew[REFUND_OF].null_count() == anew.height
    assert anew["attempts"].null_count() == anew.height


def test_a_cause_that_brings_nobody_back_is_followed_by_none(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    only = "{rate: 0, basis: none of them}"
    rates = ", ".join(
        f"{name}: {only}" for name in load_scenario().reorders.rates if name != "outage"
    )
    path.write_text(f"like: default\nname: mine\nreorders: {{rates: {{{rates}}}}}\n", "utf-8")
    simulate_history(6_000, 60, 5, tmp_path / "h", scenario=load_scenario(path))
    truth = pl.read_parquet(tmp_path / "h" / "truth.parquet")
    followed = truth.filter(pl.col("order_id").is_in(truth["follows"].drop_nulls().implode()))
    assert set(followed["cause"]) == {"outage"}
