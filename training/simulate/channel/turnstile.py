"""Lets numbered requests through in the order of their numbers, however they arrive.

Many requests are in flight at a time and overtake each other on the way. What a channel remembers
depends on their order, so a client that wants the same answers again numbers them.
"""

import asyncio
from dataclasses import dataclass, field

_PATIENCE_S = 2.0


@dataclass(slots=True)
class _Run:
    next: int = 1
    waiting: dict[int, asyncio.Event] = field(default_factory=dict)


class Turnstile:
    """Used from one event loop. A number that never comes is skipped after `patience_s`."""

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._runs: dict[str, _Run] = {}

    async def wait(self, turn: str | None) -> None:
        """Return once all lower numbers of the same run have passed; `turn` is `RUN NUMBER`.

        Without a number, or with one that cannot be read, nothing is waited for.
        """
        name, number = _parsed(turn)
        if number is None:
            return
        run = self._runs.setdefault(name, _Run())
        while number > run.next:
            event = run.waiting.setdefault(number, asyncio.Event())
            try:
                async with asyncio.timeout(self._patience_s):
                    await event.wait()
            except TimeoutError:
                _skip(run)
            finally:
                run.waiting.pop(number, None)

    def done(self, turn: str | None) -> None:
        """Let the next number through; to be called without awaiting since `wait`."""
        name, number = _parsed(turn)
        if number is None:
            return
        run = self._runs[name]
        run.next = max(run.next, number + 1)
        if run.next in run.waiting:
            run.waiting[run.next].set()


def _skip(run: _Run) -> None:
    """Give up on what is missing before the lowest number that waits."""
    run.next = max(run.next, min(run.waiting))
    run.waiting[run.next].set()


def _parsed(turn: str | None) -> tuple[str, int | None]:
    name, _, number = (turn or "").rpartition(" ")
    return name, int(number) if name and number.isdecimal() else None
