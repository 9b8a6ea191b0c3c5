"""The life of an edit over the API: the same steps, the same audit, the same refusals."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import msgspec
import pytest

from rules.costs import DEFAULT_COSTS
from rules.holds_store import hold_store_of
from rules.releases.audit import Verb
from rules.releases.store import store_of
from serving.app import build_app
from serving.edit_operations import EDIT_OPERATIONS
from serving.edit_routes import edit_routes
from serving.operation import Operation
from serving.service import Service
from serving.settings import Settings
from serving.wiring import build_service

MakeOrder = Callable[..., bytes]
Act = Callable[[httpx.AsyncClient, Service], Awaitable[None]]
Run = Callable[[Act], None]
ANA, BO = {"by": "ana", "why": "contract"}, {"by": "bo", "why": "contract"}
COSTS = {"costs.yaml": "refused_minor: 7\n"}


async def _serve(service: Service, act: Act) -> None:
    service.open()
    transport = httpx.ASGITransport(build_app(service))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await act(client, service)
    finally:
        await service.close()


@pytest.fixture
def with_client(tmp_path: Path) -> Run:
    """Run an async act against a real service."""

    def run(act: Act) -> None:
        async def inside() -> None:
            await _serve(build_service(Settings(home=tmp_path)), act)

        asyncio.run(inside())

    return run


@pytest.fixture
def with_fakes(with_bench: Callable[[Any], None]) -> Run:
    """Run an async act against the API around fakes: nothing has to be loaded."""

    def run(act: Act) -> None:
        async def inside(bench: Any) -> None:
            transport = httpx.ASGITransport(build_app(bench.service))
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                await act(client, bench.service)
                await bench.service.edits.close()

        with_bench(inside)

    return run


async def _ok(answer: Awaitable[httpx.Response], status: int = 200) -> Any:
    found = await answer
    assert found.status_code == status, found.text
    return found.json()


async def _publish_costs(client: httpx.AsyncClient) -> Any:
    draft = {**ANA, "name": "new", "files": COSTS}
    await _ok(client.post("/v1/edits/costs/drafts", json=draft))
    await _ok(client.post("/v1/edits/costs/drafts/new/check", json=ANA))
    await _ok(client.post("/v1/edits/costs/drafts/new/approve", json=BO))
    return await _ok(client.post("/v1/edits/costs/drafts/new/publish", json=BO), 200)


def test_an_edit_goes_from_the_draft_to_decisions_and_back(
    with_client: Run, make_order: MakeOrder, tmp_path: Path
) -> None:
    async def act(client: httpx.AsyncClient, service: Service) -> None:
        done = await _publish_costs(client)
        assert done["in_force"] is True
        assert done["problems"] == {}
        assert service.watch.terms.costs.refused_minor == 7
        told = await _ok(client.get("/v1/edits/costs/diff?after=current&before=shipped"))
        (field,) = told["changed"][0]["fields"]
        assert (field["before"], field["after"]) == (DEFAULT_COSTS.refused_minor, 7)
        back = await _ok(client.post("/v1/edits/costs/rollback", json=BO))
        assert back["published"]["version"] == "shipped"
        assert service.watch.terms.costs == DEFAULT_COSTS
        history = await _ok(client.get("/v1/edits/costs/history"))
        assert [step["verb"] for step in history["steps"]] == [
            "draft", "check", "approve", "publish", "rollback"
        ]  # fmt: skip
        assert history["faults"] == []

    with_client(act)
    lines = [one.line for one in store_of(tmp_path).log.read()]
    assert [(line.verb, line.by) for line in lines[2:4]] == [
        (Verb.APPROVE, "bo"), (Verb.PUBLISH, "bo")
    ]  # fmt: skip


def test_an_author_cannot_approve_and_nothing_is_published_without(
    with_fakes: Run,
) -> None:
    async def act(client: httpx.AsyncClient, service: Service) -> None:
        draft = {**ANA, "name": "new", "files": COSTS}
        await _ok(client.post("/v1/edits/costs/drafts", json=draft))
        await _ok(client.post("/v1/edits/costs/drafts/new/check", json=ANA))
        refused = await _ok(client.post("/v1/edits/costs/drafts/new/approve", json=ANA), 422)
        assert refused["type"] == "urn:preflight:problem:edit-refused"
        assert "another person approves it" in refused["detail"]
        refused = await _ok(client.post("/v1/edits/costs/drafts/new/publish", json=BO), 422)
        assert "is not approved" in refused["detail"]

    with_fakes(act)


def test_a_fault_in_a_draft_names_file_line_and_way_out(
    with_fakes: Run,
) -> None:
    async def act(client: httpx.AsyncClient, _service: Service) -> None:
        files = {"costs.yaml": "refused_share: 7\n"}
        await _ok(
            client.post("/v1/edits/costs/drafts", json={**ANA, "name": "new", "files": files})
        )
        refused = await _ok(client.post("/v1/edits/costs/drafts/new/check", json=ANA), 422)
        assert refused["detail"].startswith("costs.yaml, line 1: refused_share is 7")
        shown = await _ok(client.put("/v1/edits/costs/drafts/new", json={**ANA, "files": COSTS}))
        assert shown["files"] == COSTS
        await _ok(client.post("/v1/edits/costs/drafts/new/check", json=ANA))
        listed = await _ok(client.get("/v1/edits/costs/drafts"))
        assert [(one["name"], one["author"]) for one in listed] == [("new", "ana")]
        await _ok(client.request("DELETE", "/v1/edits/costs/drafts/new", json=ANA))
        gone = await _ok(client.get("/v1/edits/costs/drafts/new"), 422)
        assert "no draft of costs is named 'new'" in gone["detail"]

    with_fakes(act)


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        ("/v1/edits/costs/drafts", {"name": "x"}, "by"),
        ("/v1/edits/costs/drafts/x/publish", {"by": "", "why": "w"}, "by"),
        ("/v1/edits/costs/drafts/x/backtest", {"by": "ana"}, "history"),
        ("/v1/holds/rules/BUYER_VELOCITY", {"by": "ana"}, "why"),
        ("/v1/holds/channels/jd_pay", {**ANA, "until": "2026-11-11T22:00:00"}, "until"),
    ],
)
def test_a_bad_body_names_every_bad_field(
    with_fakes: Run, path: str, body: dict[str, str], fault: str
) -> None:
    async def act(client: httpx.AsyncClient, _service: Service) -> None:
        refused = await _ok(client.post(path, json=body), 422)
        assert [one["path"] for one in refused["faults"]] == [fault]
        assert refused["faults"][0]["expected"]

    with_fakes(act)


def test_names_that_lead_out_of_the_draft_are_refused(with_fakes: Run, tmp_path: Path) -> None:
    async def act(client: httpx.AsyncClient, _service: Service) -> None:
        for files in ({"../costs.yaml": "x"}, {"/costs.yaml": "x"}, {"sub/costs.yaml": "x"}):
            body = {**ANA, "name": "new", "files": files}
            refused = await _ok(client.post("/v1/edits/costs/drafts", json=body), 422)
            assert "is no file of costs" in refused["detail"]
        body = {**ANA, "name": "new", "source": "/somewhere/else"}
        refused = await _ok(client.post("/v1/edits/costs/drafts", json=body), 422)
        assert "name current, shipped, a version or a draft" in refused["detail"]
        assert "Did you mean 'costs'?" in (
            await _ok(client.get("/v1/edits/cost/drafts"), 422)
        )["detail"]  # fmt: skip

    with_fakes(act)


def test_a_backtest_is_a_job_that_ends_and_scoring_goes_on(
    with_fakes: Run, make_order: MakeOrder, tmp_path: Path
) -> None:
    async def act(client: httpx.AsyncClient, _service: Service) -> None:
        draft = {**ANA, "name": "new", "files": COSTS}
        await _ok(client.post("/v1/edits/costs/drafts", json=draft))
        body = {**ANA, "history": str(tmp_path / "nowhere")}
        job = await _ok(client.post("/v1/edits/costs/drafts/new/backtest", json=body), 202)
        assert job["status"] == "running"
        await _ok(client.post("/v1/score", content=make_order()))
        while job["status"] == "running":
            await asyncio.sleep(0.05)
            job = await _ok(client.get(f"/v1/jobs/{job['job']}"))
        assert job["status"] == "failed"
        assert job["problem"]
        assert "no job 'j0' is known" in (await _ok(client.get("/v1/jobs/j0"), 404))["detail"]

    with_fakes(act)


def test_a_hold_over_the_api_acts_at_once_and_is_in_the_audit(
    with_client: Run, make_order: MakeOrder, tmp_path: Path
) -> None:
    async def act(client: httpx.AsyncClient, _service: Service) -> None:
        began = perf_counter()
        held = await _ok(client.post("/v1/holds/channels/jd_pay", json=ANA))
        answer = await _ok(client.post("/v1/score", content=make_order()))
        assert perf_counter() - began < 1
        assert held["in_force"] is True
        assert answer["action"] in ("WAIT", "REROUTE")
        assert answer["versions"]["holds"] == held["version"]
        paused = await _ok(client.post("/v1/holds/rules/BUYER_VELOCITY", json=ANA))
        assert (list(paused["rules"]), list(paused["channels"])) == (["BUYER_VELOCITY"], ["jd_pay"])
        assert await _ok(client.get("/v1/holds")) == paused
        ready = await _ok(client.get("/readyz"))
        assert ready["holds"] == "rule BUYER_VELOCITY is paused, channel jd_pay is stopped"
        await _ok(client.request("DELETE", "/v1/holds/rules/BUYER_VELOCITY", json=BO))
        started = await _ok(client.request("DELETE", "/v1/holds/channels/jd_pay", json=BO))
        assert (started["rules"], started["channels"]) == ({}, {})
        refused = await _ok(client.post("/v1/holds/rules/BUYER_VELOCTY", json=ANA), 422)
        assert "Did you mean 'BUYER_VELOCITY'?" in refused["detail"]

    with_client(act)
    lines = hold_store_of(tmp_path).audit()
    assert [(line.verb, line.by) for line in lines] == [
        ("stop", "ana"), ("pause", "ana"), ("resume", "bo"), ("start", "bo")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "operation",
    [one for one in EDIT_OPERATIONS if one.request is not None],
    ids=lambda one: f"{one.method} {one.path}",
)
def test_the_example_of_every_operation_can_be_read(operation: Operation) -> None:
    assert operation.request is not None
    msgspec.convert(operation.example, operation.request)


def test_every_route_of_edits_is_described(with_fakes: Run) -> None:
    async def act(client: httpx.AsyncClient, service: Service) -> None:
        document = await _ok(client.get("/openapi.json"))
        described = {
            (method.upper(), path) for path, item in document["paths"].items() for method in item
        }
        routes = {
            (method, route.path)  # type: ignore[attr-defined] # every one has a path
            for route in edit_routes(service).routes
            for method in route.methods  # type: ignore[attr-defined]
        }
        assert routes <= described

    with_fakes(act)
