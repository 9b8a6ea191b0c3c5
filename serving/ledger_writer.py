"""Appends to the ledger in groups: what waits together is committed together.

One thread owns the database connection. After a failed commit it refuses everything until
`recover`, because what was decided since may rest on orders that were never written.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import msgspec
from sqlalchemy import Engine, insert, update
from sqlalchemy.exc import SQLAlchemyError

from features.errors import LedgerError
from features.ledger import META, SCHEMA_VERSION, TABLE_OF, Row, create_schema

MAX_GROUP = 256
"""Appends in one transaction; bounds how long the first one waits."""


_TOUCH = update(META).where(META.c.name == "schema").values(value=str(SCHEMA_VERSION))
"""Writes without changing anything: tells whether the ledger can be written."""


class _Entry(msgspec.Struct, frozen=True, eq=False):
    rows: Sequence[Row]
    done: asyncio.Future[None]
    probes: bool = False


class LedgerWriter:
    """The one writer of a ledger. `start` must be called inside the event loop that appends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: SimpleQueue[_Entry | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._failure: LedgerError | None = None
        self._statements = {kind: insert(table) for kind, table in TABLE_OF.items()}

    def start(self) -> None:
        """Make the tables where they are missing and begin to write."""
        create_schema(self._engine)
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def append(self, *rows: Row) -> asyncio.Future[None]:
        """Queue rows; the future is done once they are on the disk.

        The future raises LedgerError when they could not be written; then nothing was.
        """
        return self._put(_Entry(rows, asyncio.get_running_loop().create_future()))

    def recover(self) -> asyncio.Future[None]:
        """Try to write again after a failure; raises LedgerError while that is not possible."""
        done = asyncio.get_running_loop().create_future()
        return self._put(_Entry((), done, probes=True))

    async def close(self) -> None:
        """Write what is queued, then end the thread."""
        if self._thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    def _put(self, entry: _Entry) -> asyncio.Future[None]:
        if self._thread is None:
            raise LedgerError("the ledger is closed: the service is starting or shutting down")
        self._queue.put(entry)
        return entry.done

    def _run(self) -> None:
        open_ended = True
        while open_ended:
            group, open_ended = self._next_group()
            if group:
                self._write(group)

    def _next_group(self) -> tuple[list[_Entry], bool]:
        first = self._queue.get()
        if first is None:
            return [], False
        group = [first]
        with suppress(Empty):
            while len(group) < MAX_GROUP:
                entry = self._queue.get_nowait()
                if entry is None:
                    return group, False
                group.append(entry)
        return group, True

    def _write(self, group: list[_Entry]) -> None:
        if any(entry.probes for entry in group):
            self._failure = None
            refused = [entry for entry in group if not entry.probes]
            _resolve(refused, LedgerError("the ledger is recovering; send the request again"))
            group = [entry for entry in group if entry.probes]
        if self._failure is None:
            self._failure = self._commit(group)
        _resolve(group, self._failure)

    def _commit(self, group: list[_Entry]) -> LedgerError | None:
        rows_of: defaultdict[type[Row], list[dict[str, Any]]] = defaultdict(list)
        for entry in group:
            for row in entry.rows:
                rows_of[type(row)].append(msgspec.structs.asdict(row))
        try:
            with self._engine.begin() as connection:
                if not rows_of:
                    connection.execute(_TOUCH)
                for kind, rows in rows_of.items():
                    connection.execute(self._statements[kind], rows)
        except SQLAlchemyError as error:
            return LedgerError(f"the ledger {self._engine.url!r} cannot be written: {error}")
        return None


def _resolve(group: Sequence[_Entry], failure: LedgerError | None) -> None:
    if not group:
        return
    loop = group[0].done.get_loop()
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_finish, group, failure)


def _finish(group: Sequence[_Entry], failure: LedgerError | None) -> None:
    for entry in group:
        if entry.done.done():
            continue
        if failure is None:
            entry.done.set_result(None)
        else:
            entry.done.set_exception(failure)
