"""The truth beside a history: causes, rates, and groups that counting alone cannot separate."""

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from features.history import History
from rules.packs import load_packs
from training.simulate.names import CHANNELS
from training.simulate.scenario import FaultName, GroupName
from training.simulate.scenario_file import load_scenario

AMOUNTS_ASTRAY = {
    "wrong_unit",
    "list_price_as_paid",
    "coupon_not_applied",
    "duplicate_number",
    "price_changed_since",
}


@pytest.fixture(scope="module")
def orders(simulated: History) -> pl.DataFrame:
    truth = pl.read_parquet(simulated.folder / "truth.parquet")
    return simulated.orders.join(truth, on="order_id", how="left", maintain_order="left")


def refused(history: History) -> pl.DataFrame:
    accepted = pl.col("outcome_class") == "accepted"
    return history.outcomes.filter(pl.col("final") & ~accepted)


def test_every_refusal_has_a_true_cause(simulated: History, orders: pl.DataFrame) -> None:
    causes = orders.join(refused(simulated), on="order_id", how="semi")["cause"]
    assert len(causes) > 1_000
    assert causes.null_count() == 0


def test_only_a_returned_payout_ends_twice(simulated: History, orders: pl.DataFrame) -> None:
    final = simulated.outcomes.filter("final")
    twice = final.filter(final["order_id"].is_duplicated())
    came_back = orders.filter("returned")["order_id"]
    assert twice["order_id"].is_in(came_back.implode()).all()


def test_every_outcome_says_what_the_pack_says(simulated: History) -> None:
    packs = load_packs()
    answers = simulated.outcomes.join(simulated.orders.select("order_id", "channel"), on="order_id")
    for row in answers.select("channel", "raw_code", "outcome_class", "final").unique().to_dicts():
        meaning = packs[row["channel"]].map_outcome(None, row["raw_code"])
        assert (row["outcome_class"], row["final"]) == (str(meaning.outcome_class), meaning.final)


def test_every_code_of_the_scenario_is_known_to_its_pack() -> None:
    packs = load_packs()
    for channel, kinds in load_scenario().answers.items():
        for answer in (answer for kind in kinds.values() for answer in kind):
            meaning = packs[channel].map_outcome(None, answer.code)
            assert meaning.grade is not None or meaning.source == "stated by the caller", answer


@pytest.mark.parametrize("fault", load_scenario().faults)
def test_each_fault_is_about_as_frequent_as_the_scenario_says(
    fault: FaultName, orders: pl.DataFrame
) -> None:
    wanted = load_scenario().faults[fault].rate * orders.height
    found = int((orders.filter(pl.col("follows").is_null())["fault"] == fault).sum())
    assert abs(found - wanted) < 5 * wanted**0.5


@pytest.mark.parametrize("group", ["gift_sender", "reseller", "ring", "card_testing", "payout"])
def test_each_group_has_its_share(group: GroupName, orders: pl.DataFrame) -> None:
    share = getattr(load_scenario().groups, group).rate
    seasons = [season.groups.get(group, 1.0) for season in load_scenario().seasons]
    first = orders.filter(pl.col("follows").is_null())
    found = int((first["group"] == group).sum())
    assert share * orders.height - 1 <= found <= share * orders.height * max(seasons) + 1


def busiest_hours(orders: pl.DataFrame, group: str) -> NDArray[np.uint32]:
    """Count each order's buyer's orders of the hour before, itself included."""
    mine = orders.filter(pl.col("group") == group).sort("buyer.id", "placed_at")
    return (
        mine.rolling("placed_at", period="1h", group_by="buyer.id").agg(n=pl.len())["n"].to_numpy()
    )


def test_counting_alone_cannot_tell_gift_senders_from_rings(orders: pl.DataFrame) -> None:
    gifts, rings = busiest_hours(orders, "gift_sender"), busiest_hours(orders, "ring")
    assert gifts.mean() > rings.mean(), "a threshold on the count would stop the honest first"
    for count in (2, 4, 6):
        assert (gifts >= count).any()
        assert (rings >= count).any()


def test_the_best_threshold_on_a_count_mostly_stops_the_honest(orders: pl.DataFrame) -> None:
    busy = orders.filter(pl.col("group").is_in(["gift_sender", "ring"])).sort("as_of")
    count = busy.rolling("as_of", period="1h", group_by="device.id").agg(
        n=pl.len(), group=pl.col("group").last()
    )
    for least in (1, 2, 3, 4, 6, 8, 10, 12):
        stopped = count.filter(pl.col("n") >= least)["group"]
        precision = int((stopped == "ring").sum()) / max(1, len(stopped))
        assert precision < 0.5, f"{least} orders in an hour"


def test_decidable_causes_and_only_probable_ones_both_exist(orders: pl.DataFrame) -> None:
    share = dict(
        orders.drop_nulls("cause").group_by("cause").agg(pl.col("decidable").mean()).iter_rows()
    )
    assert share["wrong_unit"] > 0.9
    assert share["risk_policy"] == share["payer_funds"] == share["transposed_digits"] == 0
    assert 0 < share["over_order_limit"] < 1


def test_late_money_has_a_cause_and_money_in_time_has_none(orders: pl.DataFrame) -> None:
    promised = orders.drop_nulls(["promised_at", "settled_at"])
    late = promised["settled_at"] > promised["promised_at"]
    assert (late == promised["late_cause"].is_not_null()).all()
    assert promised["late_cause"].n_unique() >= 4


def test_a_retried_order_keeps_its_number_and_tells_of_its_attempts(orders: pl.DataFrame) -> None:
    retried = orders.filter(pl.col("oddity") == "retried")
    assert len(retried) > 100
    assert (retried["attempts"].list.len() >= 1).all()
    assert (retried["placed_at"] < retried["as_of"]).all()
    assert orders["order_id"].is_unique().all()


def test_rings_share_devices_and_gift_senders_do_not(orders: pl.DataFrame) -> None:
    accounts = orders.group_by("group", "device.id").agg(n=pl.col("buyer.id").n_unique())
    most = dict(accounts.group_by("group").agg(pl.col("n").max()).iter_rows())
    assert most["gift_sender"] == 1
    assert most["ring"] >= 2


def test_channels_block_rings_more_often_than_gift_senders(orders: pl.DataFrame) -> None:
    blocked = (pl.col("cause") == "risk_policy").fill_null(False).mean()
    rates = dict(orders.group_by("group").agg(blocked).iter_rows())
    assert (
        rates["ordinary"]
        < 0.03
        < rates["gift_sender"]
        < 0.35
        < rates["ring"]
        < rates["card_testing"]
    )


def test_whole_numbers_and_names_of_real_people_never_appear(simulated: History) -> None:
    text = [name for name, kind in simulated.orders.schema.items() if kind == pl.String]
    digits = simulated.orders.select(
        pl.col(text).exclude("buyer.id", "device.id", "payout.payee.id")
    )
    long_runs = digits.select(pl.all().str.contains(r"\b\d{13,}\b").any()).row(0, named=True)
    assert {name for name, found in long_runs.items() if found} == set()


def test_all_channels_are_used(orders: pl.DataFrame) -> None:
    assert set(orders["channel"]) == set(CHANNELS)
    assert set(orders.filter(pl.col("kind") == "payout")["channel"]) == {"lakala_payout"}


def test_only_a_fault_of_the_amount_makes_it_another_than_the_right_one(
    orders: pl.DataFrame,
) -> None:
    assert orders.schema["right_amount_minor"] == pl.Int64
    wanted = orders.drop_nulls("right_amount_minor")
    other = wanted.filter(pl.col("amount_minor") != pl.col("right_amount_minor"))
    assert set(other["fault"]) == AMOUNTS_ASTRAY
    unwanted = orders.filter(pl.col("right_amount_minor").is_null())
    assert set(unwanted["fault"]) == {"closed_order", "already_paid"}


def test_a_right_amount_is_what_the_goods_cost_or_what_is_wanted_since(
    orders: pl.DataFrame,
) -> None:
    recorded = orders.drop_nulls(["right_amount_minor", "record.amount_minor"])
    behind = (pl.col("oddity") == "record_behind").fill_null(False)
    off = recorded.filter(~behind & (pl.col("record.amount_minor") != pl.col("right_amount_minor")))
    assert set(off["fault"]) == {"price_changed_since"}


def test_some_answers_stay_unknown_and_some_are_resolved_later(simulated: History) -> None:
    first = simulated.outcomes.group_by("order_id", maintain_order=True).first()
    open_at_first = first.filter(~pl.col("final"))["order_id"]
    final = simulated.outcomes.filter("final")["order_id"]
    resolved = open_at_first.is_in(final.implode())
    assert resolved.any()
    assert not resolved.all()
