"""The service asks lists, sees a change without a restart, and a replay says what it changed."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from features.errors import RuleError
from rules.cli_lists import lists_app
from serving.cli import app
from serving.replay import replay
from serving.settings import Settings
from serving.wiring import build_rooms, build_service

MakeOrder = Callable[..., bytes]
Run = Callable[..., None]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Call `preflight lists` on a data folder of the test's own."""

    def call(*arguments: str) -> None:
        environment = {"PREFLIGHT_HOME": str(tmp_path), "PREFLIGHT_BY": "ana"}
        CliRunner().invoke(lists_app, arguments, env=environment, catch_exceptions=False)

    return call


def _score(home: Path, *steps: bytes | Callable[[], None]) -> list[Any]:
    """Score orders in a running service; what is no order is done between them."""

    async def serve() -> list[Any]:
        service = build_service(Settings(home=home))
        service.open()
        answers = []
        for step in steps:
            if isinstance(step, bytes):
                answers.append(msgspec.json.decode((await service.desk.score(step)).body))
            else:
                step()
                await asyncio.sleep(1.05)
        await service.close()
        return answers

    return asyncio.run(serve())


def _codes(answer: Any) -> set[str]:
    return {reason["code"] for reason in answer["reasons"]}


def test_a_listed_buyer_is_seen_without_a_restart(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    def block() -> None:
        run("add", "blocked_buyers", "B1", "--kind", "block", "--fact", "buyer.id")

    orders = [make_order(order_id=f"O{n}", buyer={"id": "B1"}) for n in range(2)]
    before, after = _score(tmp_path, orders[0], block, orders[1])
    assert before["versions"]["lists"]["blocked_buyers"] == "absent"
    assert "BUYER_ON_BLOCK_LIST" not in _codes(before)
    assert "BUYER_ON_BLOCK_LIST" in _codes(after)
    assert len(after["versions"]["lists"]["blocked_buyers"]) == 16


def test_what_is_exempted_is_in_the_answer(run: Run, tmp_path: Path, make_order: MakeOrder) -> None:
    run("add", "blocked_buyers", "B1", "--kind", "block", "--fact", "buyer.id")
    rule = ("--rule", "BUYER_ON_BLOCK_LIST")
    run("add", "vip", "B1", "--kind", "exempt", "--fact", "buyer.id", *rule)
    (answer,) = _score(tmp_path, make_order(buyer={"id": "B1"}))
    assert "BUYER_ON_BLOCK_LIST" not in _codes(answer)
    vip = answer["versions"]["lists"]["vip"]
    assert answer["exempted"] == [{"code": "BUYER_ON_BLOCK_LIST", "list": "vip", "version": vip}]
    (tmp_path / "order.json").write_bytes(make_order(buyer={"id": "B1"}))
    environment = {"PREFLIGHT_HOME": str(tmp_path)}
    shown = CliRunner().invoke(app, ["score", str(tmp_path / "order.json")], env=environment).stdout
    assert "exempted: BUYER_ON_BLOCK_LIST, list vip" in shown


def test_a_replay_says_which_list_has_changed(
    run: Run, tmp_path: Path, make_order: MakeOrder
) -> None:
    run("add", "blocked_buyers", "B1", "--kind", "block", "--fact", "buyer.id")
    (answer,) = _score(tmp_path, make_order(buyer={"id": "B1"}))
    settings = Settings(home=tmp_path)
    (same,) = replay(settings)
    assert (same.differs, same.lists) == ((), ())
    run("remove", "blocked_buyers", "B1")
    (changed,) = replay(settings)
    assert "decision.reasons" in changed.differs
    assert [one.name for one in changed.lists] == ["blocked_buyers"]
    assert changed.lists[0].recorded == answer["versions"]["lists"]["blocked_buyers"]
    assert "list blocked_buyers was" in changed.in_words()
    (recorded,) = replay(settings, recorded_lists=True)
    assert recorded.differs == ()
    environment = {"PREFLIGHT_HOME": str(tmp_path)}
    arguments = ["replay", answer["decision_id"], "--recorded-lists"]
    assert "byte for byte" in CliRunner().invoke(app, arguments, env=environment).stdout


def test_a_service_does_not_start_with_an_exempt_list_that_the_book_cannot_have(
    run: Run, tmp_path: Path
) -> None:
    run("add", "vip", "B1", "--kind", "exempt", "--fact", "buyer.id", "--rule", "BUYER_VELOCITY")
    other = tmp_path / "other"
    other.mkdir()
    (other / "book.yaml").write_text(OTHER_BOOK, "utf-8")
    arguments = ("add", "vip2", "B1", "--kind", "exempt", "--fact", "buyer.id")
    run(*arguments, "--rule", "NOT_IN_THE_SHIPPED_BOOK", "--book", str(other))
    with pytest.raises(RuleError, match="exempt list vip2 names rule 'NOT_IN_THE_SHIPPED_BOOK'"):
        build_rooms(Settings(home=tmp_path))


OTHER_BOOK = """
rules:
  - code: NOT_IN_THE_SHIPPED_BOOK
    title: {zh: 甲, en: A}
    when: amount_minor > 5
    outcome_class: risk_block
    severity: warn
    basis: heuristic
    source: test
    grade: H
    reason: {zh: 甲, en: A}
    examples:
      fires: [{amount_minor: 6}]
      passes: [{amount_minor: 5}]
"""
