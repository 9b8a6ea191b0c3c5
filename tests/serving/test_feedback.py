from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from features.errors import InvalidOrder
from features.times import from_us
from serving.problems import MalformedJson, NotRecorded
from serving.requests import OutcomeReport, parse_outcome

WithBench = Callable[[Callable[[Any], Awaitable[None]]], None]
MakeOrder = Callable[..., bytes]


def test_an_outcome_is_mapped_written_and_counted(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        await bench.desk.score(make_order())
        answer = await bench.feedback.take(OutcomeReport(order_id="O1", raw_code="RISK"))
        assert (answer.outcome_class, answer.final) == ("risk_block", True)
        assert answer.channel == "jd_pay"
        assert bench.state.outcomes == ["risk_block"]
        (row,) = bench.reader.outcomes_of("O1")
        assert row.raw_code == "RISK"

    with_bench(act)


def test_a_code_that_is_not_listed_is_unknown_and_to_be_queried(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        await bench.desk.score(make_order())
        answer = await bench.feedback.take(OutcomeReport(order_id="O1", raw_code="NEW"))
        assert (answer.outcome_class, answer.final) == ("unknown", False)
        assert answer.retry.advice.value == "query_first"

    with_bench(act)


def test_the_same_answer_counts_once(with_bench: WithBench, make_order: MakeOrder) -> None:
    async def act(bench: Any) -> None:
        await bench.desk.score(make_order())
        report = OutcomeReport(order_id="O1", raw_code="RISK")
        first = await bench.feedback.take(report)
        second = await bench.feedback.take(report)
        assert (first.duplicate, second.duplicate) == (False, True)
        assert first.received_at == second.received_at
        assert bench.state.outcomes == ["risk_block"]

    with_bench(act)


def test_the_same_answer_to_another_attempt_counts_again(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        await bench.desk.score(make_order())
        for attempt_no in (1, 2):
            report = OutcomeReport(order_id="O1", raw_code="RISK", attempt_no=attempt_no)
            await bench.feedback.take(report)
        assert len(bench.reader.outcomes_of("O1")) == 2

    with_bench(act)


@pytest.mark.parametrize("channel", [None, "jd_pay"])
def test_an_order_that_was_never_seen_is_named(with_bench: WithBench, channel: str | None) -> None:
    async def act(bench: Any) -> None:
        with pytest.raises(NotRecorded, match="'ghost' was never scored"):
            await bench.feedback.take(
                OutcomeReport(order_id="ghost", raw_code="RISK", channel=channel)
            )
        assert bench.reader.counts()["outcomes"] == 0

    with_bench(act)


def test_long_numbers_in_a_message_are_masked(with_bench: WithBench, make_order: MakeOrder) -> None:
    async def act(bench: Any) -> None:
        await bench.desk.score(make_order())
        message = "card 6222020000001234 of 13800138000 refused"
        await bench.feedback.take(
            OutcomeReport(order_id="O1", raw_code="RISK", raw_message=message)
        )
        (row,) = bench.reader.outcomes_of("O1")
        assert row.raw_message == "card …1234 of …8000 refused"

    with_bench(act)


def test_an_outcome_counts_from_the_arrival_that_was_reported(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        await bench.desk.score(make_order())
        arrived = from_us(bench.clock.at_us - 5_000_000)
        report = OutcomeReport(order_id="O1", raw_code="RISK", received_at=arrived)
        assert (await bench.feedback.take(report)).received_at == arrived

    with_bench(act)


def test_an_outcome_from_the_future_is_refused(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        await bench.desk.score(make_order())
        report = OutcomeReport(
            order_id="O1", raw_code="RISK", received_at=datetime(2100, 1, 1, tzinfo=UTC)
        )
        with pytest.raises(InvalidOrder, match="received_at"):
            await bench.feedback.take(report)
        assert bench.reader.counts()["outcomes"] == 0

    with_bench(act)


def test_a_report_names_every_bad_field_at_once() -> None:
    with pytest.raises(InvalidOrder) as caught:
        parse_outcome(b'{"order_id": "", "raw_code": 5, "http_status": 7, "color": 1}')
    paths = {fault.path for fault in caught.value.faults}
    assert paths == {"order_id", "raw_code", "http_status", "color"}


def test_a_report_that_is_no_json_is_refused() -> None:
    with pytest.raises(MalformedJson):
        parse_outcome(b"{")


def test_an_instant_that_utc_cannot_express_is_named(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        await bench.desk.score(make_order())
        raw = b'{"order_id": "O1", "raw_code": "X", "occurred_at": "0001-01-01T00:00:00+14:00"}'
        with pytest.raises(InvalidOrder, match="occurred_at"):
            await bench.feedback.take(parse_outcome(raw))
        assert bench.reader.counts()["outcomes"] == 0

    with_bench(act)
