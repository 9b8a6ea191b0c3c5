from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.times import from_us
from rules.decision import Action, Advice
from rules.holds import Hold, Holds
from rules.packs import Packs
from rules.retry import history_of

NOW = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
PAID, REFUSED, SILENT, RISK = "JMPT200071", "JMPT200056", None, "JMPT200019"


def attempts(*codes: str | None, numbers: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Attempts a minute apart, the last an hour ago, each under a number of its own if named."""
    made = []
    for place, code in enumerate(codes):
        sent_at = NOW - timedelta(hours=1, minutes=len(codes) - place)
        one: dict[str, Any] = {"attempt_no": place + 1, "sent_at": sent_at.isoformat()}
        one |= {} if code is None else {"raw_code": code}
        one |= {"request_id": numbers[place]} if numbers else {}
        made.append(one)
    return made


def test_an_earlier_number_that_is_open_holds_the_order(make_order: Any, decide_on: Any) -> None:
    sent = attempts(SILENT, REFUSED, numbers=("N1", "N2"))
    decision = decide_on(make_order(attempts=sent))
    assert decision.retry.advice is Advice.QUERY_FIRST
    assert (decision.action, decision.reasons[0].code) == (Action.WAIT, "SENT_BEFORE")
    assert decision.wait.until is None


def test_what_was_paid_once_is_stopped_whatever_was_answered_since(
    make_order: Any, decide_on: Any
) -> None:
    sent = attempts(PAID, REFUSED, numbers=("N1", "N2"))
    assert decide_on(make_order(attempts=sent)).action is Action.STOP


def test_pausing_the_rule_does_not_open_the_way(make_order: Any, decide_on: Any) -> None:
    hold = Hold(by="ana", since=from_us(0), why="trial")
    paused = Holds(rules={"EARLIER_ATTEMPT_UNRESOLVED": hold})
    decision = decide_on(make_order(attempts=attempts(SILENT)), holds=paused)
    assert (decision.action, decision.reasons[0].code) == (Action.WAIT, "SENT_BEFORE")


def test_nothing_is_repaired_while_an_earlier_number_is_open(
    make_order: Any, decide_on: Any
) -> None:
    wrong = make_order(amount_minor=4_290_000)
    assert decide_on(wrong).action is Action.FIX
    open_too = make_order(amount_minor=4_290_000, attempts=attempts(SILENT))
    decision = decide_on(open_too)
    assert decision.fix is None
    assert decision.action is Action.STOP


def test_what_is_on_record_counts_where_the_order_states_no_attempt(
    make_order: Any, decide_on: Any, packs: Packs
) -> None:
    past = history_of(make_order(attempts=attempts(SILENT)), packs)
    assert decide_on(make_order()).action is Action.SUBMIT
    assert decide_on(make_order(), past=past).action is Action.WAIT


def test_an_order_that_was_never_sent_has_no_such_reason(make_order: Any, decide_on: Any) -> None:
    decision = decide_on(make_order())
    assert decision.retry is None
    assert "SENT_BEFORE" not in {reason.code for reason in decision.reasons}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    codes=st.lists(st.sampled_from([PAID, REFUSED, SILENT, RISK, "NEVER_SEEN"]), max_size=4),
    apart=st.booleans(),
    amount=st.sampled_from([42_900, 4_290_000]),
)
def test_nothing_is_sent_that_the_retry_advice_holds(
    make_order: Any, decide_on: Any, codes: list[str | None], apart: bool, amount: int
) -> None:
    numbers = tuple(f"N{place}" for place in range(len(codes))) if apart else ()
    decision = decide_on(
        make_order(amount_minor=amount, attempts=attempts(*codes, numbers=numbers))
    )
    advice = None if decision.retry is None else decision.retry.advice
    if advice is Advice.NEVER:
        assert decision.action is Action.STOP
    if advice is Advice.QUERY_FIRST:
        assert decision.action in (Action.WAIT, Action.REVIEW, Action.STOP)
        assert decision.wait is None or decision.wait.until is None


def test_a_refused_number_may_be_followed_by_a_new_one(make_order: Any, decide_on: Any) -> None:
    decision = decide_on(make_order(attempts=attempts(REFUSED)))
    assert decision.retry.advice is Advice.NEW_ID
    assert decision.action is not Action.WAIT
