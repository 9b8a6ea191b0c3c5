"""A load against fakes of the service and a real channel: what is done, and that it adds up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.decision import Action, Fix, PatchOperation, Text
from tests.load.near import CLEAN, RISKY, WRONG, FixedService, run
from training.simulate.channel.registry import Fate
from training.simulate.load.conduct import Conduct, Held, Reviewer
from training.simulate.load.contrast import contrast_of

TEXT = Text(zh="改", en="change")
OBEY = Conduct(Reviewer(seed=1, catches=1.0, wrongly_holds=0.0))
IGNORE = Conduct(None)
MIXED = {f"C{n}": CLEAN for n in range(20)} | {f"W{n}": WRONG for n in range(5)}


def test_what_is_ignored_is_sent_and_refused() -> None:
    done = run(FixedService(Action.STOP), MIXED, IGNORE)
    worth = done.worth(obeyed=False)
    assert (worth.submitted, worth.accepted, worth.refused) == (25, 20, 5)
    assert worth.refused_by_cause == {"wrong_unit": 5}
    assert worth.payments == 20


def test_what_is_stopped_never_reaches_the_channel() -> None:
    done = run(FixedService(Action.STOP), MIXED, OBEY)
    worth = done.worth(obeyed=True)
    assert (worth.submitted, worth.payments, worth.stopped) == (0, 0, 25)
    assert worth.held_for_nothing == 20
    assert worth.held_for_nothing_minor == 20 * 31_000
    assert worth.cost_minor == 20 * (20_000 + 3_100)


def test_a_perfect_review_holds_what_is_wrong_and_nothing_else() -> None:
    done = run(FixedService(Action.REVIEW), MIXED, OBEY)
    worth = done.worth(obeyed=True)
    assert (worth.accepted, worth.refused, worth.held_for_nothing) == (20, 0, 0)
    assert (worth.reviewed, worth.held_after_review) == (25, 5)
    assert worth.cost_minor == round(25 * (300 + 0.0005 * 31_000))


def test_a_review_does_not_hold_an_order_because_the_channel_was_down() -> None:
    down = Fate("ordinary", None, "outage", 31_000, 31_000, ((1_000, "JMPT200033"),))
    torn = Fate("ordinary", "other_subject", "outage", 31_000, 31_000, ((1_000, "JMPT200033"),))
    done = run(FixedService(Action.REVIEW), {"D1": down, "T1": torn}, OBEY)
    assert {name: one.held for name, one in done.player.played.items()} == {
        "D1": None,
        "T1": Held.REVIEWED,
    }


def fix(amount_minor: int, *, certain: bool) -> Fix:
    operation = PatchOperation(op="replace", path="/amount_minor", value=amount_minor)
    return Fix(
        repair="amount_to_record",
        patch=(operation,),
        equation="",
        text=TEXT,
        changes_what_buyer_pays=True,
        certain=certain,
    )


def test_a_certain_fix_is_applied_and_then_accepted() -> None:
    done = run(FixedService(Action.FIX, fix(310, certain=True)), {"W1": WRONG}, OBEY)
    assert done.player.played["W1"].is_accepted
    assert [payment.amount_minor for payment in done.near.channel.books] == [310]


def test_an_uncertain_fix_is_a_review() -> None:
    done = run(FixedService(Action.FIX, fix(310, certain=False)), {"W1": WRONG}, OBEY)
    assert done.player.played["W1"].held is Held.REVIEWED


def test_a_fix_that_makes_a_right_amount_wrong_is_refused() -> None:
    done = run(FixedService(Action.FIX, fix(999, certain=True)), {"C1": CLEAN}, OBEY)
    assert done.player.played["C1"].is_refused
    assert done.worth().refused_by_cause == {"only here: validation": 1}


@pytest.mark.parametrize(
    "order_id", ["TESTTIMEOUTPAID1", "TESTLOSTCALLBACK1", "TESTOUTOFORDERCALLBACK1", "TESTPAID1"]
)
def test_whatever_goes_astray_the_payment_is_learned_of_once(order_id: str) -> None:
    service = FixedService(Action.SUBMIT)
    done = run(service, {order_id: CLEAN}, OBEY, is_tested=True)
    assert done.player.played[order_id].is_accepted
    assert len(list(done.near.channel.books)) == 1
    final = [said for _, said in service.reports if said.get("raw_code") == "status=2"]
    assert len(final) == 1


def test_what_never_settles_stays_open_after_bounded_queries() -> None:
    done = run(FixedService(Action.SUBMIT), {"TESTNEVERSETTLED1": CLEAN}, OBEY, is_tested=True)
    played = done.player.played["TESTNEVERSETTLED1"]
    assert played.outcome is None
    assert 1 < played.queries < 20


@given(
    kinds=st.lists(st.sampled_from([CLEAN, WRONG, RISKY]), min_size=1, max_size=12),
    action=st.sampled_from(Action),
)
def test_the_figures_add_up(kinds: list[Fate], action: Action) -> None:
    fates = {f"N{number}": fate for number, fate in enumerate(kinds)}
    done = run(FixedService(action), fates, OBEY)
    worth = done.worth(obeyed=True)
    assert worth.orders == len(kinds)
    assert worth.submitted + worth.stopped + worth.held_after_review == worth.orders
    settled = worth.accepted + worth.refused + worth.cancelled + worth.unresolved
    assert settled == worth.submitted
    assert worth.payments == worth.accepted
    assert worth.double_payments == 0
    assert sum(worth.refused_by_cause.values()) == worth.refused
    low, high = worth.refused_per_1000.low, worth.refused_per_1000.high
    assert low <= 1_000 * worth.refused / worth.orders <= high


def test_two_runs_are_compared_order_by_order() -> None:
    ignoring = run(FixedService(Action.STOP), MIXED, IGNORE).player
    obeying = run(FixedService(Action.STOP), MIXED, OBEY).player
    contrast = contrast_of(ignoring.played, obeying.played, 1)
    assert (contrast.avoided, contrast.new_refusals, contrast.sales_lost) == (5, 0, 20)
    assert contrast.refused_obeying == contrast.refused_ignoring - 5
    assert contrast.avoided_per_1000.value == pytest.approx(200.0)
