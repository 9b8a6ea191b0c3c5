"""Congestion grows with the sending rate; numbered requests pass in their order."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.edge import order_from_dict
from features.masking import Masker
from features.times import to_us
from rules.packs import Packs
from training.simulate.channel.channel import Silence
from training.simulate.channel.crowd import CONGESTION, Capacity, Crowd
from training.simulate.channel.protocol import Reply, Submission
from training.simulate.channel.registry import RISK_POLICY, Fate, Registry
from training.simulate.channel.running import ChannelPlan, build_house
from training.simulate.channel.turnstile import Turnstile
from training.simulate.channel.verdict import Judge
from training.simulate.history import simulate_history
from training.simulate.load.cut import cut_history
from training.simulate.scenario_file import load_scenario

OpenCounter = Callable[..., Any]
MINUTE_US = 60_000_000
TEN = Capacity(10, MINUTE_US, 1.0, ["JMPT200033"])


def sent(open_counter: OpenCounter, apart_s: float, capacity: Capacity | None = TEN) -> list[Any]:
    counter = open_counter("jd_pay", capacity=capacity)
    answers = []
    for number in range(60):
        answers.append(counter.submit(f"A{number}"))
        counter.wait(apart_s)
    return answers


def taken(answers: list[Any]) -> int:
    return sum(isinstance(one, Reply) and one.raw_code != "JMPT200033" for one in answers)


def test_what_is_sent_at_one_instant_brings_a_channel_down_and_paced_it_passes(
    open_counter: OpenCounter,
) -> None:
    at_once, paced = sent(open_counter, 0.0), sent(open_counter, 6.5)
    assert 10 <= taken(at_once) < 20
    assert taken(paced) == 60


def test_without_a_capacity_nothing_is_too_much(open_counter: OpenCounter) -> None:
    assert taken(sent(open_counter, 0.0, capacity=None)) == 60


def test_a_choked_channel_says_so_in_its_own_code_or_not_at_all(open_counter: OpenCounter) -> None:
    turned_away = sent(open_counter, 0.0)[20:]
    assert {one.raw_code for one in turned_away if isinstance(one, Reply)} == {"JMPT200033"}
    assert Silence.TIMEOUT in turned_away


@given(st.floats(1.0, 3.0), st.floats(1.0, 3.0))
def test_the_faster_it_is_sent_the_more_is_hit_and_never_below_capacity(
    one: float, other: float
) -> None:
    slow, fast = sorted((one, other))
    hit = []
    for times in (slow, fast):
        crowd = Crowd(TEN, seed=7)
        gap_us = round(MINUTE_US / (10 * times))
        hit.append(sum(crowd.strain(f"A{n}", n * gap_us) is not None for n in range(200)))
    assert hit[0] <= hit[1] + 20
    crowd = Crowd(TEN, seed=7)
    assert not any(crowd.strain(f"A{n}", n * MINUTE_US // 9) for n in range(200))


def test_an_answer_is_slower_the_further_above_capacity(open_counter: OpenCounter) -> None:
    counter = open_counter("jd_pay", capacity=TEN)
    slow = []
    for number in range(25):
        counter.submit(f"A{number}")
        slow.append(counter.channel.slowness)
    assert slow[:11] == [0.0] * 11
    assert slow[15] == pytest.approx(0.5)
    assert slow[-1] == 1.0


def test_a_number_that_was_told_busy_gets_the_same_answer_again(open_counter: OpenCounter) -> None:
    counter = open_counter("jd_pay", capacity=TEN)
    answers = {f"A{n}": counter.submit(f"A{n}") for n in range(40)}
    busy = [key for key, one in answers.items() if getattr(one, "raw_code", "") == "JMPT200033"]
    counter.wait(3_600)
    assert counter.code(busy[0]) == "JMPT200033"
    assert not set(busy) & set(counter.paid)


def test_a_played_history_has_its_scenarios_capacity(tmp_path: Path) -> None:
    simulate_history(600, 2, 3, tmp_path / "whole")
    cut_history(tmp_path / "whole", tmp_path / "past", tmp_path / "future", 120)
    scenario = load_scenario("peak_day")
    plan = ChannelPlan(["jd_pay", "lakala_payout"], 1, 1, scenario, history=tmp_path / "future")
    whole = ChannelPlan(["jd_pay"], 1, 1, scenario, history=tmp_path / "whole")
    crowd, same = (build_house(one).channel("jd_pay")._crowd for one in (plan, whole))
    assert crowd._capacity is not None
    assert crowd._capacity == same._capacity  # the cut does not change what is usual
    assert crowd._capacity.submissions >= scenario.congestion["jd_pay"].at_least
    assert set(crowd._capacity.busy_codes) == {"JMPT200033"}  # the only one that is final
    tested = build_house(ChannelPlan(["jd_pay"], 1, 1, scenario))
    assert tested.channel("jd_pay")._crowd._capacity is None
    option = build_house(ChannelPlan(["generic"], 1, 1, scenario, per_minute=9))
    capacity = option.channel("generic")._crowd._capacity
    assert capacity is not None
    assert (capacity.submissions, capacity.share) == (9, 1.0)


def test_congestion_of_the_history_is_decided_anew_where_there_is_a_capacity(
    order_fields: dict[str, Any], masker: Masker, packs: Packs
) -> None:
    fate = Fate("ordinary", None, CONGESTION, 31_000, 31_000, ((1_000, "JMPT200033"),))
    order = order_from_dict(order_fields, masker)
    sent = Submission(order_id=order.order_id, amount=31_000, currency="CNY", order=order_fields)
    codes = []
    for anew in (frozenset({RISK_POLICY}), frozenset({RISK_POLICY, CONGESTION})):
        registry = Registry({order.order_id: fate}, {})
        judge = Judge(packs["jd_pay"], None, registry, seed=1, takes_test_numbers=False, anew=anew)
        verdict = judge.judge(sent, order, to_us(order.placed_at))
        codes.append(verdict.course.turns[-1].code)
    assert codes == ["JMPT200033", "status=2"]


@given(st.permutations(range(1, 9)), st.integers(0, 3))
def test_numbered_requests_pass_in_their_order_however_they_come(
    numbers: list[int], awaits: int
) -> None:
    passed: list[int] = []
    turnstile = Turnstile(patience_s=30)

    async def request(number: int) -> None:
        for _ in range(awaits * number % 5):
            await asyncio.sleep(0)
        await turnstile.wait(f"run {number}")
        passed.append(number)
        turnstile.done(f"run {number}")

    async def all_of_them() -> None:
        await asyncio.gather(*map(request, numbers))

    asyncio.run(all_of_them())
    assert passed == list(range(1, 9))


def test_a_number_that_never_comes_holds_the_others_up_for_a_while_only() -> None:
    turnstile, passed = Turnstile(patience_s=0.02), []

    async def request(number: int) -> None:
        await turnstile.wait(f"run {number}")
        passed.append(number)
        turnstile.done(f"run {number}")

    async def all_of_them() -> None:
        await asyncio.gather(request(5), request(3), request(4), turnstile.wait("other x"))
        await turnstile.wait(None)

    asyncio.run(all_of_them())
    assert passed == [3, 4, 5]


def test_a_channel_tells_when_something_is_due_next(open_counter: OpenCounter) -> None:
    counter = open_counter("jd_pay")
    assert counter.channel.next_due_us is None
    counter.submit("TESTPAID1")
    due_us = counter.channel.next_due_us
    assert due_us is not None
    counter.now_us = due_us - 1
    counter.wait(0)
    assert counter.paid == []
    counter.now_us = due_us
    counter.wait(0)
    assert counter.paid == ["TESTPAID1"]
