"""Idempotency, money, limits, outages and settlement."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.edge import order_from_dict
from features.errors import RuleError
from features.masking import Masker
from features.times import from_us, to_us
from rules.packs import load_packs
from training.simulate.channel.books import ZONE
from training.simulate.channel.channel import Channel, Silence, Temper
from training.simulate.channel.kinds import MAGIC_IDS
from training.simulate.channel.protocol import ChannelError, Reply, Submission
from training.simulate.channel.script import Script, Step, read_script
from training.simulate.channel.verdict import Judge

OpenCounter = Callable[..., Any]
PACKS = load_packs()
MASKER = Masker(bytes(32))
FIELDS: dict[str, Any] = {
    "order_id": "A1",
    "merchant_id": "110234567001",
    "channel": "jd_pay",
    "placed_at": "2026-03-11T10:30:00+08:00",
    "amount_minor": 31_000,
    "currency": "CNY",
}
ORDER = order_from_dict(FIELDS, MASKER)
START_US = to_us(ORDER.placed_at)
IDS = [f"{prefix}{number}" for prefix in ["", *MAGIC_IDS] for number in ("1", "2")]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "submit other", "query", "wait"]),
        st.sampled_from(IDS),
        st.sampled_from([0.0, 0.4, 5.0, 900.0, 90_000.0]),
    ),
    max_size=40,
)


def submission(order_id: str, amount: int = 31_000, purchase: str | None = None) -> Submission:
    return Submission(
        order_id=order_id, amount=amount, currency="CNY", order=FIELDS, purchase_id=purchase
    )


def rough_channel() -> Channel:
    judge = Judge(PACKS["jd_pay"], None, None, seed=3, takes_test_numbers=True)
    temper = Temper(seed=3, script=Script(), per_second=3, is_rough=True)
    return Channel(PACKS["jd_pay"], judge, temper, START_US)


@given(steps=STEPS)
def test_an_order_that_keeps_its_number_is_never_paid_twice(
    steps: list[tuple[str, str, float]],
) -> None:
    channel, now_us = rough_channel(), START_US
    for what, order_id, seconds in steps:
        now_us += round(seconds * 1e6)
        list(channel.advance(now_us))
        if what.startswith("submit"):
            amount = 31_000 if what == "submit" else 30_000
            channel.submit(submission(order_id, amount), ORDER, now_us)
        elif what == "query":
            channel.query(order_id, now_us)
    list(channel.advance(now_us + 10**13))
    assert channel.books.paid_twice() == {}


def test_a_second_number_for_one_purchase_is_seen_in_the_books() -> None:
    channel = rough_channel()
    for order_id in ("TESTPAID1", "TESTTIMEOUTPAID1"):
        channel.submit(submission(order_id, purchase="P1"), ORDER, START_US)
    list(channel.advance(START_US + 10**12))
    assert channel.books.paid_twice() == {"P1": 2}


@given(st.sampled_from([one for one in IDS if not one.startswith("TESTRATE")]))
def test_the_same_number_and_payload_get_the_same_answer(order_id: str) -> None:
    judge = Judge(PACKS["generic"], None, None, seed=3, takes_test_numbers=True)
    temper = Temper(seed=3, script=Script())
    channel = Channel(PACKS["generic"], judge, temper, START_US)
    first = channel.submit(submission(order_id), ORDER, START_US)
    second = channel.submit(submission(order_id), ORDER, START_US)
    if isinstance(first, Reply):
        assert second == first


def test_the_same_number_with_another_payload_pays_nothing_more(open_counter: OpenCounter) -> None:
    counter = open_counter("jd_pay")
    counter.submit("A1", 31_000)
    said = counter.submit("A1", 30_000)
    counter.wait(3_600)
    assert counter.channel.pack.map_outcome(None, said.raw_code).subclass == "duplicate"
    assert [payment.amount_minor for payment in counter.channel.books] == [31_000]


def test_over_the_rate_limit_nothing_is_taken_and_the_number_stays_free(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter("jd_pay", limit=2)
    answers = [counter.submit(f"A{number}") for number in range(3)]
    assert answers[2] is Silence.RATE_LIMITED
    assert counter.channel.rate_limited_code == "JMPT200033"
    counter.wait(1)
    assert isinstance(counter.submit("A2"), Reply)


@pytest.mark.parametrize(
    ("what", "silence", "is_paid"),
    [
        ("down", Silence.DOWN, False),
        ("timeout_paid", Silence.TIMEOUT, True),
        ("timeout_lost", Silence.TIMEOUT, False),
    ],
)
def test_a_scripted_outage_hits_inside_its_time_only(
    open_counter: OpenCounter, what: Any, silence: Silence, is_paid: bool
) -> None:
    script = Script(steps=(Step(from_s=60, until_s=120, what=what),))
    counter = open_counter("jd_pay", script=script)
    assert isinstance(counter.submit("BEFORE"), Reply)
    counter.wait(60)
    assert counter.submit("INSIDE") is silence
    counter.wait(60)
    assert isinstance(counter.submit("AFTER"), Reply)
    counter.wait(3_600)
    assert counter.paid.count("INSIDE") == is_paid


def test_a_scripted_refusal_uses_the_channels_own_code(open_counter: OpenCounter) -> None:
    script = Script(steps=(Step(from_s=0, until_s=1, what="refuse"),))
    assert open_counter("jd_pay", script=script).code("A1") == "JMPT200039"


def test_a_bad_script_is_refused_with_its_line(tmp_path: Any) -> None:
    file = tmp_path / "outage.yaml"
    file.write_text("steps:\n  - {from_s: 0, until_s: 9, what: dwon}\n", encoding="utf-8")
    with pytest.raises(RuleError, match=r"line 2.*down"):
        read_script(file)


def events(counter: Any, order_id: str) -> Iterator[str]:
    return (one.event_id for one in counter.callbacks if one.order_id == order_id)


def test_callbacks_come_twice_late_out_of_order_or_never(open_counter: OpenCounter) -> None:
    counter = open_counter("generic")
    for prefix in ("PAID", "DUPLICATECALLBACK", "LATECALLBACK", "LOSTCALLBACK"):
        counter.submit(f"TEST{prefix}1")
    counter.submit("TESTOUTOFORDERCALLBACK1")
    counter.wait(3_600)
    assert len(list(events(counter, "TESTPAID1"))) == 1
    twice = list(events(counter, "TESTDUPLICATECALLBACK1"))
    assert len(twice) == 2
    assert len(set(twice)) == 1
    assert list(events(counter, "TESTLATECALLBACK1")) == []
    codes = [c.raw_code for c in counter.callbacks if c.order_id == "TESTOUTOFORDERCALLBACK1"]
    assert codes == ["accepted", "unknown"]
    counter.wait(86_400)
    assert len(list(events(counter, "TESTLATECALLBACK1"))) == 1
    assert list(events(counter, "TESTLOSTCALLBACK1")) == []
    assert len(counter.paid) == 5


def test_the_settlement_comes_a_day_later_and_equals_the_payments(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter("jd_pay")
    for number in range(30):
        counter.submit(f"A{number}", 100 + number)
    counter.submit("TESTRISK1")
    day = from_us(counter.now_us).astimezone(ZONE).date()
    with pytest.raises(ChannelError, match="is ready at"):
        counter.channel.settlement(day, counter.now_us)
    counter.wait(2 * 86_400)
    lines = []
    for later in range(2):
        csv = counter.channel.settlement(day + timedelta(days=later), counter.now_us)
        lines += [line.split(",") for line in csv.splitlines()[1:]]
    assert sorted(line[1] for line in lines) == sorted(counter.paid)
    assert sum(int(line[2]) for line in lines) == sum(range(100, 130))
