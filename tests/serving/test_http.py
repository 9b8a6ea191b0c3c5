"""The API over real HTTP: a real server, a real ledger, fake rooms below."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import text

from features.ledger import LedgerReader
from serving.edit_operations import EDIT_OPERATIONS

MakeOrder = Callable[..., bytes]
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Caller:
    """A client of the running server, and a look into its ledger."""

    client: httpx.Client
    reader: LedgerReader

    def score(self, body: bytes | Iterator[bytes]) -> httpx.Response:
        return self.client.post("/v1/score", content=body)


@pytest.fixture
def caller(live_bench: tuple[Any, str]) -> Iterator[Caller]:
    bench, address = live_bench
    with httpx.Client(base_url=address, timeout=30) as client:
        yield Caller(client, bench.reader)


def test_an_order_is_scored_and_its_decision_can_be_read_again(
    caller: Caller, make_order: MakeOrder
) -> None:
    answer = caller.score(make_order())
    assert answer.status_code == 200
    assert answer.json()["action"] == "SUBMIT"
    read = caller.client.get(f"/v1/decisions/{answer.json()['decision_id']}")
    assert read.content == answer.content


def test_a_repeated_order_is_marked_in_a_header_only(caller: Caller, make_order: MakeOrder) -> None:
    first, again = caller.score(make_order()), caller.score(make_order())
    assert again.content == first.content
    assert "preflight-repeated" not in first.headers
    assert again.headers["preflight-repeated"] == "true"


def test_decisions_of_an_order_come_oldest_first(caller: Caller, make_order: MakeOrder) -> None:
    ids = [
        caller.score(make_order(amount_minor=amount)).json()["decision_id"] for amount in (100, 200)
    ]
    listed = caller.client.get("/v1/orders/O1/decisions").json()
    assert [decision["decision_id"] for decision in listed["decisions"]] == ids


def _large() -> Iterator[bytes]:
    for _ in range(160):
        yield b"x" * 65_536


BAD_BODIES = [
    pytest.param(lambda _: b"{not json", 400, "malformed-json", id="malformed"),
    pytest.param(lambda _: b'{"order_id": "\xff"}', 400, "malformed-json", id="not UTF-8"),
    pytest.param(lambda make: make(amount_minor=-1), 422, "invalid-content", id="negative"),
    pytest.param(
        lambda make: make(placed_at="2026-11-22T10:00:00"), 422, "invalid-content", id="naive"
    ),
    pytest.param(lambda make: make(channel="nowhere"), 422, "unknown-channel", id="channel"),
    pytest.param(lambda _: _large(), 413, "body-too-large", id="10 MB streamed"),
    pytest.param(lambda _: b" " * 10_000_000, 413, "body-too-large", id="10 MB"),
]


@pytest.mark.parametrize(("body", "status", "slug"), BAD_BODIES)
def test_bad_input_gets_a_clear_problem_and_changes_nothing(
    caller: Caller,
    make_order: MakeOrder,
    body: Callable[[MakeOrder], Any],
    status: int,
    slug: str,
) -> None:
    answer = caller.score(body(make_order))
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert (problem["status"], problem["type"]) == (status, f"urn:preflight:problem:{slug}")
    assert problem["detail"]
    assert caller.reader.counts() == {"orders": 0, "decisions": 0, "outcomes": 0}


def test_an_unforeseen_failure_is_a_problem_and_changes_nothing(
    caller: Caller, make_order: MakeOrder
) -> None:
    answer = caller.score(make_order(channel="broken"))
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert caller.reader.counts() == {"orders": 0, "decisions": 0, "outcomes": 0}


def test_a_ledger_that_cannot_be_written_is_a_503_and_the_service_is_not_ready(
    live_bench: tuple[Any, str], caller: Caller, make_order: MakeOrder
) -> None:
    bench, _ = live_bench
    with bench.engine.begin() as connection:
        connection.execute(text("DROP TABLE orders"))
    answer = caller.score(make_order())
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert answer.json()["type"] == "urn:preflight:problem:ledger-unavailable"
    ready = caller.client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)


def test_every_bad_field_is_listed_with_its_value_and_what_belongs_there(
    caller: Caller, make_order: MakeOrder
) -> None:
    answer = caller.score(make_order(amount_minor=-1, placed_at="2026-11-22T10:00:00"))
    faults = {fault["path"]: fault for fault in answer.json()["faults"]}
    assert faults.keys() == {"amount_minor", "placed_at"}
    assert faults["amount_minor"]["value"] == "-1"
    assert "offset" in faults["placed_at"]["expected"]


def test_the_server_still_answers_after_a_body_that_was_too_large(
    caller: Caller, make_order: MakeOrder
) -> None:
    caller.score(_large())
    assert caller.score(make_order()).status_code == 200


def test_an_outcome_is_taken(caller: Caller, make_order: MakeOrder) -> None:
    caller.score(make_order())
    report = {"order_id": "O1", "raw_code": "RISK"}
    answer = caller.client.post("/v1/outcomes", json=report)
    assert (answer.status_code, answer.json()["outcome_class"]) == (200, "risk_block")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/decisions/none", 404),
        ("GET", "/v1/orders/none/decisions", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/v1/score", 405),
    ],
)
def test_what_is_not_there_is_a_problem_too(
    caller: Caller, method: str, path: str, status: int
) -> None:
    answer = caller.client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)


def test_an_outcome_of_an_unknown_order_is_a_404_with_the_way_out(caller: Caller) -> None:
    report = {"order_id": "ghost", "raw_code": "RISK"}
    answer = caller.client.post("/v1/outcomes", json=report)
    assert answer.status_code == 404
    assert "POST /v1/score" in answer.json()["detail"]


def test_a_dry_run_writes_nothing(caller: Caller, make_order: MakeOrder) -> None:
    answer = caller.client.post("/v1/score?dry_run=true", content=make_order())
    assert answer.json()["action"] == "SUBMIT"
    assert caller.reader.counts()["decisions"] == 0


def test_readiness_says_what_the_answers_come_from(caller: Caller) -> None:
    assert caller.client.get("/healthz").json() == {"status": "alive"}
    ready = caller.client.get("/readyz").json()
    assert ready.pop("book").startswith("0 rules, version ")
    assert len(ready.pop("holds_version")) == 12
    assert ready == {
        "ready": True,
        "ledger": "writable",
        "model": "none: rules decide",
        "state": "in step",
        "releases": {},
        "holds": "nothing is switched off",
        "problems": {},
    }


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_load_nothing_from_elsewhere(caller: Caller, path: str) -> None:
    page = caller.client.get(path)
    assert page.headers["content-type"].startswith("text/html")
    assert "//" not in page.text.replace("</", "")


def test_the_documentation_describes_every_route(caller: Caller) -> None:
    described = caller.client.get("/openapi.json").json()
    assert described["paths"].keys() == {
        "/v1/score",
        "/v1/outcomes",
        "/v1/decisions/{decision_id}",
        "/v1/orders/{order_id}/decisions",
        "/healthz",
        "/readyz",
        *(operation.path for operation in EDIT_OPERATIONS),
    }
    body = described["paths"]["/v1/score"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"]["$ref"].endswith("/Order")
    assert "amount_minor" in described["components"]["schemas"]["Order"]["properties"]


def test_every_reference_of_the_documentation_resolves(caller: Caller) -> None:
    raw = caller.client.get("/openapi.json").text
    schemas = msgspec.json.decode(raw)["components"]["schemas"]
    named = {part.split('"')[0] for part in raw.split("#/components/schemas/")[1:]}
    assert named <= schemas.keys()
