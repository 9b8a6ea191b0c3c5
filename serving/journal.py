"""Keeps ledger and state in step: numbers events, writes them, applies them in one order.

An event is applied to the state when it is queued for the ledger, so that orders which arrive
together see each other exactly as a replay of the ledger does. If a commit fails, the writer
refuses what followed and the state is rebuilt from the ledger: what was not logged never counts.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from features.errors import InvalidOrder, LedgerError
from features.ledger import LedgerReader, OrderEvent, OutcomeEvent, Row
from serving.ledger_writer import LedgerWriter
from serving.state import StateError, StateStore, apply_event

SWEEP_EVERY = 10_000
"""Events between two sweeps of the state."""
RECOVERY_PAUSE_S = 1.0
"""Seconds between two tries to write to a failed ledger."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The number of an event and the instant at which it became known; both only ever rise."""

    seq: int
    at_us: int


class Journal:
    """The one place that changes what the service knows. Used from one event loop."""

    def __init__(
        self,
        writer: LedgerWriter,
        reader: LedgerReader,
        make_state: Callable[[], StateStore],
        clock: Callable[[], int],
        horizon_us: int,
    ) -> None:
        """`horizon_us` is how far back an event can still count for a decision."""
        self._writer = writer
        self._make_state = make_state
        self._clock = clock
        self._horizon_us = horizon_us
        self._state: StateStore | None = None
        self._decided: set[str] = set()
        self._answered: set[str] = set()
        self._last = Stamp(0, 0)
        self._refusal: LedgerError | None = None
        self._recovery: asyncio.Task[None] | None = None
        self.reader = reader

    def open(self) -> None:
        """Begin to write, and rebuild the state from the ledger."""
        self._writer.start()
        self._rebuild()

    def open_to_read(self) -> None:
        """Rebuild the state from the ledger only; nothing can be recorded."""
        self._rebuild()

    async def close(self) -> None:
        """Write what is queued and stop."""
        if self._recovery is not None:
            self._recovery.cancel()
        await self._writer.close()

    @property
    def state(self) -> StateStore | None:
        """The state, or None where it was lost."""
        return self._state

    def check(self) -> None:
        """Raise LedgerError while the ledger cannot be written."""
        if self._refusal is not None:
            raise self._refusal

    def has_decided(self, order_id: str) -> bool:
        """Tell whether an order has a decision already."""
        return order_id in self._decided

    def has_answers(self, order_id: str) -> bool:
        """Tell whether a channel's answer about an order was ever reported or imported."""
        return order_id in self._answered

    def stamp(self) -> Stamp:
        """Number the next event; its instant is later than every earlier one."""
        at_us = max(self._clock(), self._last.at_us + 1)
        self._last = Stamp(self._last.seq + 1, at_us)
        return self._last

    def record(self, event: OrderEvent | OutcomeEvent, *rows: Row) -> asyncio.Future[None]:
        """Queue an event's rows and count it; the future is done once they are on the disk."""
        self.check()
        committed = self._writer.append(*rows)
        committed.add_done_callback(self._note_failure)
        self._apply(event)
        match event:
            case OrderEvent():
                self._decided.add(event.order_id)
            case OutcomeEvent():
                self._answered.add(event.order_id)
        return committed

    def note(self, *rows: Row) -> asyncio.Future[None]:
        """Queue rows that count for no order's features; the future is as that of `record`."""
        self.check()
        committed = self._writer.append(*rows)
        committed.add_done_callback(self._note_failure)
        return committed

    def _apply(self, event: OrderEvent | OutcomeEvent) -> None:
        if self._state is None:
            return
        try:
            apply_event(self._state, event)
            if event.seq % SWEEP_EVERY == 0:
                self._state.sweep(event.at_us)
        except StateError:  # it now lacks an event: answer without it until the next start
            self._state = None

    def _note_failure(self, committed: asyncio.Future[None]) -> None:
        failure = None if committed.cancelled() else committed.exception()
        if isinstance(failure, LedgerError) and self._refusal is None:
            self._refusal = failure
            self._recovery = asyncio.get_running_loop().create_task(self._recover())

    async def _recover(self) -> None:
        while self._refusal is not None:
            await asyncio.sleep(RECOVERY_PAUSE_S)
            try:
                await self._writer.recover()
                await asyncio.to_thread(self._rebuild)
            except LedgerError as error:
                self._refusal = error
            else:
                self._refusal = None

    def _rebuild(self) -> None:
        state = self._make_state()
        last_us = max(self._clock(), self.reader.last_instant_us())
        for event in self.reader.events(last_us - self._horizon_us):
            with suppress(InvalidOrder):  # it does not fit today's catalog, so it cannot count
                apply_event(state, event)
        self._decided = set(self.reader.decided_order_ids())
        self._answered = set(self.reader.answered_order_ids())
        self._last = Stamp(self.reader.last_seq(), self.reader.last_instant_us())
        self._state = state
