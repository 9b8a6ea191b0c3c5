"""The neutral protocol over HTTP; every route also under `/PACK`, where several packs run."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from features.edge import MAX_BODY_BYTES
from features.errors import InvalidOrder
from features.times import from_us, to_us
from training.simulate.channel.channel import Silence
from training.simulate.channel.house import House
from training.simulate.channel.kinds import MAGIC_AMOUNTS_MINOR, MAGIC_IDS
from training.simulate.channel.protocol import ChannelError, parse_setting

TURN = "x-turn"
"""On a request: `RUN NUMBER`; the numbers of one run are taken in their order."""
NEXT_DUE = "x-next-due"
"""On an answer: microseconds since 1970 UTC when money moves or a callback goes out next."""
_Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(house: House, *, hang_s: float) -> Starlette:
    """Build the app; a time-out hangs for `hang_s` real seconds, then ends as HTTP 504."""
    desk = _Desk(house, hang_s)
    paths: dict[str, tuple[_Endpoint, str]] = {
        "/submit": (desk.submit, "POST"),
        "/query/{order_id}": (desk.query, "GET"),
        "/settlement": (desk.settlement, "GET"),
    }
    routes = [
        Route(prefix + path, endpoint, methods=[method])
        for path, (endpoint, method) in paths.items()
        for prefix in ("", "/{pack}")
    ]
    routes += [
        Route("/", desk.about),
        Route("/ledger", desk.ledger),
        Route("/clock", desk.set_clock, methods=["POST"]),
    ]
    handlers: dict[Any, Any] = {InvalidOrder: _invalid, ChannelError: _refused}
    return Starlette(routes=routes, exception_handlers=handlers, lifespan=_lifespan(house))


class _Desk:
    def __init__(self, house: House, hang_s: float) -> None:
        self._house = house
        self._hang_s = hang_s

    async def submit(self, request: Request) -> Response:
        raw = await _body(request)
        name = request.path_params.get("pack")
        said = await self._house.submit(name, raw, request.headers.get(TURN))
        match said:
            case Silence.TIMEOUT:
                await asyncio.sleep(self._hang_s)
                return self._say({"title": "no answer in time"}, 504)
            case Silence.DOWN:
                return self._say({"title": "the channel is down"}, 503)
            case Silence.RATE_LIMITED:
                code = self._house.channel(name).rate_limited_code
                return self._say({"title": "too many requests", "raw_code": code}, 429)
            case _:
                await asyncio.sleep(self._hang_s * self._house.channel(name).slowness)
                return self._say(said)

    async def query(self, request: Request) -> Response:
        order_id = request.path_params["order_id"]
        said = await self._house.query(request.path_params.get("pack"), order_id)
        if said is None:
            return self._say({"title": f"no order {order_id!r} ever arrived here"}, 404)
        return self._say(said)

    async def settlement(self, request: Request) -> Response:
        await self._house.pump()
        text = request.query_params.get("date", "")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise ChannelError(f"date is {text!r}; write it such as 2026-11-11") from None
        channel = self._house.channel(request.path_params.get("pack"))
        csv = channel.settlement(day, self._house.clock.now_us())
        return PlainTextResponse(csv, media_type="text/csv")

    async def set_clock(self, request: Request) -> Response:
        setting = parse_setting(await _body(request))
        await self._house.move_clock(to_us(setting.now), request.headers.get(TURN))
        return self._say({"now": from_us(self._house.clock.now_us())})

    async def ledger(self, _request: Request) -> Response:
        await self._house.pump()
        return _json(self._house.ledger())

    def _say(self, content: Any, status: int = 200) -> Response:
        """Answer, and tell when something is due next: nobody need move the clock to ask."""
        answer, due_us = _json(content, status), self._house.next_due_us
        answer.headers[NEXT_DUE] = "" if due_us is None else str(due_us)
        return answer

    async def about(self, _request: Request) -> Response:
        return _json(
            {
                "channels": self._house.names,
                "now": from_us(self._house.clock.now_us()),
                "test_amounts_minor": {str(n): kind for n, kind in MAGIC_AMOUNTS_MINOR.items()},
                "test_ids": MAGIC_IDS,
            }
        )


def _lifespan(house: House) -> Any:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        running = asyncio.get_running_loop().create_task(house.run())
        yield
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await house.close()

    return lifespan


async def _body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise ChannelError(f"the body has more than {MAX_BODY_BYTES} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


async def _invalid(_request: Request, error: InvalidOrder) -> Response:
    return _json({"title": "this cannot be read", "faults": list(error.faults)}, 422)


async def _refused(_request: Request, error: ChannelError) -> Response:
    return _json({"title": str(error)}, 400)


def _json(content: Any, status: int = 200) -> Response:
    body = msgspec.json.encode(content)
    return Response(body, status_code=status, media_type="application/json")
