"""A data folder with books that differ visibly, published by the command line as a user does."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from rules.book import SHIPPED_BOOK
from rules.releases.kinds import BOOK
from rules.releases.store import ReleaseStore, store_of
from training.simulate.load.processes import Children

CODES = ("BENCH_BOOK_A", "BENCH_BOOK_B", "BENCH_BOOK_C")
"""Each book has one of these rules, which fires for every order."""
_RULE = """
rules:
  - code: {code}
    title: {{zh: 测试用, en: For the bench}}
    when: amount_minor > threshold.amount_minor
    thresholds:
      amount_minor: {{value: 0, unit: MINOR, note: above which it informs}}
    outcome_class: risk_block
    severity: info
    basis: heuristic
    source: the bench's own
    grade: H
    reason: {{zh: 测试用。, en: For the bench.}}
    examples:
      fires: [{{amount_minor: 1}}]
      passes: [{{amount_minor: 0}}]
"""


class Book(Struct, frozen=True, kw_only=True):
    """One published book: its version, what decisions call it, and its own rule."""

    version: str
    fingerprint: str
    code: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The pointer moved: to which book, and when at the earliest."""

    book: Book
    at_us: int


class BenchHome:
    """Publishes into one data folder; every step is a process of its own."""

    def __init__(self, folder: Path, children: Children) -> None:
        self.home = folder / "home"
        self._folder = folder
        self._children = children
        self._took_s = 1.0
        """How long the last rollback took: one that is killed is killed within about that time."""

    @property
    def store(self) -> ReleaseStore:
        """The releases of the folder."""
        return store_of(self.home)

    def publish_books(self) -> tuple[Book, ...]:
        """Take every book from the draft to the publication; the last one runs."""
        return tuple(self._publish(code) for code in CODES)

    def current(self, books: Sequence[Book]) -> Book:
        """Tell which book the pointer names; raises RuleError where its folder is not whole."""
        version = self.store.current(BOOK.name)
        (found,) = (book for book in books if book.version == version)
        self.store.path(BOOK.name, found.version)
        return found

    def others(self, books: Sequence[Book]) -> list[Book]:
        """Give the books that do not run."""
        return [book for book in books if book != self.current(books)]

    def roll_to(self, book: Book) -> Moved:
        """Make a book run that ran before."""
        began_s = time.monotonic()
        self._rules("rollback", "--to", book.version, "--by", "ana", "--why", "bench")
        self._took_s = time.monotonic() - began_s
        return Moved(book, self.moved_us())

    def roll_and_kill(self, books: Sequence[Book], chance: random.Random) -> Moved | None:
        """Begin to make another book run, and kill that at some moment; None if it stayed."""
        before = self.store.stamp()
        other = chance.choice(self.others(books))
        arguments = ("rules", "rollback", "--to", other.version, "--by", "ana", "--why", "bench")
        process = self._children.start("preflight", *arguments, "--home", self.home)
        time.sleep(self._took_s * chance.uniform(0.3, 1.2))
        process.kill()
        process.wait()
        now = self.current(books)
        return None if self.store.stamp() == before else Moved(now, self.moved_us())

    def switch(self, *arguments: str) -> int:
        """Stop or start a channel; gives when that was on the disk."""
        self._children.run("preflight", "channels", *arguments, "--home", self.home)
        return _changed_us(self.home / "holds" / "current")

    def replayed(self, log: Path, every: int) -> dict[str, bool]:
        """Decide each `every`-th order again by what runs; gives which decisions are the same."""
        with log.open("wb") as out:
            subprocess.run(
                [sys.executable, "-m", "preflight", "replay", "--json", "--every", str(every)],
                stdout=out,
                check=False,  # status 1 says that decisions of the other book differ
                env={**os.environ, "PREFLIGHT_HOME": str(self.home)},
            )
        with log.open("rb") as lines:
            found = [msgspec.json.decode(line, type=_Replayed) for line in lines]
        return {one.decision_id: not one.differs for one in found}

    def moved_us(self) -> int:
        """Tell when the pointer was written last."""
        return _changed_us(self.store.folder / "current.json")

    def _publish(self, code: str) -> Book:
        source = self._folder / code
        source.mkdir()
        for path in SHIPPED_BOOK.glob("*.yaml"):
            shutil.copy(path, source)
        (source / "bench.yaml").write_text(_RULE.format(code=code), encoding="utf-8")
        name = code.lower().replace("_", "-")
        self._rules("draft", name, "--from", str(source), "--by", "ana", "--why", "bench")
        self._rules("check", name, "--by", "ana")
        self._rules("approve", name, "--by", "bo")
        self._rules("publish", name, "--by", "bo", "--orders", "0")
        line = self.store.log.read()[-1].line
        return Book(
            version=str(line.after), fingerprint=str(line.evidence["fingerprint"]), code=code
        )

    def _rules(self, *arguments: str) -> None:
        self._children.run("preflight", "rules", *arguments, "--home", self.home)


class _Replayed(Struct):
    decision_id: str
    differs: tuple[str, ...]


def _changed_us(path: Path) -> int:
    return path.stat().st_mtime_ns // 1_000
