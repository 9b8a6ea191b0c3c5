"""Retry advice: nothing may lead to a second payment, and where it is safe an order can go on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.order import Attempt
from features.outcome import OutcomeClass
from features.times import from_us, to_us
from rules.codes import MappedOutcome, load_codes
from rules.decision import Advice, Retry
from rules.pack_reading import STATES_FILE
from rules.packs import SHIPPED_CHANNELS, Packs, load_packs
from rules.retry import history_of, plan, retry_of
from rules.retry.actions import NEXT_ACTIONS
from rules.retry.history import Asked, Heard, History, Number, Sent
from rules.retry.policy import POLICY, BackOff
from rules.retry.table import advised

CODES = load_codes(SHIPPED_CHANNELS / "codes.tsv").rows
ROWS = (*CODES, *load_codes(SHIPPED_CHANNELS / STATES_FILE).rows)
START = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
ORDER, OTHER = "ORDER00001", "ORDER00001R2"
REFUND_APIS = {"refund", "profitsharing"}


@cache
def packs() -> Packs:
    return load_packs()


def us(seconds: float) -> int:
    return to_us(START) + int(seconds * 1_000_000)


def heard(code: str | None, at: float = 0, channel: str = "jd_pay", **more: Any) -> Heard:
    """Make one answer, `at` seconds after the start; the number is the order's own."""
    number = Number(channel, more.pop("number", ORDER))
    sub_code = more.pop("sub_code", None)
    meaning = packs()[channel].map_outcome(None, code, sub_code)
    asked = more.pop("asked", Asked.SUBMIT)
    return Heard(number, us(at), asked, meaning, sub_code or code, **more)


def planned(*answers: Heard, now: float | None = None, sent: tuple[Sent, ...] = ()) -> Retry:
    channel = answers[0].number.channel
    past = History(ORDER, channel, sent, answers)
    now_us = answers[-1].at_us if now is None else us(now)
    retry = plan(past, packs()[channel], now_us)
    assert retry is not None
    return retry


def seconds(retry: Retry) -> float | None:
    """Tell from when, in seconds after the start."""
    return None if retry.not_before is None else (retry.not_before - START).total_seconds()


@pytest.mark.parametrize(
    ("channel", "code", "advice"),
    [
        ("jd_pay", None, Advice.QUERY_FIRST),
        ("jd_pay", "JMPT200062", Advice.QUERY_FIRST),
        ("jd_pay", "never seen", Advice.QUERY_FIRST),
        ("jd_pay", "JMPT200056", Advice.NEW_ID),
        ("jd_pay", "JMPT200019", Advice.NEVER),
        ("jd_pay", "JMPT200071", Advice.NEVER),
        ("jd_pay", "JMPT200033", Advice.SAME_ID),
        ("jd_pay", "JMPT200039", Advice.QUERY_FIRST),
        ("jd_pay", "CASH0002", Advice.QUERY_FIRST),
        ("jd_pay", "RFND009000", Advice.QUERY_FIRST),
        ("lakala_payout", "000101", Advice.QUERY_FIRST),
        ("jd_payout", "OUT_TRADE_NO_EXIST", Advice.QUERY_FIRST),
        ("alipay_payout", "PAYMENT_INFO_INCONSISTENCY", Advice.QUERY_FIRST),
        ("wechat_transfer", "NOT_ENOUGH", Advice.SAME_ID),
        ("wechat_pay", "SYSTEM_ERROR", Advice.SAME_ID),
        ("wechat_pay", "ORDERNOTEXIST", Advice.QUERY_FIRST),
        ("wechat_pay", "SIGN_ERROR", Advice.SAME_ID),
        ("unionpay", "42", Advice.NEVER),
    ],
)
def test_after_one_answer_we_advise(channel: str, code: Any, advice: Any) -> None:
    assert planned(heard(code, channel=channel)).advice is advice


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.table}:{row.code[:30]}")
def test_every_code_has_an_advice_that_cannot_pay_twice(row: Any) -> None:
    retry = advised(row, packs())
    meaning = row.mapped
    if retry.advice is Advice.NEW_ID:
        assert meaning.final
        assert row.api not in REFUND_APIS
        assert meaning.subclass not in ("duplicate", "duplicate_id", "idempotency_conflict")
        assert meaning.outcome_class not in {OutcomeClass.ACCEPTED, OutcomeClass.UNKNOWN}
    if meaning.outcome_class is OutcomeClass.ACCEPTED and meaning.final:
        assert retry.advice is Advice.NEVER
    if meaning.outcome_class is OutcomeClass.UNKNOWN and retry.advice is Advice.SAME_ID:
        assert meaning.next_action == "same_id_retry"
    assert (retry.at_most is not None) == (retry.advice in (Advice.SAME_ID, Advice.NEW_ID))
    assert (retry.text.zh, retry.text.en) != ("", "")


def test_all_235_codes_of_the_table_are_asked() -> None:
    assert len(CODES) == 235


def test_every_next_action_of_the_tables_is_known() -> None:
    assert {row.mapped.next_action for row in ROWS} - set(NEXT_ACTIONS) == set()


@given(
    st.sampled_from(OutcomeClass),
    st.booleans(),
    st.sampled_from([*sorted(NEXT_ACTIONS), "a user's own word"]),
    st.sampled_from(Asked),
)
def test_no_combination_invites_a_second_payment(
    outcome_class: Any, final: Any, next_action: Any, asked: Any
) -> None:
    meaning = MappedOutcome(
        outcome_class=outcome_class,
        subclass=None,
        final=final,
        next_action=next_action,
        source=None,
        grade=None,
    )
    one = Heard(Number("generic", ORDER), us(0), asked, meaning, "X")
    retry = planned(one)
    if outcome_class in {OutcomeClass.UNKNOWN, OutcomeClass.ACCEPTED} or not final:
        assert retry.advice is not Advice.NEW_ID


_CODES = (None, "JMPT200070", "JMPT200056", "status=3", "status=4", "JMPT200033", "JPGT100000")
_answers = st.lists(
    st.builds(
        lambda code, at, asked, number, attempt: heard(
            code, at, asked=asked, number=number, attempt_no=attempt
        ),
        st.sampled_from(_CODES),
        st.integers(0, 300_000),
        st.sampled_from(Asked),
        st.sampled_from((ORDER, OTHER)),
        st.none() | st.integers(1, 3),
    ),
    max_size=6,
)


@given(_answers, _answers, st.sampled_from((ORDER, OTHER)), st.sampled_from(Asked))
def test_once_a_payment_was_heard_of_nothing_undoes_it(
    before: Any, after: Any, number: Any, asked: Any
) -> None:
    paid = heard("status=2", 150_000, asked=asked, number=number)
    assert planned(*before, paid, *after, now=400_000).advice is Advice.NEVER


@given(_answers)
def test_while_a_number_heard_nothing_but_silence_no_new_number_is_advised(answers: Any) -> None:
    silent = heard(None, 0, number="ORDER00001R9")
    assert planned(silent, *answers, now=400_000).advice is not Advice.NEW_ID


@given(_answers)
def test_the_same_history_gives_the_same_advice_whatever_was_planned_before(answers: Any) -> None:
    if answers:
        assert planned(*answers, now=400_000) == planned(*answers, now=400_000)


def test_a_new_number_is_named_and_stays_the_same_until_something_is_heard_of_it() -> None:
    refused = heard("JMPT200056")
    first, again = planned(refused), planned(refused, now=9_999)
    assert first.number == again.number != ORDER
    assert first.number is not None
    assert first.number.isalnum()
    after = planned(refused, heard("JMPT200056", 60, number=first.number))
    assert after.number not in (None, ORDER, first.number)


@pytest.mark.parametrize("order_id", ["A" * 32, "订单-1", "x", "ORDER00001"])
def test_a_new_number_fits_the_channel_or_is_left_to_the_merchant(order_id: str) -> None:
    one = replace(heard("PARAM_ERROR", channel="wechat_pay"), number=Number("wechat_pay", order_id))
    retry = plan(History(order_id, "wechat_pay", (), (one,)), packs()["wechat_pay"], us(0))
    assert retry is not None
    assert retry.number is not None
    assert 6 <= len(retry.number) <= 32
    assert retry.number.isascii()


def test_a_late_success_under_an_old_number_forbids_any_further_call() -> None:
    retry = planned(
        heard("JMPT200056"),
        heard("JMPT200056", 60, number=OTHER),
        heard("status=2", 90, asked=Asked.CALLBACK),
    )
    assert (retry.advice, retry.number) == (Advice.NEVER, ORDER)


def test_with_an_old_number_open_neither_number_may_be_sent() -> None:
    retry = planned(heard(None), heard("JMPT200033", 60, number=OTHER))
    assert (retry.advice, retry.number) == (Advice.QUERY_FIRST, ORDER)


def test_another_channel_is_another_number() -> None:
    past = History(ORDER, "jd_pay", (), (heard(None), heard("PARAM_ERROR", 5, "wechat_pay")))
    retry = plan(past, packs()["jd_pay"], us(10))
    assert retry is not None
    assert retry.advice is Advice.QUERY_FIRST


def test_an_order_that_a_query_does_not_find_is_queried_again_then_sent_under_its_number() -> None:
    silent = heard(None, 0, channel="jd_payout")
    early = heard(None, 20, "jd_payout", asked=Asked.QUERY, http_status=404)
    late = replace(early, at_us=us(601))
    assert planned(silent, early).advice is Advice.QUERY_FIRST
    assert planned(silent, late).advice is Advice.QUERY_FIRST, "once is not enough"
    retry = planned(silent, early, late)
    assert (retry.advice, retry.number) == (Advice.SAME_ID, ORDER)


def test_an_error_of_a_query_is_not_the_orders_own() -> None:
    silent = heard(None, 0)
    for code in ("JPGT100000", "JPGT100005", "JMPT200033"):
        assert planned(silent, heard(code, 20, asked=Asked.QUERY)).advice is Advice.QUERY_FIRST
    assert planned(silent, heard("status=3", 20, asked=Asked.QUERY)).advice is Advice.NEW_ID


def test_at_jd_payouts_only_the_trades_state_proves_a_failure() -> None:
    silent = heard(None, 0, "jd_payout")
    error = heard("ACCOUNT_BALANCE_NOT_ENOUGH", 20, "jd_payout", asked=Asked.QUERY)
    error = replace(error, query_errors_prove=False)
    state = heard("0000", 20, "jd_payout", sub_code="CLOS", asked=Asked.QUERY)
    assert planned(silent, error).advice is Advice.QUERY_FIRST
    assert planned(silent, state).advice is Advice.NEW_ID


def test_a_refusal_after_two_calls_counts_once_both_must_have_arrived() -> None:
    calls = (heard(None, 0, attempt_no=1), heard(None, 60, attempt_no=2))
    refused = heard("status=3", 90, asked=Asked.QUERY)
    assert planned(*calls, refused).advice is Advice.QUERY_FIRST
    day = POLICY.under_way_us // 1_000_000
    assert planned(*calls, replace(refused, at_us=us(60 + day))).advice is Advice.NEW_ID


def test_a_closed_number_is_dead_however_many_calls_there_were() -> None:
    calls = (heard(None, 0, attempt_no=1), heard(None, 60, attempt_no=2))
    assert planned(*calls, heard("status=4", 90, asked=Asked.QUERY)).advice is Advice.NEW_ID


def test_a_general_refusal_waits_for_a_query_to_confirm_it() -> None:
    vague = heard("JMPT200020")
    assert planned(vague).advice is Advice.QUERY_FIRST
    assert planned(vague, heard("JMPT200020", 20, asked=Asked.QUERY)).advice is Advice.NEW_ID


def test_queries_become_rarer() -> None:
    answers, gaps = [heard(None, 0)], []
    for _ in range(4):
        wait = seconds(planned(*answers))
        assert wait is not None
        last = (answers[-1].at_us - us(0)) / 1_000_000
        gaps.append(wait - last)
        answers.append(heard("JMPT200070", wait, asked=Asked.QUERY))
    assert gaps == [10, 30, 90, 270]


def test_a_channels_own_rhythm_goes_first() -> None:
    paying = heard("USERPAYING", 0, "wechat_pay")
    assert seconds(planned(paying)) == 5
    asked = heard("USERPAYING", 5, "wechat_pay", asked=Asked.QUERY)
    assert seconds(planned(paying, asked)) == 15


def test_what_the_channel_asks_to_call_again_it_gets_three_times_more() -> None:
    answers: list[Heard] = []
    left = []
    for number in range(5):
        answers.append(heard("SYSTEM_ERROR", number, "wechat_pay", attempt_no=number + 1))
        retry = planned(*answers)
        left.append((retry.advice, retry.at_most))
    assert left == [
        *((Advice.SAME_ID, most) for most in (3, 2, 1)),
        (Advice.QUERY_FIRST, None),
        (Advice.QUERY_FIRST, None),
    ]


def test_crowded_channels_are_left_alone_ever_longer() -> None:
    answers = [heard("JMPT200033", 0, attempt_no=1)]
    assert seconds(planned(*answers)) == 60
    answers.append(heard("JMPT200033", 60, attempt_no=2))
    assert seconds(planned(*answers)) == 60 + 240


def test_a_days_limit_is_tried_again_from_the_next_day_in_the_channels_zone() -> None:
    retry = planned(heard("JMPT200013"))
    assert retry.not_before == datetime(2026, 11, 11, 16, 0, tzinfo=UTC)
    assert planned(heard("JMPT200013"), now=86_400).not_before is None, "by then at once"


def test_after_too_many_calls_a_person_decides() -> None:
    many = [heard("JMPT200033", n, attempt_no=n + 1) for n in range(POLICY.most_calls)]
    assert planned(*many[:-1]).at_most == 1
    assert planned(*many).advice is Advice.NEVER


def test_a_number_that_the_channel_may_have_forgotten_is_never_sent_again() -> None:
    away = heard("NOT_ENOUGH", 0, "wechat_transfer")
    assert planned(away).advice is Advice.SAME_ID
    retry = planned(away, now=2_592_001)
    assert retry.advice is Advice.QUERY_FIRST
    assert "对账单" in retry.text.zh


def test_risk_control_is_final_under_every_number_but_an_open_number_is_still_queried() -> None:
    retry = planned(heard(None, 0), heard("JMPT200019", 60, number=OTHER))
    assert (retry.advice, retry.number) == (Advice.NEVER, ORDER)
    assert "查询" in retry.text.zh


def test_an_order_never_sent_gets_no_advice(make_order: Any) -> None:
    order = make_order()
    assert retry_of(order, packs(), us(0)) is None
    assert plan(history_of(order, packs()), packs()["jd_pay"], us(0)) is None


def test_every_attempt_of_an_order_counts_not_only_the_last(make_order: Any) -> None:
    attempts = (
        Attempt(attempt_no=1, sent_at=START),
        Attempt(
            attempt_no=2, sent_at=START, request_id=OTHER, raw_code="JMPT200056", latency_ms=900
        ),
    )
    order = make_order(attempts=attempts)
    retry = retry_of(order, packs(), us(60))
    assert retry is not None
    assert (retry.advice, retry.number) == (Advice.QUERY_FIRST, order.order_id)


def test_an_attempt_at_another_channel_is_read_by_that_channels_codes(make_order: Any) -> None:
    elsewhere = Attempt(
        attempt_no=1, sent_at=START, channel="wechat_pay", raw_code="trade_state=SUCCESS"
    )
    retry = retry_of(make_order(attempts=(elsewhere,)), packs(), us(60))
    assert retry is not None
    assert retry.advice is Advice.NEVER


@given(st.integers(1, 50), st.integers(2, 5), st.integers(0, 60))
def test_steps_grow_to_their_longest(first: int, factor: int, steps: int) -> None:
    back_off = BackOff(first, factor, 10_000)
    assert back_off.after(steps) == min(first * factor**steps, 10_000)


def test_instants_are_the_same_for_the_same_history() -> None:
    assert planned(heard(None)).not_before == from_us(us(0)) + timedelta(seconds=10)
