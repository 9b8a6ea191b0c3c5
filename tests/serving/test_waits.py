"""An answer to wait is over at its instant: then the same request gets another answer."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from features.times import from_us, now_us
from rules.holds_store import Change, Switch, hold_store_of, switch_off, switch_on
from rules.stopping import CHANNEL_STOPPED
from serving.replay import replay
from serving.settings import Settings
from serving.waits import is_over
from serving.wiring import build_service

MakeOrder = Callable[..., bytes]
USED_UP = {"limit_per_day_minor": 20_000, "used_today_minor": 20_000}
AT_US = 1_800_000_000_000_000


def told(until_us: int | None, *codes: str) -> bytes:
    until = None if until_us is None else from_us(until_us)
    return msgspec.json.encode({"action": "WAIT", "wait": {"until": until, "codes": codes}})


@pytest.mark.parametrize(
    ("answer", "over"),
    [
        (b'{"action": "SUBMIT", "wait": null}', False),
        (b'{"action": "SUBMIT"}', False),
        (told(AT_US + 1, "CHANNEL_OUTAGE"), False),
        (told(AT_US, "CHANNEL_OUTAGE"), True),
        (told(None, "EARLIER_ATTEMPT_UNRESOLVED"), False),
        (told(None, CHANNEL_STOPPED), True),
        (told(AT_US + 1, CHANNEL_STOPPED), True),
    ],
)
def test_only_a_wait_whose_time_has_come_is_over(answer: bytes, over: bool) -> None:
    assert is_over(answer, AT_US) is over


def play(home: Path, *steps: bytes | Callable[[], object]) -> list[tuple[Any, bool]]:
    """Score orders in a running service; what is no order is done between them, and seen."""

    async def inside() -> list[tuple[Any, bool]]:
        service = build_service(Settings(home=home))
        service.open()
        answers = []
        for step in steps:
            if isinstance(step, bytes):
                scored = await service.desk.score(step)
                answers.append((msgspec.json.decode(scored.body), scored.repeated))
            else:
                step()
                service.watch.look()
        await service.close()
        return answers

    return asyncio.run(inside())


def change(**more: Any) -> Change:
    return Change(
        switch=Switch.CHANNEL, name="jd_pay", by="ana", why="a test", at_us=now_us(), **more
    )


def test_a_stopped_channels_order_is_judged_anew_once_the_channel_runs_again(
    tmp_path: Path, make_order: MakeOrder
) -> None:
    store, order = hold_store_of(tmp_path), make_order()
    (first, _), (second, is_repeated), (again, is_again) = play(
        tmp_path,
        lambda: switch_off(store, change(), None),
        order,
        lambda: switch_on(store, change()),
        order,
        order,
    )
    assert (first["action"], first["wait"]["until"]) == ("WAIT", None)
    assert (second["action"], second["wait"], is_repeated) == ("SUBMIT", None, False)
    assert second["superseding"] == {"decision_id": first["decision_id"], "differs": []}
    assert (again, is_again) == (second, True)


def test_until_its_instant_an_answer_to_wait_is_repeated(
    tmp_path: Path, make_order: MakeOrder
) -> None:
    order = make_order(account=USED_UP)
    (first, _), (second, is_repeated) = play(tmp_path, order, order)
    assert first["wait"]["codes"] == ["AMOUNT_OVER_LIMIT"]
    assert first["wait"]["until"] is not None
    assert (second, is_repeated) == (first, True)


def test_a_replay_of_waits_is_equal_to_the_last_byte(tmp_path: Path, make_order: MakeOrder) -> None:
    store = hold_store_of(tmp_path)
    until = from_us(now_us()) + timedelta(hours=1)
    play(
        tmp_path,
        make_order(order_id="O0"),
        make_order(order_id="O3", account=USED_UP),
        lambda: switch_off(store, change(until=until), None),
        make_order(order_id="O1"),
        make_order(order_id="O2", amount_minor=200),
    )
    found = list(replay(Settings(home=tmp_path)))
    assert len(found) == 4
    assert [one.differs for one in found] == [()] * 4
