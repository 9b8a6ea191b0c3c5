"""What was reported of an order counts when it is scored again, though it states no attempt."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from serving.replay import replay
from serving.requests import OutcomeReport
from serving.settings import Settings
from serving.wiring import build_service

REFUSED = "JMPT200056"


def talk(home: Path, order: bytes, *codes: str | None) -> list[tuple[Any, bool]]:
    """Score an order, then again after each answer; None is a call that got none."""

    async def inside() -> list[tuple[Any, bool]]:
        service = build_service(Settings(home=home))
        service.open()
        first = await service.desk.score(order)
        answers = [(msgspec.json.decode(first.body), first.repeated)]
        for place, code in enumerate(codes):
            report = OutcomeReport(
                order_id=answers[0][0]["order_id"],
                raw_code=code,
                asked="submit",
                attempt_no=place + 1,
                request_id=f"N{place}",
            )
            await service.feedback.take(report)
            again = await service.desk.score(order)
            answers.append((msgspec.json.decode(again.body), again.repeated))
        await service.close()
        return answers

    return asyncio.run(inside())


def test_a_time_out_that_was_reported_holds_the_order(tmp_path: Path, make_order: Any) -> None:
    (first, _), (second, repeated) = talk(tmp_path, make_order(), None)
    assert first["action"] != "WAIT"
    assert not repeated
    assert second["action"] == "WAIT"
    assert second["retry"]["advice"] == "query_first"
    assert second["reasons"][0]["code"] == "SENT_BEFORE"


def test_a_refusal_of_a_later_number_does_not_settle_the_earlier(
    tmp_path: Path, make_order: Any
) -> None:
    answers = talk(tmp_path, make_order(), None, REFUSED)
    assert [answer["action"] for answer, _ in answers[1:]] == ["WAIT", "WAIT"]


def test_such_decisions_replay_to_the_byte(tmp_path: Path, make_order: Any) -> None:
    talk(tmp_path, make_order(), None, REFUSED)
    found = list(replay(Settings(home=tmp_path)))
    assert len(found) == 3
    assert [one.differs for one in found] == [()] * 3
