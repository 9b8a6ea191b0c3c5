"""Takes the steps of an edit beside scoring: short ones in a thread, heavy ones in a process.

Nothing of it runs on the event loop, and two steps at most run at a time: scoring keeps a core.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from features.errors import PreflightError
from features.times import from_us
from rules.edit_asked import Asked, Told
from rules.edit_steps import SHORT, perform
from rules.holds import Holds
from serving.edit_bodies import Enacted, HeldAnswer, JobView, PublishedView
from serving.problems import EditRefused, NotRecorded
from serving.watch import Watch

T = TypeVar("T")
COMMAND = (sys.executable, "-m", "rules.edit_child")
"""What takes a heavy step; it is never imported here, since it reads histories."""
_AT_A_TIME = 2
_MOST_JOBS = 50
"""Jobs that are remembered; the oldest that has ended goes first."""
RUNNING, DONE, FAILED = "running", "done", "failed"


class Edits:
    """The steps of edits and holds for one data folder. Used from one event loop."""

    def __init__(self, home: Path, ledger: str, watch: Watch, clock: Callable[[], int]) -> None:
        self.home = home
        self.now_us = clock
        self._ledger = ledger
        self._watch = watch
        self._pool = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="edits")
        self._emergency = ThreadPoolExecutor(1, thread_name_prefix="holds")
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._jobs: dict[str, JobView] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, verb: str, kind: str, **said: Any) -> bytes:
        """Take a step and give its report as JSON; raises EditRefused saying why not."""
        return await self._beside(self._asked(verb, kind, **said))

    async def enact(self, verb: str, kind: str, **said: Any) -> Enacted:
        """Publish or roll back, and wait until this service answers by it, or cannot."""
        raw = await self.take(verb, kind, **said)
        published = msgspec.json.decode(raw, type=PublishedView)
        problems = await self._watch.settle()
        running = self._watch.parts.released.versions
        return Enacted(
            published=published,
            in_force=running[published.kind] == published.version,
            problems=dict(problems),
        )

    def begin(self, verb: str, kind: str, **said: Any) -> JobView:
        """Begin a step that takes long; `job` tells how it stands."""
        asked = self._asked(verb, kind, **said)
        job = JobView(
            job=f"j{asked.at_us:x}",
            verb=verb,
            kind=kind,
            draft=asked.draft,
            by=asked.by,
            began_at=from_us(asked.at_us),
            status=RUNNING,
        )
        self._forget()
        self._jobs[job.job] = job
        task = asyncio.get_running_loop().create_task(self._work(job, asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def job(self, name: str) -> JobView:
        """Tell how a job stands; raises NotRecorded. Jobs are forgotten when the service ends."""
        if name not in self._jobs:
            raise NotRecorded(
                f"no job {name!r} is known; jobs of an earlier start are forgotten, but what they "
                "found is in the history of the edit"
            )
        return self._jobs[name]

    async def hold(self, switch: Callable[[], Holds]) -> HeldAnswer:
        """Switch something off or on, and look at once; no edit is waited for.

        Raises EditRefused.
        """
        loop = asyncio.get_running_loop()
        holds = await loop.run_in_executor(self._emergency, _refusing(switch))
        self._watch.look()
        return HeldAnswer(
            version=holds.version,
            rules=holds.rules,
            channels=holds.channels,
            in_force=self._watch.terms.holds_version == holds.version,
        )

    async def close(self) -> None:
        """End what still runs: a step that is cut off changes nothing, or is whole."""
        for process in tuple(self._processes):
            _end(process)
        for task in tuple(self._tasks):
            await task
        for pool in (self._pool, self._emergency):
            pool.shutdown(cancel_futures=True)

    def _asked(self, verb: str, kind: str, **said: Any) -> Asked:
        return Asked(
            verb=verb,
            kind=kind,
            home=str(self.home),
            ledger=self._ledger,
            at_us=self.now_us(),
            **said,
        )

    async def _work(self, job: JobView, asked: Asked) -> None:
        try:
            raw = await self._beside(asked)
        except PreflightError as error:
            ended = msgspec.structs.replace(job, status=FAILED, problem=str(error))
        else:
            ended = msgspec.structs.replace(job, status=DONE, answer=msgspec.json.decode(raw))
        self._jobs[job.job] = ended

    async def _beside(self, asked: Asked) -> bytes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._taken, asked)

    def _taken(self, asked: Asked) -> bytes:
        if asked.verb not in SHORT:
            return self._told(asked)
        return _refusing(lambda: msgspec.json.encode(perform(asked, SHORT)))()

    def _told(self, asked: Asked) -> bytes:
        process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self._processes.add(process)
        try:
            out, _ = process.communicate(msgspec.json.encode(asked))
        finally:
            self._processes.discard(process)
        if process.returncode != 0:
            raise EditRefused(
                f"{asked.verb} was cut off: its process ended with {process.returncode}; the "
                "service's log says why, and the history of the edit how far it came"
            )
        told = msgspec.json.decode(out, type=Told)
        if told.refused:
            raise EditRefused(told.refused)
        return bytes(told.report)

    def _forget(self) -> None:
        ended = [name for name, job in self._jobs.items() if job.status != RUNNING]
        for name in ended[: max(0, len(self._jobs) + 1 - _MOST_JOBS)]:
            del self._jobs[name]


def _refusing(act: Callable[[], T]) -> Callable[[], T]:
    def acting() -> T:
        try:
            return act()
        except PreflightError as error:
            raise EditRefused(str(error)) from None

    return acting


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
