"""Fakes of the rooms below, and a service built from them around a real ledger."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import msgspec
import pytest

from features.catalog import load_catalog
from features.edge import Masker
from features.errors import UnknownChannel
from features.facts import order_facts
from features.kinds import Value
from features.ledger import LedgerReader, open_engine, sqlite_url
from features.live_changes import Changes
from features.order import Order
from features.outcome import OutcomeClass
from features.times import from_us
from rules.book import Book
from rules.codes import MappedOutcome
from rules.costs import DEFAULT_COSTS
from rules.decision import (
    Action,
    Advice,
    Decision,
    Mode,
    Retry,
    Text,
    Versions,
)
from rules.engines.compiled import CompiledEngine
from rules.holds_store import HoldStore, hold_store_of
from rules.lists.lists import NO_LISTS
from rules.packs import Packs
from rules.releases.loading import Released
from rules.routes import NO_ROUTES
from serving.app import build_app
from serving.desk import Desk
from serving.edits import Edits
from serving.feedback import Feedback
from serving.journal import Journal
from serving.ledger_writer import LedgerWriter
from serving.parts import Parts, Problems, Stamps
from serving.recorded import Recorded
from serving.requests import OutcomeReport
from serving.server import bind, make_server
from serving.service import Service
from serving.settings import Settings
from serving.state import StateError, View
from serving.watch import Watch


class FakeState:
    """Counts orders and outcomes; can be told to fail."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.outcomes: list[str] = []
        self.fails = False

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        if self.fails:
            raise StateError("the state store does not answer")
        return {"buyer_orders_24h": len(self.orders)}

    def read_windows(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int
    ) -> dict[str, Value]:
        return self.read(facts, as_of_us)

    def changes_after(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int, until_us: int
    ) -> Changes:
        return Changes((), is_whole=True)

    def apply_order(self, facts: Mapping[str, Value], as_of_us: int) -> None:
        if self.fails:
            raise StateError("the state store does not answer")
        self.orders.append(str(facts["order_id"]))

    def apply_outcome(
        self, order_id: str, outcome_class: str, final: bool, received_at_us: int
    ) -> None:
        self.outcomes.append(outcome_class)

    def sweep(self, as_of_us: int) -> int:
        return 0


CATALOG = load_catalog()
HORIZON_US = 30 * 86_400_000_000


class FrozenClock:
    """Stands still until it is moved."""

    def __init__(self, at_us: int = 1_800_000_000_000_000) -> None:
        self.at_us = at_us

    def __call__(self) -> int:
        return self.at_us


def fake_decide(order: Order, state: View | None, as_of_us: int, past: Recorded | None) -> Decision:
    """Decide from the count of earlier orders alone."""
    del past
    if order.channel == "nowhere":
        raise UnknownChannel("no channel 'nowhere'. Known channels: jd_pay")
    if order.channel == "broken":
        raise ZeroDivisionError
    said = {} if state is None else state.read(order_facts(order), as_of_us)
    return Decision(
        order_id=order.order_id,
        action=Action.REVIEW if said.get("buyer_orders_24h", 0) else Action.SUBMIT,
        mode=Mode.STATELESS_RULES_ONLY if state is None else Mode.RULES_ONLY,
        probabilities={},
        reasons=(),
        missing=(),
        fix=None,
        fix_candidates=(),
        wait=None,
        reroute=None,
        retry=None,
        expected_costs=None,
        costs=DEFAULT_COSTS,
        thresholds={},
        versions=Versions(book="b1", pack="p1", model=None, schema_hash=None, engine="fake"),
        as_of=from_us(as_of_us),
        features=said,
    )


def fake_map(channel: str, report: OutcomeReport) -> MappedOutcome:
    """Know one code only."""
    known = report.raw_code == "RISK"
    return MappedOutcome(
        outcome_class=OutcomeClass.RISK_BLOCK if known else OutcomeClass.UNKNOWN,
        subclass=None,
        final=known,
        next_action="switch_method" if known else "query_keep_number",
        source="S1",
        grade="B",
    )


def fake_advise(rows: Recorded, now_us: int) -> Retry:
    """Advise to query what is not known."""
    last = rows.outcomes[-1]
    return Retry(
        advice=Advice.NEVER if last.final else Advice.QUERY_FIRST,
        text=Text(zh="先查询", en="query first"),
        outcome_class=last.outcome_class,
        next_action=last.next_action or "",
    )


@dataclass(frozen=True)
class FixedSource:
    """Parts that never change; what is switched off lies in a real folder."""

    home: Path

    @property
    def holds(self) -> HoldStore:
        return hold_store_of(self.home)

    def open(self) -> Parts:
        nothing = Released(
            book=Book((), CATALOG),
            packs=Packs({}),
            costs=DEFAULT_COSTS,
            routes=NO_ROUTES,
            versions={},
            stamp=b"",
            catalog=CATALOG,
        )
        return Parts(CATALOG, None, nothing, NO_LISTS, CompiledEngine, {})

    def stamps(self) -> Stamps:
        return {}

    def updated(self, now: Parts, stamps: Stamps) -> tuple[Parts, Problems]:
        return now, {}


class Bench:
    """A service of fakes around a real ledger, to be used inside one event loop."""

    def __init__(self, home: Path) -> None:
        engine = open_engine(sqlite_url(home / "ledger.sqlite"))
        self.engine = engine
        self.states: list[FakeState] = []
        self.clock = FrozenClock()
        self.writer = LedgerWriter(engine)
        self.reader = LedgerReader(engine)
        self.journal = Journal(self.writer, self.reader, self._make_state, self.clock, HORIZON_US)
        self.desk = Desk(self.journal, fake_decide, Masker(b"k" * 32), "c1", "0")
        self.feedback = Feedback(self.journal, fake_map, fake_advise)
        watch = Watch(FixedSource(home))
        self.service = Service(
            journal=self.journal,
            desk=self.desk,
            feedback=self.feedback,
            watch=watch,
            edits=Edits(home, "", watch, self.clock),
            code="0",
        )

    @property
    def state(self) -> FakeState:
        return self.states[-1]

    def _make_state(self) -> FakeState:
        self.states.append(FakeState())
        return self.states[-1]


def order_json(**changes: Any) -> bytes:
    """Write a small valid order as JSON, with changes."""
    order = {
        "order_id": "O1",
        "merchant_id": "M1",
        "channel": "jd_pay",
        "placed_at": "2026-11-22T10:00:00+08:00",
        "amount_minor": 100,
        "currency": "CNY",
    }
    return msgspec.json.encode(order | changes)


Act = Callable[[Bench], Awaitable[None]]


@pytest.fixture
def with_bench(tmp_path: Path) -> Callable[[Act], None]:
    """Run an async act against an open service of fakes."""

    def run(act: Act) -> None:
        async def inside() -> None:
            bench = Bench(tmp_path)
            bench.journal.open()
            await act(bench)
            await bench.journal.close()

        asyncio.run(inside())

    return run


@pytest.fixture
def make_order() -> Callable[..., bytes]:
    return order_json


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    return _free_port()


@pytest.fixture
def live_bench(tmp_path: Path, free_port: int) -> Iterator[tuple[Bench, str]]:
    """Serve the fakes by a real server in a thread."""
    bench = Bench(tmp_path)
    settings = Settings(port=free_port)
    server = make_server(build_app(bench.service))
    thread = Thread(target=server.run, kwargs={"sockets": [bind(settings)]}, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.01)
    yield bench, settings.address
    server.should_exit = True
    thread.join(timeout=10)
