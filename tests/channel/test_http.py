"""The protocol over real HTTP, on this machine alone."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from features.edge import order_from_dict
from features.masking import Masker
from features.times import from_us, to_us
from rules.packs import load_packs
from training.simulate.channel.app import build_app
from training.simulate.channel.channel import Channel, Temper
from training.simulate.channel.clock import Clock
from training.simulate.channel.house import House
from training.simulate.channel.loopback import loopback_url
from training.simulate.channel.protocol import ChannelError
from training.simulate.channel.script import Script
from training.simulate.channel.verdict import Judge
from training.simulate.channel.wire import Wire, WireError

json_bytes = msgspec.json.encode
Open = Callable[..., Any]


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an app in a thread, on a free port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def client(order_fields: dict[str, Any], masker: Masker) -> Iterator[httpx.Client]:
    start_us = to_us(order_from_dict(order_fields, masker).placed_at)
    channels = {
        pack.channel: Channel(
            pack,
            Judge(pack, None, None, seed=1, takes_test_numbers=True),
            Temper(seed=1, script=Script(), per_second=5),
            start_us,
        )
        for pack in load_packs()
    }
    clock = Clock(start_us=start_us, speed=0, seconds=time.monotonic)
    with (
        served(build_app(House(channels, clock), hang_s=0.4)) as url,
        httpx.Client(base_url=url, timeout=5, trust_env=False) as opened,
    ):
        yield opened


@pytest.fixture
def body(order_fields: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    def made(order_id: str, **changes: Any) -> dict[str, Any]:
        order = order_fields | {"order_id": order_id}
        sent = {"order_id": order_id, "amount": 31_000, "currency": "CNY", "order": order}
        return sent | changes

    return made


def test_an_order_is_submitted_queried_and_settled(client: httpx.Client, body: Open) -> None:
    said = client.post("/jd_pay/submit", json=body("A1"))
    assert said.status_code == 200
    assert said.json()["raw_code"] == "JMPT200062"
    client.post("/clock", json={"now": "2026-03-13T00:00:00+08:00"})
    assert client.get("/jd_pay/query/A1").json()["raw_code"] == "status=2"
    settled = client.get("/jd_pay/settlement", params={"date": "2026-03-11"})
    assert [line.split(",")[1] for line in settled.text.splitlines()] == ["order_id", "A1"]
    assert client.get("/ledger").json()["channels"]["jd_pay"]["payments"] == 1


def test_a_client_that_was_killed_before_the_answer_finds_its_payment_again(
    client: httpx.Client, body: Open
) -> None:
    with pytest.raises(httpx.ReadTimeout):
        client.post("/jd_pay/submit", json=body("TESTTIMEOUTPAID1"), timeout=0.1)
    again = client.post("/jd_pay/submit", json=body("TESTTIMEOUTPAID1"))
    assert again.status_code == 200
    client.post("/clock", json={"now": "2026-03-13T00:00:00+08:00"})
    assert client.get("/jd_pay/query/TESTTIMEOUTPAID1").json()["raw_code"] == "status=2"
    ledger = client.get("/ledger").json()["channels"]["jd_pay"]
    assert (ledger["payments"], ledger["paid_twice"]) == (1, {})


@pytest.mark.parametrize(
    ("order_id", "status"), [("TESTTIMEOUTLOST1", 504), ("TESTDOWN1", 503), ("TESTRISK1", 200)]
)
def test_a_trouble_has_its_status(
    client: httpx.Client, body: Open, order_id: str, status: int
) -> None:
    assert client.post("/generic/submit", json=body(order_id)).status_code == status


def test_what_cannot_be_read_lists_every_bad_field(client: httpx.Client, body: Open) -> None:
    answer = client.post("/submit", json=body("A1", currency=7, colour="red"))
    assert answer.status_code == 422
    assert {fault["path"] for fault in answer.json()["faults"]} == {"currency", "colour"}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/query/NOBODY", 404), ("/settlement?date=soon", 400), ("/jd_pya/query/A1", 400)],
)
def test_a_wrong_question_is_refused(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_over_the_limit_the_answer_is_429_with_the_channels_code(
    client: httpx.Client, body: Open
) -> None:
    answers = [client.post("/jd_pay/submit", json=body(f"A{n}")) for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["raw_code"] == "JMPT200033"


@pytest.mark.parametrize("url", ["http://198.51.100.7/x", "http://example.com/", "ftp://127.0.0.1"])
def test_only_this_machine_is_called_back(client: httpx.Client, body: Open, url: str) -> None:
    assert client.post("/submit", json=body("A1", notify_url=url)).status_code == 400
    with pytest.raises(ChannelError, match="only this machine"):
        loopback_url(url, "--to")


def test_a_dead_inbox_stops_nothing(client: httpx.Client, body: Open, tmp_path: Path) -> None:
    client.post("/jd_pay/submit", json=body("A1", notify_url="http://127.0.0.1:9/callback"))
    client.post("/clock", json={"now": "2026-03-13T00:00:00+08:00"})
    ledger = client.get("/ledger").json()
    assert ledger["undelivered_callbacks"] == 1
    assert ledger["channels"]["jd_pay"]["payments"] == 1


def test_an_answer_tells_when_something_is_due_next(client: httpx.Client, body: Open) -> None:
    assert client.get("/jd_pay/query/NOBODY").headers["x-next-due"] == ""
    due_us = int(client.post("/jd_pay/submit", json=body("TESTPAID1")).headers["x-next-due"])
    client.post("/clock", json={"now": from_us(due_us - 1).isoformat()})
    assert client.get("/ledger").json()["channels"]["jd_pay"]["payments"] == 0
    client.post("/clock", json={"now": from_us(due_us).isoformat()})
    assert client.get("/ledger").json()["channels"]["jd_pay"]["payments"] == 1


def test_numbered_submissions_are_taken_in_their_order_whichever_comes_first(
    client: httpx.Client, body: Open
) -> None:
    statuses: dict[int, int] = {}

    def submit(number: int) -> None:
        headers = {"x-turn": f"run {number}"}
        answer = client.post("/jd_pay/submit", json=body(f"A{number}"), headers=headers)
        statuses[number] = answer.status_code

    threads = [Thread(target=submit, args=(number,)) for number in range(6, 0, -1)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    assert statuses == {1: 200, 2: 200, 3: 200, 4: 200, 5: 200, 6: 429}  # five fit in a second


def test_the_load_speaks_to_a_channel_over_kept_connections(
    client: httpx.Client, body: Open
) -> None:
    async def speak() -> tuple[list[int], int]:
        wire = Wire(str(client.base_url), timeout_s=5)
        asked = [wire.post("/jd_pay/submit", json_bytes(body(f"A{n}"))) for n in range(3)]
        answers = await asyncio.gather(*asked)
        answers += [await wire.get(f"/jd_pay/query/A{n}") for n in (0, 1, 9)]
        kept = len(wire._idle)
        await wire.close()
        return [answer.status for answer in answers], kept

    statuses, kept = asyncio.run(speak())
    assert statuses == [200, 200, 200, 200, 200, 404]
    assert kept <= 3


def test_nobody_there_and_an_answer_too_late_are_no_answer(
    client: httpx.Client, body: Open
) -> None:
    async def speak(url: str, timeout_s: float) -> None:
        wire = Wire(url, timeout_s=timeout_s)
        await wire.post("/jd_pay/submit", json_bytes(body("TESTTIMEOUTPAID1")))

    for url in ("http://127.0.0.1:9", str(client.base_url)):
        with pytest.raises(WireError, match="does not answer"):
            asyncio.run(speak(url, 0.1))
