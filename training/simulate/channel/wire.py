"""A small HTTP/1.1 client for this machine: kept connections, one request at a time on each.

A load shares two cores with what it measures, so a request must cost it as little as can be.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from training.simulate.channel.protocol import ChannelError

_IDLE_S: Final = 2.0
"""A connection that was idle longer is not used again: servers close theirs after some seconds."""
_HEAD_END = b"\r\n\r\n"


class WireError(ChannelError):
    """No answer came: nobody there, too late, or something that is no plain HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `head` is the status line and the headers, as they were sent."""

    status: int
    head: bytes
    body: bytes

    @property
    def text(self) -> str:
        """The beginning of the body, for people."""
        return self.body[:300].decode("utf-8", "replace")

    def header(self, name: str) -> str | None:
        """Give a header by its lower-case name."""
        return _header(self.head, name.encode())


@dataclass(frozen=True, slots=True)
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Wire:
    """Speaks to one address. Used from one event loop; any number of requests at a time."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        parts = urlsplit(url)
        self._url = url
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._prefix, self._named = parts.path.rstrip("/"), parts.netloc
        self._timeout_s = timeout_s
        self._idle: list[tuple[float, _Line]] = []

    async def get(self, path: str) -> Answer:
        """Ask for something. Raises WireError where no answer comes."""
        return await self.ask("GET", path, b"")

    async def post(self, path: str, body: bytes, turn: str | None = None) -> Answer:
        """Hand something over. Raises WireError where no answer comes: it may have been taken."""
        return await self.ask("POST", path, body, turn)

    async def ask(self, method: str, path: str, body: bytes, turn: str | None = None) -> Answer:
        """Send one request; `turn` goes as the header `x-turn`. Raises WireError as above."""
        numbered = "" if turn is None else f"x-turn: {turn}\r\n"
        head = (
            f"{method} {self._prefix}{path} HTTP/1.1\r\nhost: {self._named}\r\n{numbered}"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._exchange(head.encode() + body)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise WireError(f"{self._url} does not answer: {error!r}") from error

    async def close(self) -> None:
        """Let go of the connections."""
        while self._idle:
            self._idle.pop()[1].writer.close()
        await asyncio.sleep(0)

    async def _exchange(self, request: bytes) -> Answer:
        line = await self._line()
        try:
            line.writer.write(request)
            head = await line.reader.readuntil(_HEAD_END)
            body = await line.reader.readexactly(int(_header(head, b"content-length") or 0))
            answer = Answer(int(head.split(b" ", 2)[1]), head, body)
        except BaseException:
            line.writer.close()
            raise
        if _header(head, b"connection") == "close":
            line.writer.close()
        else:
            self._idle.append((time.monotonic(), line))
        return answer

    async def _line(self) -> _Line:
        while self._idle:
            since, line = self._idle.pop()
            if time.monotonic() - since < _IDLE_S and not line.reader.at_eof():
                return line
            line.writer.close()
        return _Line(*await asyncio.open_connection(self._host, self._port))


def _header(head: bytes, name: bytes) -> str | None:
    at = head.lower().find(b"\r\n" + name + b":")
    if at < 0:
        return None
    begins = at + len(name) + 3
    return head[begins : head.index(b"\r\n", begins)].decode("latin-1").strip()
