"""When another channel is offered, with which patch, and when it never is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.kinds import Value
from features.live_changes import Changes
from features.order import Order
from features.times import from_us
from rules.decide import decide
from rules.decision import Action, Advice, Decision, Reroute
from rules.holds import Hold, Holds
from rules.repairs.patching import patched
from rules.rerouting_texts import TEXTS, Why
from rules.routes import Fee, Routes
from rules.terms import Terms

AS_OF_US = 1_773_196_200_000_000
ROUTES = Routes(alternatives={"jd_pay": ("wechat_pay", "alipay")})
STOPPED = Hold(by="ana", since=from_us(AS_OF_US), why="a test")
OUTAGE = {
    "channel_outcomes_15m": 40,
    "channel_fault_rate_15m": 0.9,
    "channel_fault_rate_7d": 0.01,
}
"""What CHANNEL_OUTAGE fires on."""


@dataclass
class StateByChannel:
    """Knows other things of each channel, and keeps which were asked about."""

    of: Mapping[str, Mapping[str, Value]]
    clears_us: int = AS_OF_US + 60_000_000
    asked: list[str] = field(default_factory=list)

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        channel = str(facts["channel"])
        self.asked.append(channel)
        return dict(self.of.get(channel, {})) if as_of_us < self.clears_us else {}

    def read_windows(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int
    ) -> dict[str, Value]:
        whole = self.read(facts, as_of_us)
        return {name: whole[name] for name in names if name in whole}

    def changes_after(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int, until_us: int
    ) -> Changes:
        return Changes((self.clears_us,) if as_of_us < self.clears_us <= until_us else (), True)


@dataclass(frozen=True)
class ScorerByChannel:
    """A model that knows the channel alone."""

    refused: Mapping[str, float]
    version: str = "fixed"
    schema_hash: str = "fixed"
    heads: tuple[str, ...] = ("refused",)

    def probabilities(self, features: Mapping[str, Value]) -> dict[str, float]:
        return {"refused": self.refused.get(str(features.get("channel")), 0.0)}


@pytest.fixture
def decide_on(book: Any, packs: Any) -> Any:
    def judge(order: Order, state: Any = None, scorer: Any = None, **more: Any) -> Decision:
        settings = {"routes": ROUTES, **more}
        return decide(order, state, Terms(book, packs, scorer, **settings), AS_OF_US)

    return judge


def stopped(*channels: str) -> Holds:
    return Holds(channels=dict.fromkeys(channels, STOPPED))


def rerouted(decision: Decision) -> Reroute:
    assert decision.reroute is not None
    return decision.reroute


def attempt(number: int, code: str | None, minutes: int = 30) -> dict[str, Any]:
    sent_at = from_us(AS_OF_US) - timedelta(minutes=minutes)
    told = {} if code is None else {"raw_code": code}
    return {"attempt_no": number, "sent_at": sent_at.isoformat(), **told}


def test_a_stopped_channels_order_goes_to_the_first_alternative(
    make_order: Any, decide_on: Any
) -> None:
    decision = decide_on(make_order(), holds=stopped("jd_pay"))
    assert decision.action is Action.REROUTE
    assert rerouted(decision).channel == "wechat_pay"
    assert [(one.op, one.path) for one in rerouted(decision).patch] == [
        ("test", "/channel"),
        ("replace", "/channel"),
    ]
    assert decision.wait is not None


def test_the_patched_order_is_submitted_by_the_other_channel(
    make_order: Any, decide_on: Any
) -> None:
    order = make_order()
    first = rerouted(decide_on(order, holds=stopped("jd_pay")))
    moved = patched(order, first.patch)
    assert moved is not None
    assert (moved.channel, moved.amount_minor) == ("wechat_pay", order.amount_minor)
    assert decide_on(moved, holds=stopped("jd_pay")).action is Action.SUBMIT


def test_an_amount_is_told_as_the_other_channel_writes_it(make_order: Any, decide_on: Any) -> None:
    routes = Routes(alternatives={"jd_pay": ("alipay",)})
    decision = decide_on(make_order(), holds=stopped("jd_pay"), routes=routes)
    assert (rerouted(decision).channel, rerouted(decision).amount) == ("alipay", "310.00")


def test_a_number_that_the_other_channel_does_not_take_is_part_of_the_patch(
    make_order: Any, decide_on: Any, packs: Any
) -> None:
    order = make_order(order_id="A2026")
    found = rerouted(decide_on(order, holds=stopped("jd_pay")))
    assert found.channel == "wechat_pay"
    moved = patched(order, found.patch)
    assert moved is not None
    assert "/order_id" in [one.path for one in found.patch if one.op == "replace"]
    assert decide_on(moved).action is Action.SUBMIT


def test_a_channel_that_is_stopped_too_is_not_offered(make_order: Any, decide_on: Any) -> None:
    decision = decide_on(make_order(), holds=stopped("jd_pay", "wechat_pay"))
    assert rerouted(decision).channel == "alipay"
    assert rerouted(decision).considered[0].text == TEXTS[Why.STOPPED_TOO]


def test_nothing_is_looked_for_where_the_order_can_be_sent(make_order: Any, decide_on: Any) -> None:
    assert decide_on(make_order()).reroute is None


def test_a_merchant_without_a_list_gets_no_alternative(make_order: Any, decide_on: Any) -> None:
    decision = decide_on(make_order(), holds=stopped("jd_pay"), routes=Routes())
    assert (decision.reroute, decision.action) == (None, Action.WAIT)


def test_in_an_outage_each_channels_own_health_is_asked(make_order: Any, decide_on: Any) -> None:
    state = StateByChannel({"jd_pay": OUTAGE, "wechat_pay": OUTAGE})
    decision = decide_on(make_order(), state)
    assert decision.action is Action.REROUTE
    assert rerouted(decision).channel == "alipay"
    assert rerouted(decision).considered[0].codes == ("CHANNEL_UNHEALTHY", "CHANNEL_OUTAGE")
    assert {"jd_pay", "wechat_pay", "alipay"} == set(state.asked)


def test_a_channel_in_trouble_is_no_place_to_go_to(make_order: Any, decide_on: Any) -> None:
    worse = {**OUTAGE, "channel_fault_rate_15m": 0.3}
    decision = decide_on(make_order(), StateByChannel({"jd_pay": OUTAGE, "wechat_pay": worse}))
    assert rerouted(decision).channel == "alipay"
    assert rerouted(decision).considered[0].codes == ("CHANNEL_UNHEALTHY",)


def test_where_all_are_down_the_order_waits_and_each_says_why(
    make_order: Any, decide_on: Any
) -> None:
    decision = decide_on(make_order(), StateByChannel(dict.fromkeys(packs_of(ROUTES), OUTAGE)))
    assert decision.action is Action.WAIT
    assert rerouted(decision).channel is None
    assert len(rerouted(decision).considered) == 2


def packs_of(routes: Routes) -> set[str]:
    return {"jd_pay", *routes.alternatives["jd_pay"]}


def test_an_address_that_only_this_channel_refuses_is_taken_elsewhere(
    make_order: Any, decide_on: Any
) -> None:
    order = make_order(device={"id": "device-1", "ip": "2001:db8::1"})
    decision = decide_on(order)
    assert decision.action is Action.REROUTE
    assert rerouted(decision).channel == "wechat_pay"


def test_a_plan_of_instalments_is_not_lost_on_the_way(make_order: Any, decide_on: Any) -> None:
    decision = decide_on(make_order(credit={"instalments": 9}))
    assert decision.action is Action.STOP
    assert [one.text for one in rerouted(decision).considered] == [TEXTS[Why.NO_SUCH_PLAN]] * 2


def test_what_the_other_channels_refuse_too_stays_stopped(make_order: Any, decide_on: Any) -> None:
    decision = decide_on(make_order(currency="HKD", record=None), holds=stopped("jd_pay"))
    assert decision.action is Action.STOP
    assert [one.codes for one in rerouted(decision).considered] == [("CURRENCY_NOT_ACCEPTED",)] * 2


def test_where_the_other_channel_cannot_tell_it_is_not_better(
    make_order: Any, decide_on: Any
) -> None:
    routes = Routes(alternatives={"jd_pay": ("generic",)})
    order = make_order(device={"id": "device-1", "ip": "2001:db8::1"})
    decision = decide_on(order, routes=routes)
    assert rerouted(decision).channel is None
    assert rerouted(decision).considered[0].text == TEXTS[Why.NOT_KNOWN]


def test_a_mistake_of_the_order_itself_is_no_reason_to_go_elsewhere(
    make_order: Any, decide_on: Any
) -> None:
    decision = decide_on(make_order(state="closed"))
    assert decision.action is Action.STOP
    assert rerouted(decision).channel is None


@pytest.mark.parametrize(
    "changes",
    [
        {"attempts": [attempt(1, "JMPT200062")]},
        {"attempts": [attempt(1, None)]},
        {"attempts": [attempt(1, "JMPT200071")]},
        {"attempts": [attempt(1, None, 40), attempt(2, "JMPT200012", 30)]},
        {"state": "paying"},
        {"record": {"amount_minor": 31_000, "state": "paying"}},
        {"attributes": {"last_payload_hash": "x"}},
    ],
    ids=["unknown", "silence", "paid", "an earlier silence", "paying", "recorded", "hash"],
)
def test_what_may_be_under_way_is_never_sent_elsewhere(
    changes: dict[str, Any], make_order: Any, decide_on: Any
) -> None:
    decision = decide_on(make_order(**changes), holds=stopped("jd_pay"))
    assert decision.action is not Action.REROUTE
    assert rerouted(decision).channel is None
    assert rerouted(decision).text == TEXTS[Why.UNRESOLVED]


def test_what_was_finally_refused_for_the_channels_own_sake_may_go_elsewhere(
    make_order: Any, decide_on: Any
) -> None:
    order = make_order(attempts=[attempt(1, "JMPT200012")])
    decision = decide_on(order, holds=stopped("jd_pay"))
    assert decision.retry is not None
    assert decision.retry.advice is Advice.NEW_ID
    assert rerouted(decision).channel == "wechat_pay"
    moved = patched(order, rerouted(decision).patch)
    assert moved is not None
    assert moved.attempts == ()
    assert decide_on(moved).action is Action.SUBMIT


RISKS: list[Mapping[str, Value]] = [
    {"buyer_orders_10m": 9, "buyer_orders_24h": 9},
    {"device_orders_10m": 9, "card_orders_10m": 0, "device_buyers_24h": 0},
    {"buyer_cities_24h": 9},
]


@pytest.mark.parametrize("known", RISKS)
def test_risk_control_is_never_dodged_by_another_channel(
    known: Mapping[str, Value], make_order: Any, decide_on: Any
) -> None:
    state = StateByChannel({"jd_pay": {**known, **OUTAGE}})
    decision = decide_on(make_order(), state)
    assert rerouted(decision).text == TEXTS[Why.RISK]
    assert rerouted(decision).channel is None
    assert decision.action is not Action.REROUTE


def test_a_peak_of_the_merchants_own_is_no_risk_of_the_order(
    make_order: Any, decide_on: Any
) -> None:
    burst = {"merchant_orders_10m": 99, "merchant_hour_orders_28d": 4}
    decision = decide_on(make_order(), StateByChannel({"jd_pay": {**OUTAGE, **burst}}))
    assert "MERCHANT_BURST" in [reason.code for reason in decision.reasons]
    assert rerouted(decision).channel == "wechat_pay"


def test_what_risk_control_refused_is_not_sent_elsewhere(make_order: Any, decide_on: Any) -> None:
    order = make_order(attempts=[attempt(1, "JMPT200019")])
    decision = decide_on(order, holds=stopped("jd_pay"))
    assert rerouted(decision).text == TEXTS[Why.RISK]
    assert decision.action is Action.STOP


def test_a_buyer_who_looks_risky_there_is_not_offered_there(
    make_order: Any, decide_on: Any
) -> None:
    state = StateByChannel({"jd_pay": OUTAGE, "wechat_pay": RISKS[0], "alipay": {}})
    assert rerouted(decide_on(make_order(), state)).channel == "alipay"


def with_channel(features: Mapping[str, Value], channel: str) -> dict[str, Value]:
    return {**features, "channel": channel}


def state_and_names(**more: Mapping[str, Value]) -> StateByChannel:
    names = ("jd_pay", "wechat_pay", "alipay")
    return StateByChannel({name: with_channel(more.get(name, {}), name) for name in names})


def test_by_the_merchants_costs_the_channel_that_refuses_least_is_taken(
    make_order: Any, decide_on: Any
) -> None:
    scorer = ScorerByChannel({"jd_pay": 0.04, "wechat_pay": 0.03, "alipay": 0.01})
    found = rerouted(decide_on(make_order(), state_and_names(jd_pay=OUTAGE), scorer))
    assert (found.channel, found.refused, found.refused_here) == ("alipay", 0.01, 0.04)
    assert found.expected_minor is not None
    assert found.expected_here_minor is not None
    assert found.expected_minor < found.expected_here_minor


def test_an_order_waits_where_that_is_worth_more(make_order: Any, decide_on: Any) -> None:
    scorer = ScorerByChannel({"jd_pay": 0.0, "wechat_pay": 0.05, "alipay": 0.05})
    decision = decide_on(make_order(), state_and_names(jd_pay=OUTAGE), scorer)
    assert decision.action is Action.WAIT
    assert rerouted(decision).channel is None
    assert rerouted(decision).considered[0].text == TEXTS[Why.NOT_WORTH_IT]


def test_a_channel_where_a_refusal_is_likely_is_not_offered(
    make_order: Any, decide_on: Any
) -> None:
    scorer = ScorerByChannel({"wechat_pay": 0.95, "alipay": 0.95})
    decision = decide_on(make_order(), state_and_names(), scorer, holds=stopped("jd_pay"))
    assert decision.action is Action.WAIT
    assert rerouted(decision).considered[0].text == TEXTS[Why.LIKELY_REFUSED]


def test_fees_count_only_where_all_of_them_are_stated(make_order: Any, decide_on: Any) -> None:
    scorer = ScorerByChannel({"jd_pay": 0.02, "wechat_pay": 0.01, "alipay": 0.01})
    dear, cheap = Fee(basis_points=60), Fee(basis_points=20)

    def taken(fees: dict[str, Fee]) -> str | None:
        routes = Routes(alternatives=ROUTES.alternatives, fees=fees)
        state = state_and_names(jd_pay=OUTAGE)
        return rerouted(decide_on(make_order(), state, scorer, routes=routes)).channel

    assert taken({"wechat_pay": dear, "alipay": cheap}) == "wechat_pay"
    assert taken({"wechat_pay": dear, "alipay": cheap, "jd_pay": cheap}) == "alipay"


@given(
    changes=st.fixed_dictionaries(
        {},
        optional={
            "order_id": st.sampled_from(["A2026", "A-2026_03", "B" * 32]),
            "subject": st.sampled_from(["茶", "茶" * 60, "tea <b>"]),
            "amount_minor": st.sampled_from([31_000, 1, 3_100_000]),
            "state": st.sampled_from(["created", "paying", "closed"]),
            "device": st.sampled_from([{"ip": "2001:db8::1"}, {"ip": "203.0.113.7"}]),
            "credit": st.sampled_from([{"instalments": 3}, {"instalments": 9}]),
            "attempts": st.sampled_from(
                [[attempt(1, "JMPT200012")], [attempt(1, "JMPT200062")], [attempt(1, None)]]
            ),
        },
    ),
    is_stopped=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_offered_is_the_same_order_judged_again_and_nowhere_under_way(
    changes: dict[str, Any], is_stopped: bool, make_order: Any, decide_on: Any
) -> None:
    order = make_order(**changes)
    holds = stopped("jd_pay") if is_stopped else Holds()
    decision = decide_on(order, holds=holds)
    found = decision.reroute
    if found is None or found.channel is None:
        assert decision.action is not Action.REROUTE
        return
    moved = patched(order, found.patch)
    assert moved is not None
    assert decide_on(moved, holds=holds).action is Action.SUBMIT
    fixed = order if decision.fix is None else patched(order, decision.fix.patch)
    same = {"amount_minor", "currency", "buyer", "receiver", "items", "credit", "payout"}
    assert {name: getattr(moved, name) for name in same} == {
        name: getattr(fixed, name) for name in same
    }
    assert "paying" not in (order.state, "" if order.record is None else order.record.state)
    assert all(one.raw_code == "JMPT200012" for one in order.attempts)
