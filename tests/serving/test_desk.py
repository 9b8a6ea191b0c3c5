import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from features.errors import InvalidOrder, LedgerError, UnknownChannel
from serving import journal
from serving.problems import MalformedJson

WithBench = Callable[[Callable[[Any], Awaitable[None]]], None]
MakeOrder = Callable[..., bytes]
EMPTY = {"orders": 0, "decisions": 0, "outcomes": 0}


def test_an_order_does_not_count_itself(with_bench: WithBench, make_order: MakeOrder) -> None:
    async def act(bench: Any) -> None:
        first = msgspec.json.decode((await bench.desk.score(make_order())).body)
        second = msgspec.json.decode((await bench.desk.score(make_order(order_id="O2"))).body)
        assert (first["action"], second["action"]) == ("SUBMIT", "REVIEW")
        assert bench.state.orders == ["O1", "O2"]

    with_bench(act)


def test_the_same_order_again_gets_the_same_bytes(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        first = await bench.desk.score(make_order())
        again = await bench.desk.score(make_order())
        assert again.body == first.body
        assert (first.repeated, again.repeated) == (False, True)
        assert bench.reader.counts()["decisions"] == 1
        assert bench.state.orders == ["O1"]

    with_bench(act)


def test_key_order_and_spacing_do_not_make_another_order(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        first = await bench.desk.score(make_order())
        turned = dict(reversed(msgspec.json.decode(make_order()).items()))
        spaced = msgspec.json.format(msgspec.json.encode(turned))
        assert (await bench.desk.score(spaced)).body == first.body

    with_bench(act)


def test_the_same_id_with_other_content_names_what_differs(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        first = msgspec.json.decode((await bench.desk.score(make_order())).body)
        changed = make_order(amount_minor=200, subject="shoes")
        second = msgspec.json.decode((await bench.desk.score(changed)).body)
        assert second["superseding"] == {
            "decision_id": first["decision_id"],
            "differs": ["amount_minor", "subject"],
        }
        assert second["decision_id"] != first["decision_id"]

    with_bench(act)


def test_requests_of_one_order_at_once_make_one_decision(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        answers = await asyncio.gather(*(bench.desk.score(make_order()) for _ in range(20)))
        assert len({answer.body for answer in answers}) == 1
        assert bench.reader.counts()["decisions"] == 1

    with_bench(act)


def test_two_contents_of_one_order_at_once_are_decided_one_after_the_other(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        orders = [make_order(amount_minor=amount) for amount in (100, 200, 300)]
        answers = await asyncio.gather(*map(bench.desk.score, orders))
        first, second, third = (msgspec.json.decode(answer.body) for answer in answers)
        assert first["superseding"] is None
        assert second["superseding"]["decision_id"] == first["decision_id"]
        assert third["superseding"]["decision_id"] == second["decision_id"]

    with_bench(act)


def test_orders_that_arrive_together_see_each_other(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        orders = [make_order(order_id=f"O{number}") for number in range(50)]
        answers = await asyncio.gather(*map(bench.desk.score, orders))
        actions = [msgspec.json.decode(answer.body)["action"] for answer in answers]
        assert actions == ["SUBMIT"] + ["REVIEW"] * 49

    with_bench(act)


def test_every_decision_has_its_own_instant_even_when_the_clock_stands(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        for number in range(3):
            bench.clock.at_us -= number
            await bench.desk.score(make_order(order_id=f"O{number}"))
        instants = [event.at_us for event in bench.reader.events()]
        assert instants == sorted(set(instants))

    with_bench(act)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{not json", MalformedJson),
        (b'{"order_id": "\xff"}', MalformedJson),
        (b"[" * 100_000, MalformedJson),
        (b"[]", InvalidOrder),
        (b"{}", InvalidOrder),
    ],
)
def test_what_is_no_order_changes_nothing(
    with_bench: WithBench, body: bytes, error: type[Exception]
) -> None:
    async def act(bench: Any) -> None:
        with pytest.raises(error):
            await bench.desk.score(body)
        assert bench.reader.counts() == EMPTY
        assert bench.state.orders == []

    with_bench(act)


def test_an_unknown_channel_changes_nothing(with_bench: WithBench, make_order: MakeOrder) -> None:
    async def act(bench: Any) -> None:
        with pytest.raises(UnknownChannel, match="Known channels"):
            await bench.desk.score(make_order(channel="nowhere"))
        assert bench.reader.counts() == EMPTY
        assert bench.state.orders == []

    with_bench(act)


def test_a_preview_writes_and_counts_nothing(with_bench: WithBench, make_order: MakeOrder) -> None:
    async def act(bench: Any) -> None:
        assert msgspec.json.decode(bench.desk.preview(make_order()).body)["action"] == "SUBMIT"
        assert bench.reader.counts() == EMPTY
        assert bench.state.orders == []

    with_bench(act)


def test_without_an_answer_of_the_state_the_decision_says_so(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    async def act(bench: Any) -> None:
        bench.state.fails = True
        answer = msgspec.json.decode((await bench.desk.score(make_order())).body)
        assert answer["mode"] == "stateless_rules_only"
        assert bench.reader.counts()["decisions"] == 1
        assert bench.journal.state is None

    with_bench(act)


def _break(bench: Any) -> None:
    with bench.engine.begin() as connection:
        connection.execute(text("ALTER TABLE decisions RENAME TO hidden"))


def _mend(bench: Any) -> None:
    with bench.engine.begin() as connection:
        connection.execute(text("ALTER TABLE hidden RENAME TO decisions"))


def test_an_order_that_cannot_be_logged_is_not_answered_and_does_not_count(
    with_bench: WithBench, make_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "RECOVERY_PAUSE_S", 0.01)

    async def act(bench: Any) -> None:
        await bench.desk.score(make_order(order_id="before"))
        _break(bench)
        for order_id in ("O1", "O2"):
            with pytest.raises(LedgerError):
                await bench.desk.score(make_order(order_id=order_id))
        _mend(bench)
        await asyncio.sleep(0.2)
        assert bench.state.orders == ["before"]
        answer = msgspec.json.decode((await bench.desk.score(make_order(order_id="O1"))).body)
        assert answer["superseding"] is None
        assert bench.state.orders == ["before", "O1"]

    with_bench(act)


def test_a_restart_finds_the_same_state_and_the_same_decisions(
    with_bench: WithBench, make_order: MakeOrder
) -> None:
    bodies: list[bytes] = []

    async def score(bench: Any) -> None:
        bodies.append((await bench.desk.score(make_order())).body)
        if len(bodies) > 1:
            assert bench.state.orders == ["O1"]

    with_bench(score)
    with_bench(score)
    assert bodies[0] == bodies[1]
