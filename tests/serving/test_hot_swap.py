"""What is published runs in the running service, whole; what cannot be used leaves what ran."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from features import catalog as catalogs
from features.catalog import parse_catalog
from models.bundle import Training, make_bundle, point_champion, write_bundle
from models.encoding import Encoding
from rules.book import SHIPPED_BOOK
from rules.cli_lists import lists_app
from rules.releases.audit import AuditLine, Verb
from rules.releases.store import store_of
from serving.health import readiness
from serving.parts import DataFolder, Part
from serving.replay import replay
from serving.service import Service
from serving.settings import Settings
from serving.watch import LOOK_EVERY_S
from serving.wiring import ENGINES, build_service

MakeOrder = Callable[..., bytes]
Act = Callable[[Service], Awaitable[None]]
CATALOG = Path(catalogs.__file__).with_name("catalog.yaml")
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


def publish(home: Path, kind: str, files: Mapping[str, bytes]) -> str:
    """Make content current as a publication does, without the steps before it."""
    store = store_of(home)
    with store.writing():
        version = store.write(kind, files)
        at = datetime(2026, 11, 22, tzinfo=UTC)
        line = AuditLine(at=at, by="ana", verb=Verb.PUBLISH, kind=kind, after=version)
        store.point(line)
    return version


def book_with(code: str) -> dict[str, bytes]:
    return {"own.yaml": RULE.format(code=code).encode()}


def serve(home: Path, act: Act) -> None:
    async def inside() -> None:
        service = build_service(Settings(home=home))
        service.open()
        try:
            await act(service)
        finally:
            await service.close()

    asyncio.run(inside())


async def score(service: Service, order: bytes) -> Any:
    return msgspec.json.decode((await service.desk.score(order)).body)


def codes(answer: Any) -> set[str]:
    return {reason["code"] for reason in answer["reasons"]}


def test_a_published_book_runs_without_a_restart(tmp_path: Path, make_order: MakeOrder) -> None:
    async def act(service: Service) -> None:
        before = await score(service, make_order(order_id="O1"))
        publish(tmp_path, "book", book_with("PUBLISHED"))
        await service.watch.settle()
        after = await score(service, make_order(order_id="O2"))
        assert "PUBLISHED" not in codes(before)
        assert codes(after) == {"PUBLISHED"}
        assert after["versions"]["book"] != before["versions"]["book"]
        assert readiness(service).book.startswith("1 rules, version ")

    serve(tmp_path, act)


def test_the_service_looks_by_itself(tmp_path: Path) -> None:
    publish(tmp_path, "book", book_with("START"))

    async def act(service: Service) -> None:
        await asyncio.sleep(0)
        costs = b"refused_minor: 7\n"
        publish(tmp_path, "costs", {"costs.yaml": costs})
        for _ in range(50):
            await asyncio.sleep(LOOK_EVERY_S)
            if service.watch.terms.costs.refused_minor == 7:
                return
        raise AssertionError("nobody looked")

    serve(tmp_path, act)


def test_costs_routes_and_packs_are_swapped_with_the_book_kept(tmp_path: Path) -> None:
    publish(tmp_path, "book", book_with("START"))

    async def act(service: Service) -> None:
        book = service.watch.terms.book
        publish(tmp_path, "costs", {"costs.yaml": b"refused_minor: 7\n"})
        publish(tmp_path, "routes", {"routes.yaml": b"alternatives: {jd_pay: [alipay]}\n"})
        assert await service.watch.settle() == {}
        terms = service.watch.terms
        assert terms.costs.refused_minor == 7
        assert terms.routes.alternatives == {"jd_pay": ("alipay",)}
        assert terms.book is book
        assert readiness(service).releases["costs"] != "shipped"

    serve(tmp_path, act)


def test_a_damaged_release_leaves_what_runs_and_is_told(
    tmp_path: Path, make_order: MakeOrder, caplog: pytest.LogCaptureFixture
) -> None:
    publish(tmp_path, "book", book_with("START"))

    async def act(service: Service) -> None:
        publish(tmp_path, "book", book_with("FIRST"))
        await service.watch.settle()
        version = publish(tmp_path, "book", book_with("SECOND"))
        file = tmp_path / "releases" / "book" / version / "own.yaml"
        whole = file.read_bytes()
        file.write_bytes(whole + b"# another byte\n")
        problems = await service.watch.settle()
        assert "own.yaml was changed after it was published" in problems[Part.RELEASES]
        assert readiness(service).problems == problems
        assert readiness(service).ready, "what ran before still answers"
        assert codes(await score(service, make_order(order_id="O1"))) == {"FIRST"}
        assert caplog.text.count("was changed after it was published") == 1
        file.write_bytes(whole)
        service.watch.wake()
        await asyncio.sleep(2 * LOOK_EVERY_S)
        assert await service.watch.settle() == {}
        assert codes(await score(service, make_order(order_id="O2"))) == {"SECOND"}

    serve(tmp_path, act)


def test_a_pointer_that_is_no_text_is_told_and_the_watch_goes_on(tmp_path: Path) -> None:
    publish(tmp_path, "book", book_with("START"))

    async def act(service: Service) -> None:
        pointer = tmp_path / "lists" / "vip" / "current"
        pointer.parent.mkdir(parents=True)
        pointer.write_bytes(b"\xff")
        assert "codec" in (await service.watch.settle())["pointers"]
        pointer.unlink()
        assert await service.watch.settle() == {}
        publish(tmp_path, "costs", {"costs.yaml": b"refused_minor: 7\n"})
        assert await service.watch.settle() == {}
        assert service.watch.terms.costs.refused_minor == 7

    serve(tmp_path, act)


def test_a_broken_release_does_not_keep_lists_from_being_seen(
    tmp_path: Path, make_order: MakeOrder
) -> None:
    lists_of_the_book = (SHIPPED_BOOK / "lists.yaml").read_bytes()
    publish(tmp_path, "book", {"lists.yaml": lists_of_the_book})

    async def act(service: Service) -> None:
        environment = {"PREFLIGHT_HOME": str(tmp_path), "PREFLIGHT_BY": "ana"}
        add = ["add", "blocked_buyers", "B1", "--kind", "block", "--fact", "buyer.id"]
        CliRunner().invoke(lists_app, add, env=environment, catch_exceptions=False)
        publish(tmp_path, "book", {"own.yaml": b"rules: 5\n"})
        problems = await service.watch.settle()
        assert list(problems) == [Part.RELEASES]
        answer = await score(service, make_order(buyer={"id": "B1"}))
        assert "BUYER_ON_BLOCK_LIST" in codes(answer)

    serve(tmp_path, act)


def test_a_list_that_does_not_fit_yet_is_taken_with_the_book_that_it_fits(tmp_path: Path) -> None:
    publish(tmp_path, "book", book_with("START"))

    own = tmp_path / "own"
    own.mkdir()
    (own / "own.yaml").write_bytes(book_with("OWN")["own.yaml"])

    async def act(service: Service) -> None:
        add = ["add", "vip", "B1", "--kind", "exempt", "--fact", "buyer.id", "--rule", "OWN"]
        environment = {"PREFLIGHT_HOME": str(tmp_path), "PREFLIGHT_BY": "ana"}
        arguments = [*add, "--book", str(own)]
        CliRunner().invoke(lists_app, arguments, env=environment, catch_exceptions=False)
        problems = await service.watch.settle()
        assert "exempt list vip names rule 'OWN'" in problems[Part.LISTS]
        assert not service.watch.terms.lists.by_name
        publish(tmp_path, "book", book_with("OWN"))
        assert await service.watch.settle() == {}
        assert list(service.watch.terms.lists.by_name) == ["vip"]

    serve(tmp_path, act)


def promote(home: Path, card: str, catalog_text: str = CATALOG.read_text("utf-8")) -> str:
    """Make a model without heads the champion, as `preflight promote` does with a trained one."""
    catalog = parse_catalog(catalog_text)
    bundle = make_bundle(
        schema_hash=catalog.schema_hash,
        encoding=Encoding(names=(), kinds=(), categories={}),
        heads={},
        catalog_text=catalog_text,
        card=card,
        training=Training(
            source="a test",
            simulated=True,
            train_from="",
            train_until="",
            rows=0,
            seed=1,
            metrics={},
        ),
    )
    folder = write_bundle(bundle, home / "bundles")
    point_champion(home, folder.name)
    return folder.name


def test_a_promoted_champion_answers_without_a_restart(
    tmp_path: Path, make_order: MakeOrder
) -> None:
    publish(tmp_path, "book", book_with("START"))

    async def act(service: Service) -> None:
        assert service.model is None
        for card in ("# First\n", "# Second\n"):
            version = promote(tmp_path, card)
            assert await service.watch.settle() == {}
            answer = await score(service, make_order(order_id=card))
            assert answer["versions"]["model"] == service.model == version

    serve(tmp_path, act)


def test_a_champion_of_other_features_says_that_a_restart_is_needed(tmp_path: Path) -> None:
    publish(tmp_path, "book", book_with("START"))

    async def act(service: Service) -> None:
        first = promote(tmp_path, "# First\n")
        await service.watch.settle()
        other = "catalog: other\nentities: {buyer: buyer.id}\nwindows:\n"
        promote(tmp_path, "", f"{other}  - {{entity: buyer, measure: count, over: 1h}}\n")
        problems = await service.watch.settle()
        assert "restart the service to change both" in problems[Part.CHAMPION]
        assert service.model == first

    serve(tmp_path, act)


def test_a_replaced_book_is_freed_once_it_is_not_the_last(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path, ENGINES["compiled"])
    parts = folder.open()
    books = [weakref.ref(parts.released.book)]
    for number in range(4):
        publish(tmp_path, "book", book_with(f"BOOK_{number}"))
        parts, problems = folder.updated(parts, folder.stamps())
        assert problems == {}
        books.append(weakref.ref(parts.released.book))
    gc.collect()
    assert [book() is not None for book in books] == [False, False, False, True, True]


def test_a_rollback_takes_the_book_that_is_still_in_memory(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path, ENGINES["compiled"])
    publish(tmp_path, "book", book_with("FIRST"))
    first = folder.open()
    publish(tmp_path, "book", book_with("SECOND"))
    second, _ = folder.updated(first, folder.stamps())
    publish(tmp_path, "book", book_with("FIRST"))
    third, _ = folder.updated(second, folder.stamps())
    assert third.released.book is first.released.book


def test_a_decision_replays_after_the_book_was_swapped_back(
    tmp_path: Path, make_order: MakeOrder
) -> None:
    publish(tmp_path, "book", book_with("FIRST"))

    async def act(service: Service) -> None:
        await score(service, make_order(order_id="O1"))
        for code in ("SECOND", "FIRST"):
            publish(tmp_path, "book", book_with(code))
            await service.watch.settle()
        await score(service, make_order(order_id="O2"))

    serve(tmp_path, act)
    assert [one.differs for one in replay(Settings(home=tmp_path))] == [(), ()]
