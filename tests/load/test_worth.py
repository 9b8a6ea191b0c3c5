"""What the advice was worth: money, delays, and which advice lost a sale."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import load_catalog
from features.outcome import OutcomeClass
from rules.decision import Action, Fix, PatchOperation, Severity, Text
from rules.releases.loading import released
from tests.load.near import CLEAN, RISKY, WRONG
from training.simulate.load.clients import Advice, Ground
from training.simulate.load.conduct import EXPECTED_COSTS, Held, grounds_of
from training.simulate.load.contrast import contrast_of
from training.simulate.load.course import Played
from training.simulate.load.estimate import in_all, per_1000
from training.simulate.load.processes import Children
from training.simulate.load.routing import alternatives, publish_routes
from training.simulate.load.worth import worth_of

HOUR_US = 3_600_000_000
NO_BOOKS: dict[str, object] = {"channels": {}}
FIX = Fix(
    repair="amount_to_record",
    patch=(PatchOperation(op="replace", path="/amount_minor", value=1),),
    equation="",
    text=Text(zh="改", en="change"),
    changes_what_buyer_pays=True,
    certain=False,
)


def order(number: int, **told: object) -> Played:
    played = Played(f"N{number}", "jd_pay", f"buyer {number % 3}", 10_000, CLEAN)
    for name, value in told.items():
        setattr(played, name, value)
    return played


def sold(number: int, **told: object) -> Played:
    return order(number, sent_minor=10_000, outcome=OutcomeClass.ACCEPTED, **told)


def test_money_is_delayed_for_as_long_as_it_was_sent_later() -> None:
    played = [
        sold(1, waits=2, waited_us=3 * HOUR_US),
        sold(2, is_reviewed=True, review_us=HOUR_US // 2),
        order(3, held=Held.WAITING, waits=9, waited_us=90 * HOUR_US),
        order(4, held=Held.REVIEWED, is_reviewed=True, review_us=HOUR_US // 2),
        order(5, held=Held.STOPPED),
    ]
    worth = worth_of(played, obeyed=True, ledger=NO_BOOKS, seed=1)
    delayed = {why: one.value for why, one in worth.delayed_minor_hours.items()}
    assert delayed == pytest.approx({"wait": 30_000, "review": 5_000})
    withheld = {why: one.value for why, one in worth.withheld_money.items()}
    assert withheld == pytest.approx({"stopped": 10_000, "reviewed": 10_000, "waiting": 10_000})


def test_what_waited_and_what_went_elsewhere_are_counted_with_their_end() -> None:
    refused = {"sent_minor": 10_000, "outcome": OutcomeClass.RISK_BLOCK}
    played = [
        sold(1, waits=1),
        order(2, waits=1, **refused),
        sold(3, rerouted_from="generic"),
        order(4, rerouted_from="generic", **refused),
        sold(5, queried_first=True),
    ]
    worth = worth_of(played, obeyed=True, ledger=NO_BOOKS, seed=1)
    assert (worth.waited, worth.waited_and_accepted) == (2, 1)
    assert (worth.rerouted, worth.rerouted_and_accepted, worth.queried_first) == (2, 1, 1)


def test_a_lost_sale_stands_under_every_reason_that_held_it() -> None:
    before = {f"N{n}": sold(n) for n in range(5)} | {"N1": sold(1, fate=RISKY)}
    after = {
        "N0": order(0, held=Held.STOPPED, because=("A", "B")),
        "N1": order(1, held=Held.REVIEWED, because=("A",)),
        "N2": order(2, held=Held.STOPPED, because=("A",)),
        "N3": order(3, sent_minor=10_000, outcome=OutcomeClass.RISK_BLOCK),
        "N4": sold(4, rerouted_from="generic"),
    }
    lost = contrast_of(before, after, 1).lost_by
    assert {reason: (one.orders, one.minor, one.for_nothing) for reason, one in lost.items()} == {
        "stopped: A": (2, 20_000, 2),
        "reviewed: A": (1, 10_000, 0),
        "sent": (1, 10_000, 1),
        "stopped: B": (1, 10_000, 1),
    }


def test_what_was_paid_too_much_is_no_sale() -> None:
    told = {"fate": WRONG, "outcome": OutcomeClass.ACCEPTED}
    wrong, mended = (order(1, sent_minor=minor, **told) for minor in (31_000, 310))
    contrast = contrast_of({"N1": wrong}, {"N1": mended}, 1)
    assert contrast.accepted_money_change.value == 0
    worth = worth_of([wrong], obeyed=False, ledger=NO_BOOKS, seed=1)
    assert (worth.accepted_minor, worth.accepted_money.value) == (31_000, 310)


def test_what_was_gained_is_told_by_how_it_was_sent() -> None:
    before = {
        f"N{n}": order(n, sent_minor=10_000, outcome=OutcomeClass.RISK_BLOCK) for n in range(4)
    }
    after = {
        "N0": sold(0, waits=1),
        "N1": sold(1, rerouted_from="generic", waits=1),
        "N2": sold(2, is_fixed=True),
        "N3": order(3, held=Held.STOPPED, because=("A",)),
    }
    contrast = contrast_of(before, after, 1)
    assert contrast.sold_by == {"waited": 1, "rerouted": 1, "fixed": 1}
    assert contrast.accepted_money_change.value == pytest.approx(30_000)
    assert contrast.refused_money_change.value == pytest.approx(-40_000)


def test_only_the_reasons_that_ask_for_the_action_are_its_grounds() -> None:
    reasons = tuple(
        Ground(code=code, severity=severity)
        for code, severity in (
            ("BLOCKS", Severity.BLOCK),
            ("ASKS", Severity.CONFIRM),
            ("WARNS", Severity.WARN),
        )
    )

    def grounds(action: Action, *given: Ground) -> tuple[str, ...]:
        return grounds_of(Advice(order_id="A", action=action, reasons=given))

    assert grounds(Action.STOP, *reasons) == ("BLOCKS",)
    assert grounds(Action.REVIEW, *reasons[1:]) == ("ASKS",)
    assert grounds(Action.REVIEW, reasons[2]) == (EXPECTED_COSTS,)
    assert grounds(Action.STOP, reasons[1]) == (EXPECTED_COSTS,)
    assert grounds(Action.SUBMIT, reasons[2]) == ()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-50, 50)), min_size=1, max_size=30))
def test_a_sum_and_a_rate_are_what_a_plain_loop_finds(orders: list[tuple[int, int]]) -> None:
    played = [order(n, party=f"buyer {party}") for n, (party, _) in enumerate(orders)]
    measured = {f"N{n}": value for n, (_, value) in enumerate(orders)}
    total = in_all(played, 1, lambda one: measured[one.order_id])
    rate = per_1000(played, 1, lambda one: measured[one.order_id])
    assert total.value == pytest.approx(sum(value for _, value in orders))
    assert rate.value == pytest.approx(1_000 * total.value / len(orders))
    assert total.low <= total.high
    if (
        len({party for party, _ in orders}) == 1
    ):  # drawing one buyer again and again changes nothing
        assert total.low == pytest.approx(total.value) == total.high


def test_channels_stand_in_for_one_another_where_the_merchant_has_both() -> None:
    orders = pl.DataFrame(
        {
            "kind": ["order"] * 6 + ["payout"],
            "channel": ["jd_pay"] * 3 + ["generic"] * 2 + ["alipay", "lakala_payout"],
        }
    )
    assert alternatives(orders) == {
        "jd_pay": ["generic", "alipay"],
        "generic": ["jd_pay", "alipay"],
        "alipay": ["jd_pay", "generic"],
    }


def test_the_routing_list_is_published_as_a_merchant_publishes_one(tmp_path: Path) -> None:
    orders = pl.DataFrame({"kind": ["order", "order"], "channel": ["jd_pay", "generic"]})
    with Children(tmp_path / "log") as children:
        publish_routes(orders, tmp_path / "home", tmp_path / "routes", children)
    routes = released(tmp_path / "home", load_catalog()).routes
    assert routes.alternatives == {"jd_pay": ("generic",), "generic": ("jd_pay",)}


def test_a_merchant_of_one_channel_publishes_nothing(tmp_path: Path) -> None:
    orders = pl.DataFrame({"kind": ["payout"], "channel": ["lakala_payout"]})
    with Children(tmp_path / "log") as children:
        publish_routes(orders, tmp_path / "home", tmp_path / "routes", children)
    assert not (tmp_path / "home").exists()


def test_an_uncertain_fix_is_held_for_what_it_was_to_repair() -> None:
    blocks = Ground(code="TOTAL_NOT_RECORD", severity=Severity.BLOCK)
    advice = Advice(order_id="A", action=Action.FIX, fix=FIX, reasons=(blocks,))
    assert grounds_of(advice) == ("TOTAL_NOT_RECORD",)
