"""One order in, one decision out: the shipped book and packs, fakes for state and model."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from features.errors import RuleError, UnknownChannel
from features.kinds import Value
from rules.decision import Action, Advice, Decision, Mode

BURST = {
    "buyer_orders_10m": 6,
    "buyer_cities_24h": 5,
    "buyer_addresses_24h": 6,
    "buyer_reach_7d": 1,
}


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_clean_order_is_submitted(make_order: Any, decide_on: Any, fake_state: Any) -> None:
    decision = decide_on(make_order(), fake_state({"buyer_orders_10m": 0}))
    assert decision.action is Action.SUBMIT
    assert decision.reasons == ()
    assert decision.fix is None


def test_an_amount_that_is_not_the_records_gets_a_patch_that_was_tried(
    make_order: Any, decide_on: Any
) -> None:
    decision = decide_on(make_order(amount_minor=3_100_000))
    assert decision.action is Action.FIX
    assert codes(decision)[:2] == ["AMOUNT_NOT_RECORD", "AMOUNT_UNIT_SLIP"]
    assert decision.fix is not None
    assert decision.fix.changes_what_buyer_pays
    assert "100 × 31000" in decision.fix.equation
    assert [(one.op, one.path, one.value) for one in decision.fix.patch] == [
        ("test", "/amount_minor", 3_100_000),
        ("replace", "/amount_minor", 31_000),
    ]


def test_a_burst_of_dispersed_addresses_is_reviewed(
    make_order: Any, decide_on: Any, fake_state: Any
) -> None:
    decision = decide_on(make_order(), fake_state(BURST))
    assert decision.action is Action.REVIEW
    assert codes(decision)[0] == "BURST_OF_DISPERSED_ADDRESSES"


def test_a_closed_order_is_stopped_and_its_amount_is_not_repaired(
    make_order: Any, decide_on: Any
) -> None:
    decision = decide_on(make_order(state="closed", amount_minor=30_999))
    assert decision.action is Action.STOP
    assert decision.fix is None


def test_nothing_is_repaired_where_record_and_basket_disagree(
    make_order: Any, decide_on: Any, order_fields: Any
) -> None:
    record = {**order_fields["record"], "amount_minor": 30_000}
    decision = decide_on(make_order(record=record))
    assert decision.action is Action.STOP
    assert decision.fix_candidates == ()


def test_a_basket_against_the_amount_alone_is_left_to_a_person(
    make_order: Any, decide_on: Any
) -> None:
    decision = decide_on(make_order(record=None, amount_minor=31_001))
    assert decision.action is Action.FIX
    assert decision.fix is None
    assert {fix.repair for fix in decision.fix_candidates} == {"amounts"}
    assert len(decision.fix_candidates) > 1
    assert not any(fix.certain for fix in decision.fix_candidates)


def test_a_repair_across_currencies_is_not_offered(
    make_order: Any, decide_on: Any, order_fields: Any
) -> None:
    record = {**order_fields["record"], "currency": "HKD"}
    decision = decide_on(make_order(record=record, amount_minor=3_100_000))
    assert decision.action is Action.STOP


def test_an_unresolved_attempt_waits_and_says_to_query_with_the_same_number(
    make_order: Any, decide_on: Any
) -> None:
    attempt = {"attempt_no": 1, "sent_at": "2026-03-11T10:29:00+08:00", "raw_code": "JMPT200062"}
    decision = decide_on(make_order(attempts=[attempt]))
    assert decision.action is Action.WAIT
    assert codes(decision) == ["EARLIER_ATTEMPT_UNRESOLVED"]
    assert decision.retry is not None
    assert decision.retry.advice is Advice.QUERY_FIRST


def test_the_sub_code_of_an_attempt_counts(make_order: Any, decide_on: Any) -> None:
    attempt = {
        "attempt_no": 1,
        "sent_at": "2026-03-11T10:29:00+08:00",
        "raw_code": "000000",
        "raw_sub_code": "never seen",
    }
    decision = decide_on(make_order(attempts=[attempt]))
    assert codes(decision) == ["EARLIER_ATTEMPT_UNRESOLVED"]


def test_a_rule_that_lacks_an_input_says_so_and_gives_no_reason(
    make_order: Any, decide_on: Any
) -> None:
    decision = decide_on(make_order())
    lacking = {one.code: one.names for one in decision.missing}
    assert lacking["BUYER_VELOCITY"] == ("buyer_orders_10m", "buyer_orders_24h")
    assert "BUYER_VELOCITY" not in codes(decision)


@pytest.mark.parametrize(
    ("has_state", "has_model", "mode"),
    [
        (True, True, Mode.FULL),
        (True, False, Mode.RULES_ONLY),
        (False, True, Mode.STATELESS),
        (False, False, Mode.STATELESS_RULES_ONLY),
    ],
)
def test_the_mode_says_what_was_missing(
    has_state: Any,
    has_model: Any,
    mode: Any,
    make_order: Any,
    decide_on: Any,
    fake_state: Any,
    fixed_scorer: Any,
) -> None:
    state = fake_state() if has_state else None
    scorer = fixed_scorer({"refused": 0.01}) if has_model else None
    assert decide_on(make_order(), state, scorer).mode is mode


def test_an_unknown_channel_names_the_known_ones(make_order: Any, decide_on: Any) -> None:
    with pytest.raises(UnknownChannel, match=r"Did you mean 'jd_pay'.*lakala_payout"):
        decide_on(make_order(channel="jdpay"))


def test_a_feature_of_the_wrong_kind_is_refused(
    make_order: Any, decide_on: Any, fake_state: Any
) -> None:
    for odd in ("600", True, float("nan")):
        with pytest.raises(RuleError, match=r"buyer_orders_10m is .* finite number"):
            decide_on(make_order(), fake_state({"buyer_orders_10m": odd}))


def test_the_same_inputs_give_the_same_bytes(
    make_order: Any, decide_on: Any, fake_state: Any, fixed_scorer: Any
) -> None:
    def once() -> bytes:
        scorer = fixed_scorer({"refused": 0.3, "risk_block": 0.1})
        decision = decide_on(make_order(amount_minor=31_100), fake_state(BURST), scorer)
        return msgspec.json.encode(decision)

    assert once() == once()
    assert msgspec.json.encode(msgspec.json.decode(once(), type=Decision)) == once()


def test_state_is_read_once_even_when_a_repair_is_tried(
    make_order: Any, decide_on: Any, fake_state: Any
) -> None:
    state = fake_state()
    decide_on(make_order(amount_minor=3_100_000), state)
    assert state.reads == 1


def test_a_likely_refusal_is_reviewed_and_a_near_certain_one_stopped(
    make_order: Any, decide_on: Any, fixed_scorer: Any
) -> None:
    actions = [
        decide_on(make_order(), None, fixed_scorer({"refused": p})).action
        for p in (0.01, 0.5, 0.999)
    ]
    assert actions == [Action.SUBMIT, Action.REVIEW, Action.STOP]


def test_the_costs_of_a_repaired_order_are_those_of_the_order_that_would_be_sent(
    make_order: Any, decide_on: Any, fake_state: Any
) -> None:
    class FearsMismatch:
        version = schema_hash = "fears"
        heads = ("refused",)

        def probabilities(self, features: Mapping[str, Value]) -> dict[str, float]:
            return {"refused": 0.9 if features.get("record_residue_minor") else 0.01}

    state = fake_state({"record_residue_minor": -3_069_000})
    decision = decide_on(make_order(amount_minor=3_100_000), state, FearsMismatch())
    assert decision.probabilities == {"refused": 0.9}
    assert decision.expected_costs is not None
    assert decision.expected_costs.after_fix
    assert decision.expected_costs.probability == 0.01
    assert decision.action is Action.FIX


def test_the_fraud_head_is_never_used(make_order: Any, decide_on: Any, fixed_scorer: Any) -> None:
    decision = decide_on(make_order(), None, fixed_scorer({"fraud": 0.999}))
    assert decision.action is Action.SUBMIT
    assert decision.expected_costs is None


def test_a_decision_carries_its_thresholds_costs_and_versions(
    make_order: Any, decide_on: Any, book: Any
) -> None:
    decision = decide_on(make_order())
    assert decision.thresholds["BUYER_VELOCITY.orders_10m"] == 5
    assert decision.versions.book == book.version
    assert decision.versions.engine == "compiled"
