"""The running service as one value: its parts, and how it starts and stops."""

import gc
from dataclasses import dataclass

from serving.desk import Desk
from serving.feedback import Feedback
from serving.journal import Journal


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that answers; built by `serving.wiring`, or by a test from fakes."""

    journal: Journal
    desk: Desk
    feedback: Feedback
    code: str
    book: str
    model: str | None

    def open(self) -> None:
        """Rebuild the state from the ledger, and keep the garbage collector away from all of it.

        Collecting while it grows, and scanning it ever after, would only cost time.
        """
        gc.disable()
        try:
            self.journal.open()
            gc.freeze()
        finally:
            gc.enable()

    async def close(self) -> None:
        """Write what is queued, then stop."""
        await self.journal.close()
        gc.unfreeze()
