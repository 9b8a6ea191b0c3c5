"""The terms that answer now; when a part of them changes on the disk, they change as a whole.

A look at the pointers costs some small reads, so it is done ten times a second. What has moved is
loaded and prepared in a thread of its own; then the terms are replaced by one assignment. Holds are
one small file and are read at once, so that an emergency waits for nothing.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Protocol

from features.errors import PreflightError
from rules.holds import NO_HOLDS, Holds
from rules.holds_store import HoldStore
from rules.terms import Terms
from serving.parts import UNREADABLE, Parts, Problems, Stamps

LOOK_EVERY_S = 0.1
"""How long a change on the disk may go unseen."""
_TURN_S = 0.0005
"""How long the thread that loads may keep the interpreter while an answer waits for it."""
HOLDS, POINTERS, WATCH = "holds", "pointers", "watch"
_FORGOTTEN = "-"
"""No version: what was seen last counts for nothing, so it is read again."""
_log = logging.getLogger(__name__)


class Source(Protocol):
    """Where parts come from; `serving.parts.DataFolder` satisfies it."""

    @property
    def holds(self) -> HoldStore:
        """What is switched off."""
        ...

    def open(self) -> Parts:
        """Load all parts; raises PreflightError naming the file."""
        ...

    def stamps(self) -> Stamps:
        """Read the pointers of all parts."""
        ...

    def updated(self, now: Parts, stamps: Stamps) -> tuple[Parts, Problems]:
        """Load what has moved."""
        ...


class Watch:
    """Keeps the terms in step with the disk. Used from one event loop, except `wake`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._parts = source.open()
        self._seen: Stamps = self._parts.stamps
        self._held = source.holds.pointer()
        self._holds = _read(source.holds, self._held)
        self._part_problems: Problems = {}
        self._hold_problem: str | None = None
        self._pointer_problem: str | None = None
        self._loading: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._wake: Callable[[], None] | None = None
        self.terms: Terms = self._parts.terms(self._holds)
        """What the next decision is made by."""

    @property
    def parts(self) -> Parts:
        """The parts that the terms are made of, holds aside."""
        return self._parts

    @property
    def problems(self) -> Problems:
        """What could not be loaded since it changed, and why; what ran before still runs."""
        found = dict(self._part_problems)
        if self._pointer_problem is not None:
            found[POINTERS] = self._pointer_problem
        if self._hold_problem is not None:
            found[HOLDS] = self._hold_problem
        if self._looking is not None and self._looking.done():
            found[WATCH] = "it has ended; the log says why. Restart the service"
        return found

    def start(self) -> None:
        """Begin to look; call it inside the event loop."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        self._wake = partial(_call, loop, woken.set)
        self._looking = loop.create_task(self._look_on(woken))

    async def close(self) -> None:
        """Stop looking."""
        for task in (self._looking, self._loading):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        self._wake = None

    def wake(self) -> None:
        """Look at once, from any thread; what could not be loaded is tried again."""
        if self._wake is not None:
            self._wake()

    async def settle(self) -> Problems:
        """Look now and wait until all that has changed runs, or is told in `problems`."""
        self.look()
        while self._loading is not None:
            await asyncio.shield(self._loading)
            self.look()
        return self.problems

    def look(self) -> None:
        """Look once: holds change at once, whatever else has moved is loaded beside the loop."""
        self._look_at_holds()
        if self._loading is not None:
            return
        try:
            stamps = self._source.stamps()
        except UNREADABLE as error:
            if self._pointer_problem is None:
                _log.error("what runs cannot be looked at, so it stays as it was: %s", error)
            self._pointer_problem = str(error)
            return
        self._pointer_problem = None
        if stamps != self._seen:
            self._seen = stamps
            self._loading = asyncio.get_running_loop().create_task(self._load(stamps))

    async def _look_on(self, woken: asyncio.Event) -> None:
        while True:
            self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), LOOK_EVERY_S)
                self._seen, self._held = self._parts.stamps, _FORGOTTEN
            woken.clear()

    def _look_at_holds(self) -> None:
        store = self._source.holds
        try:
            held = store.pointer()
            if held == self._held:
                return
            self._held = held
            self._take(self._parts, _read(store, held))
        except (PreflightError, *UNREADABLE) as error:
            self._hold_problem = str(error)
            _log.error("holds have changed but stay as they were: %s", error)
        else:
            self._hold_problem = None

    async def _load(self, stamps: Stamps) -> None:
        try:
            with _often_switched():
                parts, problems = await asyncio.to_thread(self._source.updated, self._parts, stamps)
            self._note(problems)
            if parts is not self._parts:
                self._take(parts, self._holds)
        except Exception as error:  # not foreseen: what ran before runs on, and the cause is told
            self._note({"unforeseen": repr(error)})
            raise
        finally:
            self._loading = None

    def _take(self, parts: Parts, holds: Holds) -> None:
        terms = parts.terms(holds)
        terms.routes_version, terms.holds_version  # noqa: B018 - computed before, not in, an answer
        self._parts, self._holds = parts, holds
        self.terms = terms

    def _note(self, problems: Problems) -> None:
        for part, problem in problems.items():
            if self._part_problems.get(part) != problem:
                _log.error("%s have changed but stay as they were: %s", part, problem)
        self._part_problems = problems


@contextmanager
def _often_switched() -> Iterator[None]:
    """Let threads take turns more often: by default each answer waits 5 ms, several times over."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)


def _call(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody looks any more
        loop.call_soon_threadsafe(act)


def _read(store: HoldStore, version: str | None) -> Holds:
    return NO_HOLDS if version is None else store.at(version)
