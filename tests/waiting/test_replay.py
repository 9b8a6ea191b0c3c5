"""Every reading of a decision is recorded in its order, and a replay asks just those again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.facts import order_facts
from features.kinds import Value
from features.live import LiveState
from features.order import Order
from features.times import from_us
from rules.decide import decide
from rules.decision import Action, Decision
from rules.routes import Routes
from rules.terms import Terms
from serving.answers import DecisionRecord
from serving.state import Foreseen, Glance, NotReadThen, Reading, RecordedView, RememberingView

AS_OF_US = 1_773_196_200_000_000
SECOND_US = 1_000_000
ROUTES = Routes(alternatives={"jd_pay": ("wechat_pay", "alipay")})


DAY_US = 86_400 * SECOND_US


def state_with(book: Any, make_order: Any, faults: Mapping[str, int], of: int = 40) -> LiveState:
    """A state in which so many of each channel's last answers were its own faults, as never."""
    state = LiveState(book.catalog)
    answers = [
        (AS_OF_US - days * DAY_US - (of - place) * 10 * SECOND_US, channel, place, days)
        for days in (1, 0)
        for channel in faults
        for place in range(of)
    ]
    for at_us, channel, place, days in sorted(answers):
        order = make_order(
            order_id=f"{channel}{place}x{days}",
            channel=channel,
            placed_at=from_us(at_us).isoformat(),
            buyer={"id": f"b{channel}{place}"},
            device={"id": f"d{channel}{place}"},
            receiver=None,
        )
        state.apply_order(order_facts(order), at_us)
        outcome = "channel" if place < faults[channel] and not days else "accepted"
        state.apply_outcome(order.order_id, outcome, True, at_us + SECOND_US)
    return state


def recorded(decision: Decision, view: RememberingView) -> DecisionRecord:
    """What the ledger gives back of a decision."""
    record = DecisionRecord(decision=decision, state=view.said, later=view.later)
    return msgspec.json.decode(msgspec.json.encode(record), type=DecisionRecord)


def replayed(order: Order, terms: Terms, record: DecisionRecord) -> bytes:
    assert record.state is not None
    view = RecordedView(record.state, record.later)
    return msgspec.json.encode(decide(order, view, terms, AS_OF_US))


@pytest.fixture
def terms(book: Any, packs: Any) -> Terms:
    return Terms(book, packs, routes=ROUTES)


def test_an_order_that_can_be_sent_records_one_reading(
    book: Any, make_order: Any, terms: Terms
) -> None:
    view = RememberingView(state_with(book, make_order, {}))
    decision = decide(make_order(), view, terms, AS_OF_US)
    record = DecisionRecord(decision=decision, state=view.said, later=view.later)
    assert view.later == ()
    assert b'"later"' not in msgspec.json.encode(record)


@given(
    faults=st.dictionaries(
        st.sampled_from(["jd_pay", "wechat_pay", "alipay"]), st.sampled_from([0, 20, 40])
    ),
    has_routes=st.booleans(),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_replay_is_equal_to_the_last_byte(
    faults: dict[str, int], has_routes: bool, book: Any, make_order: Any, terms: Terms
) -> None:
    terms = terms if has_routes else replace(terms, routes=Routes())
    order = make_order()
    view = RememberingView(state_with(book, make_order, faults))
    decision = decide(order, view, terms, AS_OF_US)
    record = recorded(decision, view)
    assert (decision.action is Action.SUBMIT) == (view.later == ())
    assert replayed(order, terms, record) == msgspec.json.encode(decision)


def outage(book: Any, make_order: Any, terms: Terms) -> tuple[Order, DecisionRecord]:
    order = make_order()
    view = RememberingView(state_with(book, make_order, {"jd_pay": 40, "wechat_pay": 40}))
    return order, recorded(decide(order, view, terms, AS_OF_US), view)


def test_what_was_read_besides_is_kept_as_what_differs(
    book: Any, make_order: Any, terms: Terms
) -> None:
    _, record = outage(book, make_order, terms)
    assert {type(one) for one in record.later} == {Reading, Glance, Foreseen}
    assert {one.channel for one in record.later} == {"jd_pay", "wechat_pay", "alipay"}
    readings = [one for one in record.later if isinstance(one, Reading)]
    assert record.state is not None
    assert max(len(one.changed) for one in readings) < len(record.state) / 2
    assert len(msgspec.json.encode(record.later)) < 10_000


def test_a_replay_that_asks_what_was_not_read_says_so(
    book: Any, make_order: Any, terms: Terms
) -> None:
    order, record = outage(book, make_order, terms)
    others = Routes(alternatives={"jd_pay": ("unionpay",)})
    with pytest.raises(NotReadThen, match=r"unionpay as of 2026-03-11 .* wechat_pay"):
        replayed(order, replace(terms, routes=others), record)


def test_a_record_of_one_reading_invents_no_second(
    book: Any, make_order: Any, terms: Terms
) -> None:
    order, record = outage(book, make_order, terms)
    with pytest.raises(NotReadThen, match="nothing more"):
        replayed(order, terms, msgspec.structs.replace(record, later=()))


def test_a_value_that_is_missing_later_is_missing_in_the_replay() -> None:
    said: dict[str, Value] = {"a": 1, "b": 2.5}
    facts: dict[str, Value] = {"channel": "jd_pay"}

    class Fading:
        def __init__(self) -> None:
            self.answers: list[dict[str, Value]] = [said, {"b": 2.5, "c": "x"}]

        def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
            return self.answers.pop(0)

    view = RememberingView(Fading())  # type: ignore[arg-type] # a fake that is only read
    assert [view.read(facts, us) for us in (1, 2)] == [said, {"b": 2.5, "c": "x"}]
    again = RecordedView(said, view.later)
    assert [again.read(facts, us) for us in (1, 2)] == [said, {"b": 2.5, "c": "x"}]
