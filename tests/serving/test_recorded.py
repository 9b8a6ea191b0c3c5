"""Retry advice by everything that the ledger holds about an order, not by the last answer alone."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from features.ledger import LedgerReader, create_schema
from rules.codes import MappedOutcome
from rules.packs import Packs, load_packs
from serving.feedback import Feedback, OutcomeAnswer
from serving.recorded import KEPT_OF_EACH, advise, recorded, recorded_history
from serving.requests import OutcomeReport

WithBench = Callable[[Callable[[Any], Awaitable[None]]], None]
NEW_NUMBER = "O1R2"


@cache
def packs() -> Packs:
    return load_packs()


def read(channel: str, report: OutcomeReport) -> MappedOutcome:
    return packs()[channel].map_outcome(report.api, report.raw_code, report.raw_sub_code)


class Talk:
    """Reports about one order, a minute apart."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        advising = partial(_advise, packs())
        self.feedback = Feedback(bench.journal, read, advising)

    async def say(self, **report: Any) -> OutcomeAnswer:
        self.bench.clock.at_us += 60_000_000
        return await self.feedback.take(OutcomeReport(order_id="O1", **report))

    async def advice(self, **report: Any) -> str:
        return (await self.say(**report)).retry.advice.value


def _advise(known: Packs, rows: Any, now_us: int) -> Any:
    return advise(rows, known, now_us)


def talking(act: Callable[[Talk], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    async def inside(bench: Any) -> None:
        await bench.desk.score(_order())
        await act(Talk(bench))

    return inside


def _order(**changes: Any) -> bytes:
    order = {
        "order_id": "O1",
        "merchant_id": "M1",
        "channel": "jd_pay",
        "placed_at": "2026-11-22T10:00:00+08:00",
        "amount_minor": 100,
        "currency": "CNY",
    }
    return msgspec.json.encode(order | changes)


def test_a_refusal_after_an_open_number_gives_no_new_one(with_bench: WithBench) -> None:
    async def act(talk: Talk) -> None:
        assert await talk.advice(http_status=504) == "query_first"
        said = {"raw_code": "JMPT200056", "request_id": NEW_NUMBER, "asked": "submit"}
        answer = await talk.say(**said)
        assert (answer.retry.advice.value, answer.retry.number) == ("query_first", "O1")

    with_bench(talking(act))


def test_a_late_success_of_an_old_number_wins(with_bench: WithBench) -> None:
    async def act(talk: Talk) -> None:
        assert await talk.advice(raw_code="JMPT200056") == "new_id"
        assert await talk.advice(raw_code="JMPT200056", request_id=NEW_NUMBER) == "new_id"
        assert await talk.advice(raw_code="status=2", asked="callback") == "never"
        assert await talk.advice(raw_code="JMPT200056", request_id="O1R3") == "never"

    with_bench(talking(act))


def test_a_repeated_answer_is_no_outcome_but_tells_that_things_still_stand_so(
    with_bench: WithBench,
) -> None:
    async def act(talk: Talk) -> None:
        await talk.say(raw_code="status=3", asked="query")
        assert await talk.advice(raw_code="JMPT200070", asked="query") == "query_first"
        again = await talk.say(raw_code="status=3", asked="query")
        assert again.duplicate
        assert again.retry.advice.value == "new_id"
        assert len(talk.bench.reader.outcomes_of("O1")) == 2
        assert len(talk.bench.reader.reports_of("O1")) == 3

    with_bench(talking(act))


def test_an_answer_under_another_number_is_another_answer(with_bench: WithBench) -> None:
    async def act(talk: Talk) -> None:
        first = await talk.say(raw_code="JMPT200056")
        second = await talk.say(raw_code="JMPT200056", request_id=NEW_NUMBER)
        assert (first.duplicate, second.duplicate) == (False, False)

    with_bench(talking(act))


def test_an_attempt_that_a_later_content_leaves_out_was_made_all_the_same(
    with_bench: WithBench,
) -> None:
    async def act(talk: Talk) -> None:
        attempt = {"attempt_no": 1, "sent_at": "2026-11-22T10:00:01+08:00", "request_id": "OLD"}
        await talk.bench.desk.score(_order(attempts=[attempt]))
        await talk.bench.desk.score(_order(amount_minor=101))
        answer = await talk.say(raw_code="JMPT200056", asked="submit")
        assert (answer.retry.advice.value, answer.retry.number) == ("query_first", "OLD")

    with_bench(talking(act))


def test_after_a_restart_the_advice_is_the_same(with_bench: WithBench) -> None:
    async def act(talk: Talk) -> None:
        answer = await talk.say(raw_code="JMPT200033", asked="submit", attempt_no=1)
        reader = LedgerReader(talk.bench.engine)  # nothing else survives
        again = advise(recorded(reader, "O1"), packs(), talk.bench.clock.at_us)
        assert again == answer.retry

    with_bench(talking(act))


def test_after_a_restart_every_number_is_still_new(with_bench: WithBench) -> None:
    async def act(talk: Talk) -> None:
        await talk.say(raw_code="JMPT200070")
        await talk.say(raw_code="JMPT200070")
        talk.bench.journal.open_to_read()
        await talk.say(raw_code="JMPT200070")
        numbers = [row.seq for row in talk.bench.reader.reports_of("O1")]
        assert numbers == sorted(set(numbers))
        assert numbers[-1] == talk.bench.reader.last_seq()

    with_bench(talking(act))


def test_outcomes_from_before_reports_were_written_down_still_count(with_bench: WithBench) -> None:
    async def act(talk: Talk) -> None:
        await talk.say(raw_code="status=2")
        with talk.bench.engine.begin() as connection:
            connection.execute(text("drop table reports"))
        create_schema(talk.bench.engine)
        rows = recorded(talk.bench.reader, "O1")
        assert rows.reports == ()
        assert advise(rows, packs(), talk.bench.clock.at_us).advice.value == "never"

    with_bench(talking(act))


@pytest.mark.parametrize(("stored", "wins"), [("unknown", "never"), ("accepted", "never")])
def test_a_code_means_what_it_means_today_unless_it_once_meant_paid(
    with_bench: WithBench, stored: str, wins: str
) -> None:
    async def act(talk: Talk) -> None:
        code = "status=2" if stored == "unknown" else "JMPT200056"
        await talk.say(raw_code=code)
        final = int(stored == "accepted")
        with talk.bench.engine.begin() as connection:
            change = text("update outcomes set outcome_class = :c, final = :f")
            connection.execute(change, {"c": stored, "f": final})
        rows = recorded(talk.bench.reader, "O1")
        assert advise(rows, packs(), talk.bench.clock.at_us).advice.value == wins

    with_bench(talking(act))


def test_what_an_answer_answers_is_written_down(with_bench: WithBench) -> None:
    async def act(talk: Talk) -> None:
        await talk.say(raw_code="JMPT200070", asked="query", attempt_no=2, request_id=NEW_NUMBER)
        (one,) = recorded_history(recorded(talk.bench.reader, "O1"), packs()).heard
        assert (one.asked.value, one.attempt_no, one.number.text) == ("query", 2, NEW_NUMBER)

    with_bench(talking(act))


def test_an_order_that_was_asked_about_for_a_day_is_planned_by_what_tells(
    with_bench: WithBench,
) -> None:
    async def act(talk: Talk) -> None:
        await talk.say(raw_code="JMPT200070", asked="submit", attempt_no=1)
        rows = recorded(talk.bench.reader, "O1")
        (one,) = rows.reports
        polled = [
            msgspec.structs.replace(one, seq=n, received_us=n, asked="query") for n in range(99)
        ]
        many = replace(rows, reports=(one, *polled))
        heard = recorded_history(many, packs()).heard
        assert len(heard) == KEPT_OF_EACH + 2
        assert {0, 98, one.received_us} <= {answer.at_us for answer in heard}

    with_bench(talking(act))
