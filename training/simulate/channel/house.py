"""A house of channels that share one clock, and the posting of their callbacks."""

import asyncio
from collections.abc import Mapping

import httpx
import msgspec

from features.errors import suggest
from features.times import from_us, to_us
from training.simulate.channel.channel import Channel, Silence
from training.simulate.channel.clock import Clock
from training.simulate.channel.loopback import loopback_url
from training.simulate.channel.protocol import Callback, ChannelError, Reply, parse_submission

_TICK_S = 0.05
_CALLBACK_TIMEOUT_S = 2.0


class House:
    """Takes requests for its channels. Used from one event loop."""

    def __init__(self, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._channels = channels
        self._posting = asyncio.Lock()
        self._client = httpx.AsyncClient(timeout=_CALLBACK_TIMEOUT_S, trust_env=False)
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

    async def submit(self, name: str | None, raw: bytes) -> Reply | Silence:
        """Take one submission. Raises InvalidOrder, or ChannelError for a foreign notify URL."""
        submission, order = parse_submission(raw)
        if submission.notify_url is not None:
            loopback_url(submission.notify_url, "notify_url")
        if submission.sent_at is not None and self.clock.stands:
            self.clock.move_to(to_us(submission.sent_at))
        await self.pump()
        return self.channel(name).submit(submission, order, self.clock.now_us())

    async def query(self, name: str | None, order_id: str) -> Reply | None:
        """Say how an order stands."""
        await self.pump()
        return self.channel(name).query(order_id, self.clock.now_us())

    async def pump(self) -> None:
        """Move the money and post the callbacks that are due, one after another."""
        async with self._posting:
            for channel in self._channels.values():
                for url, callback in list(channel.advance(self.clock.now_us())):
                    await self._post(url, callback)

    async def run(self) -> None:
        """Pump until cancelled."""
        while True:
            await asyncio.sleep(_TICK_S)
            await self.pump()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    def ledger(self) -> dict[str, object]:
        """Sum up every channel's books."""
        return {
            "now": from_us(self.clock.now_us()),
            "undelivered_callbacks": self.undelivered,
            "channels": {name: _summed(channel) for name, channel in self._channels.items()},
        }

    async def _post(self, url: str, callback: Callback) -> None:
        try:
            answer = await self._client.post(url, content=msgspec.json.encode(callback))
            answer.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL):
            self.undelivered += 1


def _summed(channel: Channel) -> dict[str, object]:
    payments = list(channel.books)
    return {
        "payments": len(payments),
        "amount_minor": sum(payment.amount_minor for payment in payments),
        "paid_twice": channel.books.paid_twice(),
    }
