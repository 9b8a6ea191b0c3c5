"""The second opinion itself: durable-rules in a child, on examples, a ledger and a history."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import json
from msgspec.structs import replace
from sqlalchemy import insert

from features.edge import encode_order
from features.errors import LedgerError
from features.history import HistoryWriter, frame_from_orders
from features.ledger import DECISIONS, ORDERS, create_schema, open_engine, sqlite_url
from features.order import Order
from rules.engines.compiled import CompiledEngine
from rules.engines.engine import Verdict
from rules.releases.asking import ask_a_child
from rules.releases.child import answer
from rules.releases.drafts import begin
from rules.releases.hearing import Docket
from rules.releases.kinds import BOOK
from rules.releases.opinion import Status, second_opinion
from rules.releases.sample import SampleSource, take_sample

OTHER = frozenset({"CLOSED_ORDER"})
AS_OF_US = 1_773_196_200_000_000


def in_process(docket: Docket) -> Any:
    return answer(docket, CompiledEngine)


def write_ledger(home: Path, orders: list[Order], features: dict[str, Any]) -> None:
    home.mkdir(exist_ok=True)
    engine = open_engine(sqlite_url(home / "ledger.sqlite"))
    create_schema(engine)
    with engine.begin() as connection:
        for seq, order in enumerate(orders, 1):
            row = {"seq": seq, "order_id": order.order_id, "channel": order.channel}
            about = {"as_of_us": AS_OF_US + seq, "origin": "service", "facts": b"{}"}
            content = encode_order(order)
            connection.execute(insert(ORDERS).values(**row, **about, content=content))
            if seq > 1:  # the first was imported: nobody decided on it
                decided = {
                    "decision_id": f"d{seq}", "seq": seq, "order_id": order.order_id,
                    "content_digest": "", "as_of_us": AS_OF_US, "action": "SUBMIT", "mode": "full",
                    "duration_us": 1, "answer": b"{}",
                    "record": json.encode({"decision": {"features": features}, "state": None}),
                }  # fmt: skip
                connection.execute(insert(DECISIONS).values(**decided))
    engine.dispose()


@pytest.fixture
def orders(order: Order) -> list[Order]:
    made = [replace(order, order_id=f"A{number}") for number in range(6)]
    return [*made, replace(order, order_id="B1", channel="alipay"),
            replace(order, order_id="C1", channel="gone")]  # fmt: skip


def test_durable_rules_agrees_on_examples_and_orders_of_the_ledger(
    desk: Any, book_folder: Path, home: Path, orders: list[Order]
) -> None:
    write_ledger(home, orders, {"buyer_orders_10m": 3.0})
    draft = begin(desk(), BOOK, "two", str(book_folder))
    opinion = second_opinion(desk("ana", ask_a_child), draft, SampleSource())
    hearing = opinion.hearing
    assert (opinion.status, opinion.told) == (Status.AGREES, "")
    assert hearing is not None
    assert (hearing.engine, hearing.examples, hearing.orders) == ("durable", 4, 7)
    assert hearing.unreadable == 1  # the order of a channel that has no pack
    assert desk().store.report_path(opinion.report).is_file()


def test_a_difference_on_a_recent_order_alone_is_a_difference(
    desk: Any, book_folder: Path, home: Path, orders: list[Order]
) -> None:
    class Planted(CompiledEngine):
        name = "planted"

        def evaluate(self, row: Any) -> Verdict:
            found = super().evaluate(row)
            return found if row.get("order_id") != "A3" else Verdict(OTHER, found.missing)

    write_ledger(home, orders, {})
    draft = begin(desk(), BOOK, "two", str(book_folder))

    def ask(docket: Docket) -> Any:
        return answer(docket, Planted)

    found = second_opinion(desk("ana", ask), draft, SampleSource())
    assert found.status is Status.DIFFERS
    assert found.hearing is not None
    (row,) = found.hearing.differences
    assert (row.source, row.name, row.codes) == ("order", "A3", ("CLOSED_ORDER",))
    assert row.facts["state"] == "created"


def test_a_sample_takes_the_channels_in_turn_and_the_newest_first(
    home: Path, orders: list[Order]
) -> None:
    write_ledger(home, orders, {"buyer_orders_10m": 3.0})
    sample = take_sample(SampleSource(most=4), home, None)
    assert [one.order.order_id for one in sample.orders] == ["C1", "B1", "A5", "A4"]
    assert {str(one.features) for one in sample.orders} == {"{'buyer_orders_10m': 3.0}"}
    every = take_sample(SampleSource(), home, None).orders
    assert (len(every), every[-1].features) == (8, {})


def test_a_history_gives_orders_with_their_features(tmp_path: Path, orders: list[Order]) -> None:
    with HistoryWriter(tmp_path / "history") as writer:
        writer.write_orders(frame_from_orders(orders))
    sample = take_sample(SampleSource(history=tmp_path / "history", most=3), tmp_path, None)
    assert sample.source == f"history {tmp_path / 'history'}"
    assert {one.order.channel for one in sample.orders} == {"jd_pay", "alipay", "gone"}
    assert "buyer_orders_24h" in sample.orders[0].features


def test_where_there_are_no_orders_the_opinion_says_so(
    desk: Any, book_folder: Path, home: Path
) -> None:
    draft = begin(desk(), BOOK, "two", str(book_folder))
    opinion = second_opinion(desk("ana", in_process), draft, SampleSource())
    assert opinion.source == f"none: there is no ledger in {home}"
    assert (opinion.sampled, opinion.hearing and opinion.hearing.examples) == (0, 4)
    with pytest.raises(LedgerError, match="there is no ledger at sqlite:///nowhere"):
        take_sample(SampleSource(ledger="sqlite:///nowhere"), home, None)


def test_an_opinion_holds_for_the_content_and_for_what_runs_beside_it(
    desk: Any, seed: Any, book_folder: Path
) -> None:
    from rules.releases.drafts import find
    from rules.releases.kinds import PACKS
    from rules.releases.opinion import agreed, context_of

    draft = begin(desk(), BOOK, "two", str(book_folder))
    second_opinion(desk("ana", in_process), draft, SampleSource())
    draft = find(desk(), BOOK, "two")
    assert agreed(draft, draft.content(), context_of(desk(), draft)) is not None
    assert agreed(draft, "another", context_of(desk(), draft)) is None
    seed(PACKS, {})
    assert agreed(draft, draft.content(), context_of(desk(), draft)) is None
