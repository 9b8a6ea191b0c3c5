"""The HTTP interface: every route, its documentation and its errors."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.routing import Route

from features.errors import PreflightError
from serving.answers import OrderDecisions, ScoreAnswer
from serving.bodies import read_body
from serving.edit_routes import edit_routes
from serving.health import Readiness, readiness
from serving.openapi import describe
from serving.pages import DOCS_PAGE, LANDING_PAGE
from serving.problems import PROBLEM_TYPE, NotRecorded, Problem, plain_problem, problem_of
from serving.requests import parse_outcome
from serving.scoring import ScoreEndpoint
from serving.service import Service

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build_app(service: Service) -> FastAPI:
    """Build the app around a service that is opened at start-up and closed at shutdown."""
    app = FastAPI(
        title="Preflight",
        version=service.code,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(service),
    )
    app.router.routes.insert(0, Route("/v1/score", ScoreEndpoint(service.desk), methods=["POST"]))
    _add_records(app, service)
    app.include_router(edit_routes(service))
    _add_health(app, service)
    _add_pages(app)
    _add_errors(app)
    describe(app)
    return app


def _lifespan(service: Service) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        service.open()
        yield
        await service.close()

    return lifespan


def _add_records(app: FastAPI, service: Service) -> None:
    reader = service.journal.reader

    @app.post("/v1/outcomes", include_in_schema=False)
    async def outcomes(request: Request) -> Response:
        report = parse_outcome(await read_body(request.receive))
        return _json(await service.feedback.take(report))

    @app.get("/v1/decisions/{decision_id}", include_in_schema=False)
    def decision(decision_id: str) -> Response:
        found = reader.decision(decision_id)
        if found is None:
            raise NotRecorded(f"no decision {decision_id!r} is in the ledger")
        return Response(found.answer, media_type="application/json")

    @app.get("/v1/orders/{order_id}/decisions", include_in_schema=False)
    def decisions(order_id: str) -> Response:
        found = reader.decisions_of(order_id)
        if not found:
            raise NotRecorded(f"no decision about order {order_id!r} is in the ledger")
        answers = tuple(msgspec.json.decode(row.answer, type=ScoreAnswer) for row in found)
        return _json(OrderDecisions(order_id=order_id, decisions=answers))


def _add_health(app: FastAPI, service: Service) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        return _json({"status": "alive"})

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        found: Readiness = readiness(service)
        return _json(found, status=200 if found.ready else 503)


def _add_pages(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def landing() -> Response:
        return HTMLResponse(LANDING_PAGE.read_text(encoding="utf-8"))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(DOCS_PAGE.read_text(encoding="utf-8"))


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(PreflightError)
    async def ours(_request: Request, error: PreflightError) -> Response:
        return _problem(problem_of(error))

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> Response:
        return _problem(plain_problem(error.status_code, str(error.detail)))

    @app.exception_handler(Exception)
    async def unforeseen(_request: Request, _error: Exception) -> Response:
        return _problem(plain_problem(500, "the service failed; its log says where"))


def _json(content: Any, *, status: int = 200) -> Response:
    body = msgspec.json.encode(content)
    return Response(body, status_code=status, media_type="application/json")


def _problem(problem: Problem) -> Response:
    body = msgspec.json.encode(problem)
    return Response(body, status_code=problem.status, media_type=PROBLEM_TYPE)
