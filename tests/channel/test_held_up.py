"""An order that comes mended, later or elsewhere meets what holds there and then."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from features.edge import order_from_dict
from features.history import read_history
from features.masking import Masker
from features.order import Order
from features.times import to_us
from rules.packs import load_packs
from training.simulate.channel.books import ZONE
from training.simulate.channel.protocol import Submission
from training.simulate.channel.registry import Fate, Registry, load_registry
from training.simulate.channel.spells import Spell, Spells, spells_of
from training.simulate.channel.verdict import Judge
from training.simulate.history import simulate_history
from training.simulate.load.cut import cut_history
from training.simulate.scenario_file import load_scenario

PACKS = load_packs()
HOUR_US = 3_600_000_000
BUSY, TORN = "JMPT200033", "JMPT200045"


@pytest.fixture
def order(order_fields: dict[str, Any], masker: Masker) -> Order:
    return order_from_dict(order_fields, masker)


def fate(order: Order, code: str, **told: Any) -> Fate:
    known = {
        "group": "ordinary",
        "fault": None,
        "cause": None,
        "sent_minor": 31_000,
        "right_minor": 31_000,
        "turns": ((1_000, code),),
        "channel": "jd_pay",
        "sent_us": to_us(order.placed_at),
    }
    return Fate(**(known | told))


def class_of(
    told: Fate,
    order: Order,
    *,
    hours: float = 0,
    channel: str = "jd_pay",
    down: Spell | None = None,
) -> str:
    """Send it so many hours after the history did, and tell the class of the last answer."""
    spells = Spells({} if down is None else {"outage": down}, seed=1)
    registry, pack = Registry({order.order_id: told}, {}), PACKS[channel]
    judge = Judge(pack, None, registry, seed=1, takes_test_numbers=False, spells=spells)
    amount = order.amount_minor
    sent = Submission(order_id=order.order_id, amount=amount, currency="CNY", order={})
    at_us = to_us(order.placed_at) + round(hours * HOUR_US)
    turns = judge.judge(sent, order, at_us).course.turns
    return str(pack.map_outcome(None, turns[-1].code).outcome_class)


def down_at(order: Order, hours: float) -> Spell:
    start_us = to_us(order.placed_at) + round(hours * HOUR_US)
    return Spell(((start_us, start_us + HOUR_US),), share=1.0, grows=False)


def test_an_outage_does_not_wait_for_an_order_that_waited(order: Order) -> None:
    told = fate(order, BUSY, cause="outage")
    assert class_of(told, order) == "channel"
    assert class_of(told, order, hours=2) == "accepted"


def test_whoever_waits_into_an_outage_meets_it(order: Order) -> None:
    told = fate(order, "status=2")
    assert class_of(told, order, hours=2.5, down=down_at(order, 2)) == "channel"
    assert class_of(told, order, hours=3.5, down=down_at(order, 2)) == "accepted"


def test_an_order_that_is_sent_as_in_the_history_fares_as_it_did(order: Order) -> None:
    assert class_of(fate(order, "status=2"), order, down=down_at(order, 0)) == "accepted"


def test_an_outage_is_one_channels_and_a_fault_goes_along(order: Order) -> None:
    assert class_of(fate(order, BUSY, cause="outage"), order, channel="generic") == "accepted"
    torn = fate(order, TORN, cause="other_subject", fault="other_subject")
    assert class_of(torn, order, channel="generic") == "validation"


def test_behind_an_outage_the_orders_own_fault_still_stands(order: Order) -> None:
    told = fate(order, BUSY, cause="outage", fault="other_subject")
    assert class_of(told, order, hours=2) == "validation"


@pytest.mark.parametrize(("subject", "outcome"), [("茶", "accepted"), ("书", "validation")])
def test_a_field_that_was_put_right_is_accepted(order: Order, subject: str, outcome: str) -> None:
    cause = "other_subject"
    told = fate(order, TORN, cause=cause, fault=cause, right={"/subject": "茶"})
    sent = msgspec.structs.replace(order, subject=subject)
    assert class_of(told, sent) == outcome


def test_a_daily_limit_is_over_with_its_day(order: Order) -> None:
    told = fate(order, "JMPT200013", cause="over_day_limit", fault="over_day_limit")
    local = order.placed_at.astimezone(ZONE)
    midnight = local.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    left = (midnight - local) / timedelta(hours=1)
    assert class_of(told, order, hours=left - 0.1) == "limit"
    assert class_of(told, order, hours=left + 0.1) == "accepted"


def test_a_spell_that_grows_reaches_its_share_at_its_end() -> None:
    decay = Spell(((0, 100), (50, 250)), share=0.4, grows=True)
    assert [decay.share_at(at) for at in (0, 50, 75, 150, 249, 250)] == pytest.approx(
        [0.0, 0.2, 0.3, 0.2, 0.398, 0.0]
    )


def test_the_bad_times_are_those_that_the_history_was_drawn_with(tmp_path: Path) -> None:
    simulate_history(6_000, 60, 3, tmp_path / "whole")
    cut_history(tmp_path / "whole", tmp_path / "past", tmp_path / "future", 5_000)
    world = load_registry(tmp_path / "future").world
    assert world is not None
    orders = read_history(tmp_path / "future").orders
    truth = pl.read_parquet(tmp_path / "future" / "truth.parquet")
    rows = orders.select("order_id", "channel", "as_of").join(truth, on="order_id")
    seen = 0
    for cause in ("outage", "degradation", "key_mismatch", "merchant_restricted"):
        for row in rows.filter(pl.col("cause") == cause).iter_rows(named=True):
            spells = spells_of(load_scenario(), row["channel"], world, seed=1)
            assert spells.by_cause[cause].share_at(to_us(row["as_of"])) > 0
            seen += 1
    assert seen > 10
