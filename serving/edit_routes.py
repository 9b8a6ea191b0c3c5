"""The routes under /v1/edits, /v1/jobs and /v1/holds."""

from functools import partial
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from rules.holds_store import Change, Switch, hold_store_of, switch_off, switch_on
from serving.bodies import read_body
from serving.edit_bodies import (
    B,
    BacktestBody,
    DraftBody,
    FilesBody,
    HeldAnswer,
    HoldBody,
    OpinionBody,
    PublishBody,
    RollbackBody,
    StepBody,
    parse_body,
)
from serving.edits import Edits
from serving.service import Service

_ACCEPTED = 202
_SWITCHES = {"rules": Switch.RULE, "channels": Switch.CHANNEL}


def edit_routes(service: Service) -> APIRouter:
    """Make the routes of edits and holds."""
    router = APIRouter(include_in_schema=False)
    _add_drafts(router, service.edits)
    _add_steps(router, service.edits)
    _add_releases(router, service.edits)
    _add_holds(router, service)
    return router


def _add_drafts(router: APIRouter, edits: Edits) -> None:
    @router.get("/v1/edits/{kind}/drafts")
    async def drafts(kind: str) -> Response:
        return _raw(await edits.take("drafts", kind))

    @router.post("/v1/edits/{kind}/drafts")
    async def draft(kind: str, request: Request) -> Response:
        body = await _body(request, DraftBody)
        said = {"by": body.by, "why": body.why, "source": body.source, "files": body.files}
        return _raw(await edits.take("draft", kind, draft=body.name, **said))

    @router.get("/v1/edits/{kind}/drafts/{name}")
    async def show(kind: str, name: str) -> Response:
        return _raw(await edits.take("show", kind, draft=name))

    @router.put("/v1/edits/{kind}/drafts/{name}")
    async def edit(kind: str, name: str, request: Request) -> Response:
        body = await _body(request, FilesBody)
        said = {"by": body.by, "why": body.why, "files": body.files}
        return _raw(await edits.take("edit", kind, draft=name, **said))

    @router.delete("/v1/edits/{kind}/drafts/{name}")
    async def discard(kind: str, name: str, request: Request) -> Response:
        body = await _body(request, StepBody)
        return _raw(await edits.take("discard", kind, draft=name, by=body.by, why=body.why))


def _add_steps(router: APIRouter, edits: Edits) -> None:
    @router.post("/v1/edits/{kind}/drafts/{name}/check")
    async def check(kind: str, name: str, request: Request) -> Response:
        body = await _body(request, StepBody)
        return _raw(await edits.take("check", kind, draft=name, by=body.by, why=body.why))

    @router.post("/v1/edits/{kind}/drafts/{name}/backtest")
    async def backtest(kind: str, name: str, request: Request) -> Response:
        body = await _body(request, BacktestBody)
        said = {"by": body.by, "why": body.why, "history": body.history}
        return _answer(edits.begin("backtest", kind, draft=name, **said), status=_ACCEPTED)

    @router.post("/v1/edits/{kind}/drafts/{name}/opinion")
    async def opinion(kind: str, name: str, request: Request) -> Response:
        body = await _body(request, OpinionBody)
        said = {"by": body.by, "why": body.why, "orders": body.orders}
        return _raw(await edits.take("opinion", kind, draft=name, **said))

    @router.post("/v1/edits/{kind}/drafts/{name}/approve")
    async def approve(kind: str, name: str, request: Request) -> Response:
        body = await _body(request, StepBody)
        return _raw(await edits.take("approve", kind, draft=name, by=body.by, why=body.why))

    @router.post("/v1/edits/{kind}/drafts/{name}/publish")
    async def publish(kind: str, name: str, request: Request) -> Response:
        said = msgspec.structs.asdict(await _body(request, PublishBody))
        return _answer(await edits.enact("publish", kind, draft=name, **said))


def _add_releases(router: APIRouter, edits: Edits) -> None:
    @router.post("/v1/edits/{kind}/rollback")
    async def rollback(kind: str, request: Request) -> Response:
        said = msgspec.structs.asdict(await _body(request, RollbackBody))
        return _answer(await edits.enact("rollback", kind, **said))

    @router.get("/v1/edits/{kind}/history")
    async def history(kind: str) -> Response:
        return _raw(await edits.take("history", kind))

    @router.get("/v1/edits/{kind}/diff")
    async def diff(kind: str, after: str, before: str = "current") -> Response:
        return _raw(await edits.take("diff", kind, before=before, after=after))

    @router.get("/v1/jobs/{job}")
    async def job(job: str) -> Response:
        return _answer(edits.job(job))


def _add_holds(router: APIRouter, service: Service) -> None:
    holder = Holder(service)

    @router.get("/v1/holds")
    async def holds() -> Response:
        return _answer(await holder.show())

    @router.post("/v1/holds/rules/{code}")
    async def pause(code: str, request: Request) -> Response:
        return _answer(await holder.off("rules", code, await _body(request, HoldBody)))

    @router.delete("/v1/holds/rules/{code}")
    async def resume(code: str, request: Request) -> Response:
        return _answer(await holder.on("rules", code, await _body(request, StepBody)))

    @router.post("/v1/holds/channels/{name}")
    async def stop(name: str, request: Request) -> Response:
        return _answer(await holder.off("channels", name, await _body(request, HoldBody)))

    @router.delete("/v1/holds/channels/{name}")
    async def start(name: str, request: Request) -> Response:
        return _answer(await holder.on("channels", name, await _body(request, StepBody)))


class Holder:
    """Switches rules and channels off and on, for the routes."""

    def __init__(self, service: Service) -> None:
        self._edits, self._watch = service.edits, service.watch
        self._store = hold_store_of(service.edits.home)

    async def show(self) -> HeldAnswer:
        """Tell what is switched off."""
        return await self._edits.hold(self._store.current)

    async def off(self, what: str, name: str, body: HoldBody) -> HeldAnswer:
        """Pause a rule or stop a channel."""
        terms = self._watch.terms
        known = tuple(terms.book.bases) if what == "rules" else terms.packs.names
        change = self._change(what, name, by=body.by, why=body.why, until=body.until)
        return await self._edits.hold(partial(switch_off, self._store, change, known))

    async def on(self, what: str, name: str, body: StepBody) -> HeldAnswer:
        """Resume a rule or start a channel."""
        change = self._change(what, name, by=body.by, why=body.why)
        return await self._edits.hold(partial(switch_on, self._store, change))

    def _change(self, what: str, name: str, **said: Any) -> Change:
        return Change(_SWITCHES[what], name, at_us=self._edits.now_us(), **said)


async def _body(request: Request, into: type[B]) -> B:
    return parse_body(await read_body(request.receive), into)


def _answer(content: object, *, status: int = 200) -> Response:
    return _raw(msgspec.json.encode(content), status=status)


def _raw(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status_code=status, media_type="application/json")
