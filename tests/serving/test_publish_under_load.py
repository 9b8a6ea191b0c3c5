"""Books are published while orders come in over real HTTP: none fails, none sees two books."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import msgspec
import pytest

from rules.releases.audit import AuditLine, Verb
from rules.releases.store import store_of
from serving.app import build_app
from serving.server import bind, make_server
from serving.settings import Settings
from serving.wiring import build_service
from training.bench.publish_load import Plan
from training.bench.publish_report import measure_publish
from training.simulate.channel.wire import Wire

MakeOrder = Callable[..., bytes]
ORDERS, IN_FLIGHT, PUBLICATIONS = 2_000, 8, 6
RULE = """
rules:
  - code: {code}
    title: {{zh: 甲, en: A}}
    when: amount_minor > 0
    outcome_class: risk_block
    severity: warn
    basis: heuristic
    source: test
    grade: H
    reason: {{zh: 甲, en: A}}
    examples:
      fires: [{{amount_minor: 1}}]
      passes: [{{amount_minor: 0}}]
"""
CODES = ("BOOK_A", "BOOK_B")


def publish(home: Path, code: str) -> None:
    store = store_of(home)
    with store.writing():
        version = store.write("book", {"own.yaml": RULE.format(code=code).encode()})
        at = datetime(2026, 11, 22, tzinfo=UTC)
        store.point(AuditLine(at=at, by="ana", verb=Verb.PUBLISH, kind="book", after=version))


@pytest.fixture
def served(tmp_path: Path, free_port: int) -> Iterator[str]:
    """Serve a real service, a book of one rule, over real HTTP."""
    publish(tmp_path, CODES[0])
    settings = Settings(home=tmp_path, port=free_port)
    server = make_server(build_app(build_service(settings)))
    thread = Thread(target=server.run, kwargs={"sockets": [bind(settings)]}, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.01)
    yield settings.address
    server.should_exit = True
    thread.join(timeout=10)


async def _load(url: str, bodies: Iterator[bytes], answers: list[Any]) -> None:
    wire = Wire(url, timeout_s=10)

    async def send() -> None:
        for body in bodies:
            answer = await wire.post("/v1/score", body)
            assert answer.status == 200, answer.text
            answers.append(msgspec.json.decode(answer.body))

    async with asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(send())
    await wire.close()


def _publish_spread(home: Path, answers: list[Any], published: list[str]) -> None:
    for number in range(1, PUBLICATIONS + 1):
        while len(answers) < number * ORDERS / (PUBLICATIONS + 1):
            sleep(0.005)
        published.append(CODES[number % 2])
        publish(home, published[-1])


def test_no_order_fails_and_none_sees_two_books(
    served: str, tmp_path: Path, make_order: MakeOrder
) -> None:
    answers: list[Any] = []
    published = [CODES[0]]
    publisher = Thread(target=_publish_spread, args=(tmp_path, answers, published), daemon=True)
    publisher.start()
    bodies = (make_order(order_id=f"O{number}") for number in range(ORDERS))
    asyncio.run(_load(served, bodies, answers))
    publisher.join(timeout=10)
    assert len(answers) == ORDERS
    answers.sort(key=lambda answer: answer["as_of"])
    seen = [(_only_code(answer), answer["versions"]["book"]) for answer in answers]
    assert len(set(seen)) == 2, "each rule comes with its own book's version, and with no other"
    turns = [code for code, _ in groupby(code for code, _ in seen)]
    assert turns == published[: len(turns)], "never back and forth within one publication"
    assert len(turns) > 2


def _only_code(answer: Mapping[str, Any]) -> str:
    (reason,) = answer["reasons"]
    return str(reason["code"])


@pytest.mark.slow
def test_a_hundred_thousand_orders_and_not_one_fails_or_mixes() -> None:
    report = measure_publish(Plan(100_000, 16, publications=12, kills=8, stops=5, seed=1))
    assert report.holds, "\n".join(report.lines())
    assert report.turns >= 10
    assert report.stop.most_ms < 1_000
    assert report.start.most_ms < 1_000
