"""A house of channels that share one clock, and the posting of their callbacks."""

import asyncio
from collections import deque
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from features.errors import suggest
from features.times import from_us, to_us
from training.simulate.channel.channel import Channel, Silence
from training.simulate.channel.clock import Clock
from training.simulate.channel.loopback import loopback_url
from training.simulate.channel.protocol import Callback, ChannelError, Reply, parse_submission
from training.simulate.channel.turnstile import Turnstile
from training.simulate.channel.wire import Wire, WireError

_TICK_S = 0.01
_CALLBACK_TIMEOUT_S = 2.0
_NOT_TAKEN = 300
"""HTTP statuses from here on: the merchant did not take a callback."""


class House:
    """Takes requests for its channels. Used from one event loop."""

    def __init__(self, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._channels = channels
        self._posting = asyncio.Lock()
        self._outgoing: deque[tuple[str, Callback]] = deque()
        self._wires: dict[str, Wire] = {}
        self._turnstile = Turnstile()
        self.clock = clock
        self.undelivered = 0
        """Callbacks that nobody took: a real channel would give up too, and a query tells."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(self._channels)

    def channel(self, name: str | None) -> Channel:
        """Find a channel; the first one where none is named. Raises ChannelError."""
        if name is None:
            return next(iter(self._channels.values()))
        if name not in self._channels:
            hint = suggest(name, self._channels)
            raise ChannelError(
                f"no channel {name!r} runs here.{hint} Running: {', '.join(self._channels)}"
            )
        return self._channels[name]

    async def submit(self, name: str | None, raw: bytes, turn: str | None) -> Reply | Silence:
        """Take one submission, in its turn where it has one; callbacks that it makes due follow.

        Raises InvalidOrder, or ChannelError for a foreign notify URL.
        """
        await self._turnstile.wait(turn)
        try:
            return self._take(name, raw)
        finally:
            self._turnstile.done(turn)

    async def query(self, name: str | None, order_id: str) -> Reply | None:
        """Say how an order stands."""
        self._advance()
        return self.channel(name).query(order_id, self.clock.now_us())

    async def move_clock(self, instant_us: int, turn: str | None) -> None:
        """Move a clock ahead, in its turn; what is due by then is paid and called back."""
        await self._turnstile.wait(turn)
        self.clock.move_to(instant_us)
        self._advance()
        self._turnstile.done(turn)
        await self.pump()

    @property
    def next_due_us(self) -> int | None:
        """When money moves or a callback goes out next; None while nothing is planned."""
        due = [channel.next_due_us for channel in self._channels.values()]
        return min((at_us for at_us in due if at_us is not None), default=None)

    async def pump(self) -> None:
        """Move the money and post the callbacks that are due, one after another."""
        self._advance()
        async with self._posting:
            while self._outgoing:
                await self._post(*self._outgoing.popleft())

    async def run(self) -> None:
        """Pump until cancelled."""
        while True:
            await asyncio.sleep(_TICK_S)
            await self.pump()

    async def close(self) -> None:
        """Let go of the connections."""
        for wire in self._wires.values():
            await wire.close()

    def ledger(self) -> dict[str, object]:
        """Sum up every channel's books."""
        return {
            "now": from_us(self.clock.now_us()),
            "undelivered_callbacks": self.undelivered,
            "channels": {name: _summed(channel) for name, channel in self._channels.items()},
        }

    def _take(self, name: str | None, raw: bytes) -> Reply | Silence:
        submission, order = parse_submission(raw)
        if submission.notify_url is not None:
            loopback_url(submission.notify_url, "notify_url")
        if submission.sent_at is not None and self.clock.stands:
            self.clock.move_to(to_us(submission.sent_at))
        self._advance()
        return self.channel(name).submit(submission, order, self.clock.now_us())

    def _advance(self) -> None:
        """Move the money that is due; callbacks wait for the next pump."""
        for channel in self._channels.values():
            self._outgoing.extend(channel.advance(self.clock.now_us()))

    async def _post(self, url: str, callback: Callback) -> None:
        parts = urlsplit(url)
        wire = self._wires.get(parts.netloc)
        if wire is None:
            address = f"http://{parts.netloc}"
            wire = self._wires[parts.netloc] = Wire(address, timeout_s=_CALLBACK_TIMEOUT_S)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            answer = await wire.post(path, msgspec.json.encode(callback))
        except WireError:
            self.undelivered += 1
        else:
            self.undelivered += answer.status >= _NOT_TAKEN


def _summed(channel: Channel) -> dict[str, object]:
    payments = list(channel.books)
    return {
        "payments": len(payments),
        "amount_minor": sum(payment.amount_minor for payment in payments),
        "paid_twice": channel.books.paid_twice(),
    }
