"""In an emergency a rule is paused or a channel stopped: at once, for all, undone as fast."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from preflight import load_command
from rules.book import SHIPPED_BOOK
from rules.holds_store import hold_store_of
from rules.releases.audit import AuditLine, Verb
from rules.releases.store import store_of
from serving.health import readiness
from serving.replay import replay
from serving.service import Service
from serving.settings import Settings
from serving.watch import HOLDS
from serving.wiring import build_service

MakeOrder = Callable[..., bytes]
Run = Callable[..., str]
RECORD = {"amount_minor": 12_900}
CODE = "AMOUNT_NOT_RECORD"
FILES = ("amounts.yaml", "behaviour.yaml", "contents.yaml")


def publish(home: Path, kind: str, files: dict[str, bytes]) -> None:
    """Make content current as a publication does, without the steps before it."""
    store = store_of(home)
    with store.writing():
        at = datetime(2026, 11, 22, tzinfo=UTC)
        version = store.write(kind, files)
        store.point(AuditLine(at=at, by="ana", verb=Verb.PUBLISH, kind=kind, after=version))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Call `preflight …` on a data folder of the test's own, with some of the shipped rules."""
    publish(tmp_path, "book", {name: (SHIPPED_BOOK / name).read_bytes() for name in FILES})

    def call(command: str, *arguments: str) -> str:
        environment = {"PREFLIGHT_HOME": str(tmp_path), "PREFLIGHT_BY": "ana"}
        called = CliRunner().invoke(
            load_typer(command), arguments, env=environment, catch_exceptions=False
        )
        return called.stdout

    return call


def load_typer(command: str) -> Any:
    """Give a command as the runner takes it."""
    import typer

    from rules.cli import rules_app
    from rules.cli_channels import channels_app
    from rules.cli_holds import holds

    alone = typer.Typer()
    alone.command()(holds)
    return {"rules": rules_app, "channels": channels_app, "holds": alone}[command]


def play(home: Path, *steps: bytes | Callable[[], object]) -> list[Any]:
    """Score orders in a running service; what is no order is done between them, and seen."""

    async def inside() -> list[Any]:
        service = build_service(Settings(home=home))
        service.open()
        answers = []
        for step in steps:
            if isinstance(step, bytes):
                answers.append(msgspec.json.decode((await service.desk.score(step)).body))
            else:
                step()
                service.watch.look()
        await service.close()
        return answers

    return asyncio.run(inside())


def codes(answer: Any) -> list[str]:
    return [reason["code"] for reason in answer["reasons"]]


def test_a_paused_rule_does_not_fire_and_the_answer_lists_it(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    orders = [make_order(order_id=f"O{n}", record=RECORD) for n in range(3)]
    before, paused, after = play(
        tmp_path,
        orders[0],
        lambda: run("rules", "pause", CODE, "--why", "the record is late"),
        orders[1],
        lambda: run("rules", "resume", CODE),
        orders[2],
    )
    assert CODE in codes(before)
    assert CODE not in codes(paused)
    (told,) = paused["paused"]
    assert (told["code"], told["why"]) == (CODE, "the record is late")
    assert paused["versions"]["holds"] != before["versions"]["holds"]
    assert (after["reasons"], after["versions"]) == (before["reasons"], before["versions"])


def test_a_paused_rule_that_would_not_fire_is_not_listed(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    run("rules", "pause", CODE, "--why", "w")
    (answer,) = play(tmp_path, make_order(record={"amount_minor": 100}))
    assert answer["paused"] == []


def test_all_orders_of_a_stopped_channel_wait_and_say_why(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    stopped, other, after = play(
        tmp_path,
        lambda: run("channels", "stop", "jd_pay", "--why", "peak"),
        make_order(order_id="O1"),
        make_order(order_id="O2", channel="generic"),
        lambda: run("channels", "start", "jd_pay"),
        make_order(order_id="O3"),
    )
    assert stopped["action"] == "WAIT"
    assert codes(stopped)[0] == "CHANNEL_STOPPED"
    assert "peak" in stopped["reasons"][0]["text"]["zh"]
    assert stopped["wait"]["until"] is None
    assert "CHANNEL_STOPPED" in stopped["wait"]["codes"]
    assert "CHANNEL_STOPPED" not in codes(other)
    assert "CHANNEL_STOPPED" not in codes(after)
    assert after["action"] != "WAIT"


def test_a_stopped_channel_never_softens_what_a_rule_asks(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    run("channels", "stop", "jd_pay", "--why", "peak")
    (answer,) = play(tmp_path, make_order(amount_minor=0))
    assert answer["action"] == "STOP"
    assert "CHANNEL_STOPPED" in codes(answer)


def test_a_stop_with_an_end_says_until_when_and_ends_by_itself(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    run("channels", "stop", "jd_pay", "--why", "peak", "--until", until.isoformat())
    (answer,) = play(tmp_path, make_order())
    told = datetime.fromisoformat(answer["wait"]["until"])
    assert until <= told < until + timedelta(hours=1)


def test_an_order_that_waited_is_decided_anew_once_the_channel_runs_again(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    run("channels", "stop", "jd_pay", "--why", "peak", "--until", until)
    held, after, again = play(
        tmp_path,
        make_order(),
        lambda: run("channels", "start", "jd_pay"),
        make_order(),
        make_order(),
    )
    assert (held["action"], after["action"]) == ("WAIT", "SUBMIT")
    assert after["superseding"]["decision_id"] == held["decision_id"]
    assert again == after, "what was decided then is stored"


def test_an_order_of_a_stopped_channel_goes_where_the_routing_list_says(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    publish(tmp_path, "routes", {"routes.yaml": b"alternatives: {jd_pay: [alipay]}\n"})
    run("channels", "stop", "jd_pay", "--why", "peak")
    order = {"state": "created", "subject": "tea", "record": {"amount_minor": 100}}
    moved, stuck = play(
        tmp_path,
        make_order(order_id="O1", **order),
        lambda: run("channels", "stop", "alipay", "--why", "peak"),
        make_order(order_id="O2", **order),
    )
    assert moved["reroute"]["channel"] in ("alipay", None)
    assert moved["action"] == ("REROUTE" if moved["reroute"]["channel"] else "WAIT")
    assert stuck["action"] == "WAIT", "the other channel is stopped too"


def test_holds_survive_a_restart_and_a_replay_uses_those_of_then(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    run("channels", "stop", "jd_pay", "--why", "peak")
    run("rules", "pause", CODE, "--why", "late")
    play(tmp_path, make_order(order_id="O1", record=RECORD))
    (answer,) = play(tmp_path, make_order(order_id="O2", record=RECORD))
    assert answer["action"] == "WAIT"
    run("channels", "start", "jd_pay")
    run("rules", "resume", CODE)
    assert [one.differs for one in replay(Settings(home=tmp_path))] == [(), ()]


def test_a_damaged_hold_leaves_what_is_switched_off_and_is_told(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    async def act() -> None:
        service = build_service(Settings(home=tmp_path))
        service.open()
        run("channels", "stop", "jd_pay", "--why", "peak")
        service.watch.look()
        pointer = hold_store_of(tmp_path).folder / "current"
        whole = pointer.read_text()
        pointer.write_text("nonsense")
        service.watch.look()
        assert "nonsense.json cannot be read" in readiness(service).problems[HOLDS]
        assert readiness(service).holds == "channel jd_pay is stopped"
        pointer.write_bytes(b"\xff")
        service.watch.look()
        assert "'ascii' codec" in readiness(service).problems[HOLDS]
        pointer.write_text(whole)
        service.watch.look()
        assert readiness(service).problems == {}
        pointer.unlink()
        service.watch.look()
        assert readiness(service).holds == "nothing is switched off"
        await service.close()

    asyncio.run(act())


def test_a_stop_is_seen_within_a_second_and_so_is_its_end(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    async def until(service: Service, holds: str) -> float:
        started = perf_counter()
        while readiness(service).holds != holds:
            await asyncio.sleep(0.005)
        return perf_counter() - started

    async def act() -> None:
        service = build_service(Settings(home=tmp_path))
        service.open()
        run("channels", "stop", "jd_pay", "--why", "peak")
        assert await until(service, "channel jd_pay is stopped") < 1
        run("channels", "start", "jd_pay")
        assert await until(service, "nothing is switched off") < 1
        await service.close()

    asyncio.run(act())


def test_the_commands_say_what_is_off_and_who_did_it(run: Run) -> None:
    assert "rule BUYER_VELOCITY is paused" in run("rules", "pause", "BUYER_VELOCITY", "--why", "x")
    assert "by ana: x" in run("holds")
    (line,) = msgspec.json.decode(run("holds", "--log", "--json"))
    assert (line["by"], line["verb"], line["name"]) == ("ana", "pause", "BUYER_VELOCITY")
    assert msgspec.json.decode(run("rules", "resume", "BUYER_VELOCITY", "--json"))["rules"] == {}
    assert run("holds") == "nothing is switched off\n"


def test_a_damaged_book_keeps_nobody_from_pausing(run: Run, tmp_path: Path) -> None:
    version = store_of(tmp_path).current("book")
    (tmp_path / "releases" / "book" / str(version) / "amounts.yaml").write_text("rules: 5\n")
    assert "rule BUYER_VELOCITY is paused" in run("rules", "pause", "BUYER_VELOCITY", "--why", "x")


def test_holds_is_a_command_of_preflight() -> None:
    assert load_command("holds").name == "holds"
