"""The running service as one value: its parts, and how it starts and stops."""

import gc
from dataclasses import dataclass

from serving.desk import Desk
from serving.edits import Edits
from serving.feedback import Feedback
from serving.journal import Journal
from serving.watch import Watch


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that answers; built by `serving.wiring`, or by a test from fakes."""

    journal: Journal
    desk: Desk
    feedback: Feedback
    watch: Watch
    edits: Edits
    code: str

    @property
    def model(self) -> str | None:
        """The champion that answers now."""
        scorer = self.watch.terms.scorer
        return None if scorer is None else scorer.version

    def open(self) -> None:
        """Rebuild the state from the ledger, out of the garbage collector's sight; then watch.

        Collecting while it grows, and scanning it ever after, would only cost time.
        """
        gc.disable()
        try:
            self.journal.open()
            gc.freeze()
            self.watch.start()
        finally:
            gc.enable()

    async def close(self) -> None:
        """Write what is queued, then stop."""
        await self.edits.close()
        await self.watch.close()
        await self.journal.close()
        gc.unfreeze()
