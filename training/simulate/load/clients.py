"""Speaks to the scoring service and to the channel; what goes wrong on the way is a value."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from rules.decision import Action, Fix, Reroute, Retry
from training.simulate.channel.protocol import ChannelError, Reply

_CHANNEL_TIMEOUT_S = 10.0


class Advice(Struct, frozen=True, kw_only=True):
    """The part of a decision that is acted on."""

    order_id: str
    action: Action
    fix: Fix | None = None
    wait_until: datetime | None = None
    reroute: Reroute | None = None
    retry: Retry | None = None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The channel did not take it: down, or too many requests. The number is still free."""

    status: int


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing is known: it may have been taken."""

    status: int | None


@dataclass(frozen=True, slots=True)
class NeverArrived:
    """The channel does not know the number."""


class Service:
    """The scoring service."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def score(self, order: bytes) -> Advice:
        """Ask for advice. Raises ChannelError where the service refuses or is away."""
        return msgspec.json.decode(await self._post("/v1/score", order), type=Advice)

    async def report(self, order_id: str, said: dict[str, Any]) -> None:
        """Report what the channel said. Raises ChannelError as `score` does."""
        await self._post("/v1/outcomes", msgspec.json.encode({"order_id": order_id, **said}))

    async def _post(self, path: str, body: bytes) -> bytes:
        try:
            answer = await self._client.post(self._url + path, content=body)
        except httpx.HTTPError as error:
            raise ChannelError(f"the service at {self._url} does not answer: {error!r}") from error
        if answer.status_code != httpx.codes.OK:
            raise ChannelError(f"{self._url}{path} says {answer.status_code}: {answer.text[:300]}")
        return answer.content


class ChannelClient:
    """A simulated channel, or several behind one address."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def submit(self, channel: str, body: dict[str, Any]) -> Reply | NotTaken | NoAnswer:
        """Hand an order over. Raises ChannelError where the channel cannot read it."""
        content = msgspec.json.encode(body)
        try:
            answer = await self._client.post(
                f"{self._url}/{channel}/submit", content=content, timeout=_CHANNEL_TIMEOUT_S
            )
        except httpx.HTTPError:
            return NoAnswer(None)
        if answer.status_code in (429, 503):
            return NotTaken(answer.status_code)
        if answer.status_code == httpx.codes.GATEWAY_TIMEOUT:
            return NoAnswer(answer.status_code)
        return _reply(answer)

    async def query(self, channel: str, order_id: str) -> Reply | NeverArrived | NoAnswer:
        """Ask how an order stands."""
        try:
            answer = await self._client.get(f"{self._url}/{channel}/query/{order_id}")
        except httpx.HTTPError:
            return NoAnswer(None)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return NeverArrived()
        return _reply(answer)

    async def move_clock(self, instant: datetime) -> None:
        """Move the channel's clock; what is due by then is paid and called back."""
        body = msgspec.json.encode({"now": instant})
        await self._ask(self._client.post(f"{self._url}/clock", content=body, timeout=60))

    async def about(self) -> dict[str, Any]:
        """Ask which channels run there."""
        return await self._ask(self._client.get(f"{self._url}/"))

    async def ledger(self) -> dict[str, Any]:
        """Read the channel's own books, summed up."""
        return await self._ask(self._client.get(f"{self._url}/ledger"))

    async def _ask(self, asking: Any) -> dict[str, Any]:
        try:
            answer: httpx.Response = await asking
        except httpx.HTTPError as error:
            raise ChannelError(f"the channel at {self._url} does not answer: {error!r}") from error
        if answer.status_code != httpx.codes.OK:
            raise ChannelError(f"the channel at {self._url} says {answer.text[:300]}")
        decoded: dict[str, Any] = msgspec.json.decode(answer.content)
        return decoded


def _reply(answer: httpx.Response) -> Reply:
    if answer.status_code != httpx.codes.OK:
        raise ChannelError(f"{answer.url} says {answer.status_code}: {answer.text[:300]}")
    return msgspec.json.decode(answer.content, type=Reply)
