"""Reads request bodies without ever holding more than the limit, and sends plain answers."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from features.edge import MAX_BODY_BYTES
from serving.problems import BodyTooLarge

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

DRAIN_BYTES = 64_000_000
"""How much of an oversized body is read and dropped, so that its sender can read our answer."""


async def read_body(receive: Receive) -> bytes:
    """Read a whole request body.

    Raises BodyTooLarge past MAX_BODY_BYTES; what is over the limit is dropped, not kept.
    """
    chunks: list[bytes] = []
    size = 0
    more = True
    while more and size <= DRAIN_BYTES:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        more = message.get("more_body", False)
        if size <= MAX_BODY_BYTES:
            chunks.append(chunk)
        else:
            chunks.clear()
    if size > MAX_BODY_BYTES:
        raise BodyTooLarge(
            f"the body has more than {MAX_BODY_BYTES} bytes; no valid order is that large: "
            "send one order per request"
        )
    return b"".join(chunks)


async def send_json(
    send: Send, status: int, body: bytes, *, kind: str = "application/json", note: bytes = b""
) -> None:
    """Send one complete JSON answer; `note` marks an answer that was stored earlier."""
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    if note:
        headers.append((b"preflight-repeated", note))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
