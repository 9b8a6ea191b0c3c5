"""Receives a channel's callbacks while a history is played."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from training.simulate.channel.protocol import CALLBACK_PATH, Callback

Take = Callable[[Callback], Awaitable[None]]
_POLL_S = 0.02


@asynccontextmanager
async def open_inbox(take: Take) -> AsyncIterator[str]:
    """Listen on a free port of this machine; gives the notify URL."""
    # The protocol is named so that asyncio turns Nagle's algorithm off: it costs 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}{CALLBACK_PATH}"

    async def receive(request: Request) -> Response:
        await take(msgspec.json.decode(await request.body(), type=Callback))
        return Response(b"ok")

    app = Starlette(routes=[Route(CALLBACK_PATH, receive, methods=["POST"])])
    server = _Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(_POLL_S)
        yield url
    finally:
        server.should_exit = True
        await serving
        listener.close()


class _Server(uvicorn.Server):
    """A server inside a command: Ctrl-C is the command's to handle."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
