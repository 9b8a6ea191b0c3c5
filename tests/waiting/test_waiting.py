"""Which orders wait, until when, and which rules may say that waiting is an honest way out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import RuleError
from features.kinds import Value
from features.live_changes import Changes
from features.order import Order
from features.outcome import OutcomeClass
from features.times import from_us, to_us
from rules.book import Book
from rules.court import court_of
from rules.decide import decide
from rules.decision import Action, Advice, Basis, Decision
from rules.holds import Hold, Holds
from rules.maintenance import left_us, read_hours
from rules.packs import load_packs
from rules.stopping import CHANNEL_STOPPED
from rules.terms import Terms
from rules.waiting_slots import SPAN_US, span_us, turn_us

AS_OF_US = 1_773_196_200_000_000
MINUTE_US = 60_000_000
OUTAGE: Mapping[str, Value] = {
    "channel_outcomes_15m": 40,
    "channel_fault_rate_15m": 0.9,
    "channel_fault_rate_7d": 0.01,
}
CLEARS_US = AS_OF_US + 7 * MINUTE_US


@dataclass
class FadingState:
    """Says one thing before an instant, and nothing from then on."""

    features: Mapping[str, Value]
    clears_us: int = CLEARS_US
    reads: list[int] = field(default_factory=list)

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        self.reads.append(as_of_us)
        return dict(self.features) if as_of_us < self.clears_us else {}

    def read_windows(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int
    ) -> dict[str, Value]:
        whole = self.read(facts, as_of_us)
        return {name: whole[name] for name in names if name in whole}

    def changes_after(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int, until_us: int
    ) -> Changes:
        return Changes((self.clears_us,) if as_of_us < self.clears_us <= until_us else (), True)


@pytest.fixture
def decide_on(book: Book, packs: Any) -> Any:
    def judge(order: Order, state: Any = None, **more: Any) -> Decision:
        return decide(order, state, replace(Terms(book, packs), **more), AS_OF_US)

    return judge


def attempt(code: str | None, ago: timedelta = timedelta(minutes=30)) -> dict[str, Any]:
    told = {} if code is None else {"raw_code": code}
    return {"attempt_no": 1, "sent_at": (from_us(AS_OF_US) - ago).isoformat(), **told}


def test_the_rules_that_wait_are_these_and_no_others(book: Book) -> None:
    assert {rule.code: rule.entry.waits for rule in book if rule.entry.waits} == {
        "AMOUNT_OVER_LIMIT": "day",
        "CHANNEL_OUTAGE": "time",
        "CHANNEL_UNDER_MAINTENANCE": "time",
        "EARLIER_ATTEMPT_UNRESOLVED": "query",
        "SENDING_TOO_FAST": "time",
    }


def test_no_rule_about_risk_or_of_a_regulation_waits(book: Book) -> None:
    for rule in book:
        if rule.entry.waits is not None:
            assert rule.entry.outcome_class not in (OutcomeClass.RISK_BLOCK, OutcomeClass.FRAUD)
            assert rule.entry.basis is not Basis.REGULATION


RULE = """
rules:
  - code: A_RULE
    title: {{zh: 试, en: try}}
    when: {when}
    waits: time
    outcome_class: {outcome_class}
    severity: {severity}
    basis: {basis}
    source: a test
    grade: {grade}
    reason: {{zh: 试, en: try}}
    examples: {{fires: [{{}}], passes: [{{}}]}}
    {more}
"""
PLAIN = {
    "when": "lane_orders_1m > 5",
    "outcome_class": "channel",
    "severity": "warn",
    "basis": "heuristic",
    "grade": "H",
    "more": "",
}
DATES = "effective_from: 2020-01-01\n    checked_on: 2026-01-01"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"outcome_class": "risk_block"}, "pass risk control in disguise"),
        ({"basis": "regulation", "grade": "D", "more": DATES}, "stands on a regulation"),
        ({"severity": "info"}, "severity is info, which holds nothing"),
        ({"severity": "score"}, "severity is score, which holds nothing"),
        ({"when": "calendar.hour == 23"}, "reads calendar.hour, which is of the order's own time"),
    ],
)
def test_a_rule_that_may_not_wait_is_refused_with_the_reason(
    changes: dict[str, str], told: str, book_from: Any
) -> None:
    assert book_from(RULE.format(**PLAIN))
    with pytest.raises(RuleError, match=rf"line 5: A_RULE: `waits` is time, but .*{told}"):
        book_from(RULE.format(**{**PLAIN, **changes}))


def test_an_order_waits_until_the_channels_windows_have_cleared(
    make_order: Any, decide_on: Any
) -> None:
    state = FadingState(OUTAGE)
    decision = decide_on(make_order(), state)
    assert decision.action is Action.WAIT
    assert decision.wait is not None
    assert decision.wait.codes == ("CHANNEL_OUTAGE",)
    assert decision.wait.clears_at == from_us(CLEARS_US)
    assert decision.wait.until is not None
    assert 0 <= (decision.wait.until - decision.wait.clears_at).total_seconds() < 15 * 60
    assert decision.wait.checked
    assert to_us(decision.wait.until) in state.reads


def test_the_same_order_is_submitted_when_its_time_has_come(
    make_order: Any, book: Book, packs: Any
) -> None:
    state, terms, order = FadingState(OUTAGE), Terms(book, packs), make_order()
    wait = decide(order, state, terms, AS_OF_US).wait
    assert wait is not None
    assert wait.until is not None
    assert decide(order, state, terms, to_us(wait.until)).action is Action.SUBMIT


def test_a_state_is_read_once_where_nothing_waits(make_order: Any, decide_on: Any) -> None:
    state = FadingState({"buyer_orders_10m": 99, "buyer_orders_24h": 99})
    assert decide_on(make_order(), state).wait is None
    assert state.reads == [AS_OF_US]


def test_an_order_that_expires_before_is_not_told_to_wait(make_order: Any, decide_on: Any) -> None:
    expires_at = from_us(CLEARS_US - MINUTE_US).isoformat()
    decision = decide_on(make_order(expires_at=expires_at), FadingState(OUTAGE))
    assert (decision.wait, decision.action) == (None, Action.SUBMIT)


def test_the_turn_of_an_order_that_expires_soon_is_not_after_its_end(
    make_order: Any, decide_on: Any
) -> None:
    expires_at = from_us(CLEARS_US + 1)
    wait = decide_on(make_order(expires_at=expires_at.isoformat()), FadingState(OUTAGE)).wait
    assert wait is not None
    assert wait.until == wait.clears_at == from_us(CLEARS_US)


def test_what_must_be_repaired_by_a_person_is_not_told_to_wait(
    make_order: Any, decide_on: Any
) -> None:
    decision = decide_on(make_order(state="closed"), FadingState(OUTAGE))
    assert (decision.wait, decision.action) == (None, Action.STOP)


def test_an_order_that_is_repaired_waits_all_the_same(make_order: Any, decide_on: Any) -> None:
    decision = decide_on(make_order(amount_minor=3_100_000), FadingState(OUTAGE))
    assert decision.action is Action.FIX
    assert decision.wait is not None
    assert decision.wait.codes == ("CHANNEL_OUTAGE",)


def test_an_earlier_attempt_without_a_result_is_queried_first(
    make_order: Any, decide_on: Any
) -> None:
    decision = decide_on(make_order(attempts=[attempt("JMPT200062")]))
    assert decision.action is Action.WAIT
    assert decision.wait is not None
    assert (decision.wait.until, decision.wait.checked) == (None, False)
    assert decision.retry is not None
    assert decision.retry.advice is Advice.QUERY_FIRST


def test_an_attempt_that_no_query_finds_any_more_is_a_persons(
    make_order: Any, decide_on: Any
) -> None:
    attempts = [attempt(None, ago=timedelta(days=31))]
    decision = decide_on(make_order(channel="wechat_transfer", attempts=attempts))
    codes = {reason.code for reason in decision.reasons}
    assert {"EARLIER_ATTEMPT_UNRESOLVED", "QUERY_TOO_LATE"} <= codes
    assert (decision.wait, decision.action) == (None, Action.STOP)


LIMITED = {"limit_per_day_minor": 100_000, "used_today_minor": 90_000}


def test_a_daily_limit_begins_again_at_midnight(make_order: Any, decide_on: Any) -> None:
    decision = decide_on(make_order(account=LIMITED))
    assert decision.action is Action.WAIT
    assert decision.wait is not None
    assert decision.wait.clears_at == datetime(2026, 3, 11, 16, tzinfo=UTC)
    assert not decision.wait.checked


def test_a_limit_of_one_order_is_not_cleared_by_any_day(make_order: Any, decide_on: Any) -> None:
    decision = decide_on(make_order(account={"limit_per_order_minor": 30_000, **LIMITED}))
    assert (decision.wait, decision.action) == (None, Action.STOP)


def held_until(until: datetime | None) -> Holds:
    hold = Hold(by="ana", since=from_us(AS_OF_US), why="a test", until=until)
    return Holds(channels={"jd_pay": hold})


def test_a_stopped_channels_orders_wait_for_its_start(make_order: Any, decide_on: Any) -> None:
    until = from_us(AS_OF_US + 30 * MINUTE_US)
    wait = decide_on(make_order(), holds=held_until(until)).wait
    assert wait is not None
    assert (wait.codes, wait.clears_at) == ((CHANNEL_STOPPED,), until)
    assert wait.until is not None
    assert until <= wait.until < until + timedelta(microseconds=SPAN_US)


def test_without_a_planned_start_no_instant_is_told(make_order: Any, decide_on: Any) -> None:
    decision = decide_on(make_order(), holds=held_until(None))
    assert decision.action is Action.WAIT
    assert decision.wait is not None
    assert decision.wait.until is None


def test_a_channel_that_starts_again_and_is_not_healthy_yet_is_waited_for(
    make_order: Any, decide_on: Any
) -> None:
    until = from_us(AS_OF_US + 2 * MINUTE_US)
    wait = decide_on(make_order(), FadingState(OUTAGE), holds=held_until(until)).wait
    assert wait is not None
    assert wait.codes == (CHANNEL_STOPPED, "CHANNEL_OUTAGE")
    assert wait.clears_at == from_us(CLEARS_US)


def turns(make_order: Any, span: int) -> list[int]:
    return sorted(turn_us(make_order(order_id=f"ORDER{n}"), span) for n in range(1_000))


def test_a_thousand_orders_that_wait_for_one_instant_are_spread_evenly(make_order: Any) -> None:
    span = 15 * MINUTE_US
    found = turns(make_order, span)
    assert found[0] >= 0
    assert found[-1] < span
    by_minute = [sum(n * MINUTE_US <= us < (n + 1) * MINUTE_US for us in found) for n in range(15)]
    assert max(by_minute) < 2 * 1_000 / 15
    assert max(after - before for before, after in pairwise(found)) < MINUTE_US


def test_an_order_always_has_the_same_turn(make_order: Any) -> None:
    assert turn_us(make_order(), SPAN_US) == turn_us(make_order(amount_minor=1), SPAN_US)


def test_the_span_is_as_long_as_the_window_and_longer_where_the_channel_takes_less(
    book: Book, packs: Any
) -> None:
    court = court_of(Terms(book, packs), "wechat_pay", AS_OF_US, is_stateless=False)
    takes = court.pack.number("max_requests_per_second")
    assert takes is not None
    assert span_us(["CHANNEL_OUTAGE"], court, {}) == 15 * MINUTE_US
    assert span_us(["SENDING_TOO_FAST"], court, {}) == MINUTE_US
    crowd = {"lane_orders_1m": 3 * 60 * takes}
    assert span_us(["SENDING_TOO_FAST"], court, crowd) == 3 * MINUTE_US
    assert span_us(["AMOUNT_OVER_LIMIT"], court, {}) == SPAN_US


MAINTAINED = """
channel: jd_pay
extends: jd_pay
title: {zh: 京东支付, en: JD Pay}
kinds: [order]
checked_on: 2026-11-22
facts:
  maintenance_hours: {value: "10:00-11:15", source: our contract, grade: A}
"""


def test_a_maintenance_is_waited_for_to_its_end(
    make_order: Any, book: Book, tmp_path: Path
) -> None:
    (tmp_path / "jd_pay.yaml").write_text(MAINTAINED, encoding="utf-8")
    packs = load_packs(own_packs=tmp_path)
    decision = decide(make_order(), None, Terms(book, packs), AS_OF_US)
    assert decision.action is Action.WAIT
    assert decision.wait is not None
    assert decision.wait.codes == ("CHANNEL_UNDER_MAINTENANCE",)
    assert decision.wait.clears_at == datetime(2026, 3, 11, 3, 15, tzinfo=UTC)
    assert decision.wait.checked


@pytest.mark.parametrize("hours", ["23:30", "9:00-10:00", "10:00-10:00", "24:00-01:00"])
def test_hours_that_are_none_are_refused(hours: str, tmp_path: Path) -> None:
    (tmp_path / "jd_pay.yaml").write_text(MAINTAINED.replace("10:00-11:15", hours), "utf-8")
    with pytest.raises(RuleError, match=r"line 8: maintenance_hours is .* such as 23:30-00:30"):
        load_packs(own_packs=tmp_path)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 2 * 1440))
def test_what_is_left_of_a_maintenance_is_counted_minute_by_minute(
    first: int, last: int, at: int
) -> None:
    def told(minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}"

    hours = read_hours(f"{told(first)}-{told(last)}")
    if first == last:
        assert hours is None
        return
    assert hours is not None
    inside = [(first + n) % 1440 for n in range((last - first) % 1440)]
    local = (at + 8 * 60) % 1440
    left = len(inside) - inside.index(local) if local in inside else 0
    assert left_us(hours, at * MINUTE_US) == left * MINUTE_US
