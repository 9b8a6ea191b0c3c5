"""POST /v1/score as a raw ASGI app: no framework between the socket and the desk."""

import msgspec

from features.errors import PreflightError
from serving.bodies import Receive, Scope, Send, read_body, send_json
from serving.desk import Desk
from serving.problems import PROBLEM_TYPE, problem_of


class ScoreEndpoint:
    """The hot path; everything else of the API is FastAPI."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            body = await read_body(receive)
            if b"dry_run=true" in scope["query_string"]:
                scored = self._desk.preview(body)
            else:
                scored = await self._desk.score(body)
        except PreflightError as error:
            problem = problem_of(error)
            await send_json(send, problem.status, msgspec.json.encode(problem), kind=PROBLEM_TYPE)
        else:
            note = b"true" if scored.repeated else b""
            await send_json(send, 200, scored.body, note=note)
