"""Describes the API as OpenAPI, from the very structs that it reads and writes."""

from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import FastAPI

from features.order import Order
from serving.answers import OrderDecisions, ScoreAnswer
from serving.edit_operations import EDIT_OPERATIONS
from serving.feedback import OutcomeAnswer
from serving.health import Readiness
from serving.operation import Operation
from serving.problems import PROBLEM_TYPE, Problem
from serving.requests import OutcomeReport

_REF = "#/components/schemas/{name}"
_REDUCED = (
    "At `buyer.card`, `buyer.phone`, `receiver.phone`, `payout.payee.account` and "
    "`payout.payee.phone` a plain number as a string is accepted too, and `buyer.email` and "
    "`buyer.identity` beside their hashes: all are reduced to BIN, last four and keyed hash "
    "before anything else sees them."
)


EXAMPLE_ORDER: dict[str, Any] = {
    "order_id": "A20261111000001",
    "merchant_id": "110234567001",
    "channel": "jd_pay",
    "placed_at": "2026-11-11T20:00:00+08:00",
    "amount_minor": 14_900,
    "currency": "CNY",
    "items": [{"quantity": 1, "unit_price_minor": 12_900, "list_price_minor": 14_900}],
    "buyer": {"id": "b-17"},
    "record": {"amount_minor": 12_900, "list_amount_minor": 14_900},
}
EXAMPLE_OUTCOME: dict[str, Any] = {
    "order_id": "A20261111000001",
    "api": "pay",
    "raw_code": "JMPT200056",
}


_OPERATIONS: Sequence[Operation] = (
    Operation(
        "post",
        "/v1/score",
        "Score an order or payout before it is sent",
        ScoreAnswer,
        request=Order,
        example=EXAMPLE_ORDER,
        flags=("dry_run",),
        problems=(400, 413, 422, 503),
        description=(
            "The decision is in the ledger before it is answered. The same order again gets the "
            "same bytes, with the header `preflight-repeated: true`; the same id with other "
            "content is scored again, and `superseding` names what differs. With "
            f"`dry_run=true` nothing is written or counted. {_REDUCED}"
        ),
    ),
    Operation(
        "post",
        "/v1/outcomes",
        "Report what the channel answered",
        OutcomeAnswer,
        request=OutcomeReport,
        example=EXAMPLE_OUTCOME,
        problems=(400, 404, 413, 422, 503),
        description=(
            "The raw code is mapped by the channel's pack; a code that it does not list is "
            "`unknown`: keep the same number and query. Equal answers count once."
        ),
    ),
    Operation(
        "get",
        "/v1/decisions/{decision_id}",
        "Read one decision",
        ScoreAnswer,
        parameters=("decision_id",),
        problems=(404, 503),
    ),
    Operation(
        "get",
        "/v1/orders/{order_id}/decisions",
        "Read every decision about one order, oldest first",
        OrderDecisions,
        parameters=("order_id",),
        problems=(404, 503),
    ),
    Operation("get", "/healthz", "Tell whether the process is alive", dict[str, str]),
    Operation("get", "/readyz", "Tell whether orders can be scored, and from what", Readiness),
    *EDIT_OPERATIONS,
)


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` describe every operation; computed at the first call."""
    document: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not document:
            document.update(_document(app.title, app.version))
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _document(title: str, version: str) -> dict[str, Any]:
    types: list[Any] = [Problem]
    for operation in _OPERATIONS:
        types += [kind for kind in (operation.request, operation.answer) if kind is not None]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    schema_of = dict(zip(types, schemas, strict=True))
    paths: dict[str, Any] = {}
    for operation in _OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": components},
    }


def _described(operation: Operation, schema_of: dict[Any, Any]) -> dict[str, Any]:
    problem = _content("A problem", schema_of[Problem], PROBLEM_TYPE)
    described: dict[str, Any] = {
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [_parameter(name, "path", "string") for name in operation.parameters]
        + [_parameter(name, "query", "boolean") for name in operation.flags]
        + [_parameter(name, "query", "string") for name in operation.queries],
        "responses": {
            str(operation.status): _content("The answer", schema_of[operation.answer]),
            **{str(status): problem for status in operation.problems},
        },
    }
    if operation.request is not None:
        content = _content("", schema_of[operation.request])["content"]
        content["application/json"]["example"] = operation.example
        described["requestBody"] = {"required": True, "content": content}
    return described


def _content(text: str, schema: Any, kind: str = "application/json") -> dict[str, Any]:
    return {"description": text, "content": {kind: {"schema": schema}}}


def _parameter(name: str, place: str, kind: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": kind}}
