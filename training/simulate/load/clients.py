"""Speaks to the scoring service and to the channel; what goes wrong on the way is a value."""

from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import Any

import msgspec
from msgspec import Struct

from features.times import from_us
from rules.decision import Action, Fix, Reroute, Retry, Severity, Wait
from training.simulate.channel.app import NEXT_DUE
from training.simulate.channel.protocol import ChannelError, Reply
from training.simulate.channel.wire import Answer, Wire, WireError


class Ground(Struct, frozen=True, kw_only=True):
    """One reason of an advice."""

    code: str
    severity: Severity


class Advice(Struct, frozen=True, kw_only=True):
    """The part of a decision that is acted on."""

    order_id: str
    action: Action
    reasons: tuple[Ground, ...] = ()
    fix: Fix | None = None
    wait: Wait | None = None
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

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def score(self, order: bytes) -> Advice:
        """Ask for advice. Raises ChannelError where the service refuses or is away."""
        return msgspec.json.decode(await self._post("/v1/score", order), type=Advice)

    async def report(self, order_id: str, said: dict[str, Any]) -> None:
        """Report what the channel said. Raises ChannelError as `score` does."""
        await self._post("/v1/outcomes", msgspec.json.encode({"order_id": order_id, **said}))

    async def _post(self, path: str, body: bytes) -> bytes:
        answer = await self._wire.post(path, body)
        if answer.status != HTTPStatus.OK:
            raise ChannelError(f"the service says {answer.status} to {path}: {answer.text}")
        return answer.body


class ChannelClient:
    """A simulated channel, or several behind one address.

    `run` names this client's numbering: what is numbered is taken in the order of its numbers,
    however many requests are in flight.
    """

    def __init__(self, wire: Wire, run: str) -> None:
        self._wire = wire
        self._run = run
        self._numbers = count(1)
        self.next_due_us: int | None = None
        """When the channel pays or calls back next, as of the last answer that came."""

    def next_turn(self) -> str:
        """Take the next number; whoever takes one must use it soon."""
        return f"{self._run} {next(self._numbers)}"

    async def submit(
        self, channel: str, body: dict[str, Any], turn: str
    ) -> Reply | NotTaken | NoAnswer:
        """Hand an order over. Raises ChannelError where the channel cannot read it."""
        try:
            answer = await self._wire.post(f"/{channel}/submit", msgspec.json.encode(body), turn)
        except WireError:
            return NoAnswer(None)
        self._note(answer)
        if answer.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            return NotTaken(answer.status)
        if answer.status == HTTPStatus.GATEWAY_TIMEOUT:
            return NoAnswer(answer.status)
        return _reply(answer)

    async def query(self, channel: str, order_id: str) -> Reply | NeverArrived | NoAnswer:
        """Ask how an order stands."""
        try:
            answer = await self._wire.get(f"/{channel}/query/{order_id}")
        except WireError:
            return NoAnswer(None)
        self._note(answer)
        return NeverArrived() if answer.status == HTTPStatus.NOT_FOUND else _reply(answer)

    async def move_clock(self, instant_us: int) -> None:
        """Move the channel's clock; what is due by then is paid and called back."""
        body = msgspec.json.encode({"now": from_us(instant_us)})
        answer = await self._wire.post("/clock", body, self.next_turn())
        self._note(answer)
        _read(answer)

    async def about(self) -> dict[str, Any]:
        """Ask which channels run there."""
        return _read(await self._wire.get("/"))

    async def ledger(self) -> dict[str, Any]:
        """Read the channel's own books, summed up."""
        return _read(await self._wire.get("/ledger"))

    def _note(self, answer: Answer) -> None:
        due = answer.header(NEXT_DUE)
        self.next_due_us = int(due) if due else None


def _read(answer: Answer) -> dict[str, Any]:
    if answer.status != HTTPStatus.OK:
        raise ChannelError(f"the channel says {answer.status}: {answer.text}")
    decoded: dict[str, Any] = msgspec.json.decode(answer.body)
    return decoded


def _reply(answer: Answer) -> Reply:
    if answer.status != HTTPStatus.OK:
        raise ChannelError(f"the channel says {answer.status}: {answer.text}")
    return msgspec.json.decode(answer.body, type=Reply)
