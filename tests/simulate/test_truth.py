"""The truth beside a history: causes, rates, and groups that counting alone cannot separate."""

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from features.history import History
from rules.packs import load_packs
from training.simulate.scenario import load_scenario
from training.simulate.verdicts import CHANNELS


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


def test_no_order_ends_twice(simulated: History) -> None:
    final = simulated.outcomes.filter("final")
    assert final["order_id"].is_unique().all()


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
    fault: str, orders: pl.DataFrame
) -> None:
    wanted = load_scenario().faults[fault].rate * orders.height
    found = int((orders["fault"] == fault).sum())
    assert abs(found - wanted) < 5 * wanted**0.5


@pytest.mark.parametrize("group", ["gift_sender", "ring", "card_testing", "payout"])
def test_each_group_has_its_share(group: str, orders: pl.DataFrame) -> None:
    share = getattr(load_scenario().groups, group).rate
    assert int((orders["group"] == group).sum()) == round(share * orders.height)


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


def test_some_answers_stay_unknown_and_some_are_resolved_later(simulated: History) -> None:
    first = simulated.outcomes.group_by("order_id", maintain_order=True).first()
    open_at_first = first.filter(~pl.col("final"))["order_id"]
    final = simulated.outcomes.filter("final")["order_id"]
    resolved = open_at_first.is_in(final.implode())
    assert resolved.any()
    assert not resolved.all()
