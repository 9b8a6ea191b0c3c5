"""What `preflight bench publish` measures: books published into a running service under load."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from msgspec import Struct, to_builtins

from features.history import order_from_row, read_history
from features.order import Order
from features.progress import Progress, silent
from training.bench.publish_home import BenchHome, Book
from training.bench.publish_load import Load, Log, Plan, Seen
from training.simulate.history import simulate_history
from training.simulate.load.processes import Children, free_port

_SIMULATED, _DAYS = 2_000, 30
_NEAR_S = 2.0
"""An order sent so shortly after a publication is looked at apart."""
_SHOWN = 5


class Times(Struct, frozen=True, kw_only=True):
    """Milliseconds."""

    p50_ms: float
    p99_ms: float
    most_ms: float
    count: int


class PublishReport(Struct, frozen=True, kw_only=True):
    """One load."""

    orders: int
    answered: int
    failures: tuple[str, ...]
    failed: int
    mixed: int
    """Answers whose book is neither, or whose reasons are not those of the book that they name."""
    differing: int
    """Decisions that the book they name decides otherwise when it decides them again."""
    replayed: int
    to_replay: int
    turns: int
    """How often the book changed, by the order of the decisions."""
    moves: int
    """How often the pointer moved."""
    out_of_turn: bool
    """Whether the books came in another order than they were published in."""
    kills: int
    kills_before: int
    first_decision: Times
    """From the pointer's move to the first decision by a book that had to be loaded."""
    first_after_back: Times
    """The same, of a book that ran before the last one and is still in memory."""
    stop: Times
    """From a stop on the disk to the first decision that shows it."""
    start: Times
    latency: Times
    latency_after: Times
    """Of orders sent within two seconds after a publication."""
    rate: float

    @property
    def holds(self) -> bool:
        """Whether nothing failed and nothing was mixed."""
        is_whole = self.answered == self.orders and self.replayed == self.to_replay
        return is_whole and not (self.failed or self.mixed or self.differing or self.out_of_turn)

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {**to_builtins(self), "holds": self.holds}

    def lines(self) -> Iterator[str]:
        """Say it in some lines."""
        yield (
            f"{self.answered:,} of {self.orders:,} orders answered, {self.rate:,.0f} a second; "
            f"{self.failed} failed, {self.mixed} mixed"
        )
        yield (
            f"{self.replayed:,} decided again by the book that they name: {self.differing} differ"
        )
        order = "another order" if self.out_of_turn else "the order of publication"
        yield f"the pointer moved {self.moves} times, the book turned {self.turns}, in {order}"
        yield (
            f"{self.kills} publications were killed, {self.kills_before} of them before the "
            "pointer moved: then the old book went on"
        )
        yield from (
            f"{name}: p50 {one.p50_ms:,.0f} ms, most {one.most_ms:,.0f} ms, of {one.count}"
            for name, one in (
                ("from publication to the first decision by it", self.first_decision),
                ("the same, back to the book before", self.first_after_back),
                ("from a channel's stop to the first answer that says so", self.stop),
                ("from its start to the first answer without it", self.start),
            )
        )
        yield from (
            f"{name}: p50 {one.p50_ms:.1f}, p99 {one.p99_ms:.1f}, most {one.most_ms:.1f} ms"
            for name, one in (
                ("an answer took", self.latency),
                (f"within {_NEAR_S:g} s after a publication", self.latency_after),
            )
        )
        yield from self.failures


def measure_publish(plan: Plan, progress: Progress = silent) -> PublishReport:
    """Publish books in turn into a service that answers orders; all on this machine.

    Raises ChannelError where a step fails.
    """
    with TemporaryDirectory(prefix="preflight-bench-publish-") as place:
        folder = Path(place)
        with Children(folder / "log.txt") as children:
            home = BenchHome(folder, children)
            progress(0, plan.orders, "publishing the first books")
            books = home.publish_books()
            orders = _orders(folder / "history", plan.seed)
            log = asyncio.run(_served(plan, home, books, orders, progress))
            progress(0, 2, "deciding all again")
            return _report(plan, log, books, _checked(plan, home, books, log.seen, folder))


async def _served(
    plan: Plan, home: BenchHome, books: Sequence[Book], orders: Sequence[Order], progress: Progress
) -> Log:
    with Children(home.home.parent / "service.txt") as children:
        url = f"http://127.0.0.1:{free_port()}"
        extra = {"PREFLIGHT_HOME": str(home.home), "PREFLIGHT_PORT": url.rpartition(":")[2]}
        service = children.start("preflight", "serve", extra=extra)
        await asyncio.to_thread(children.await_url, service, f"{url}/readyz")
        log = await Load(plan, home, books, url).run(orders, progress)
        await asyncio.to_thread(children.stop, service)
    return log


def _orders(history: Path, seed: int) -> Sequence[Order]:
    simulate_history(_SIMULATED, _DAYS, seed, history)
    return [order_from_row(row) for row in read_history(history).orders.to_dicts()]


def _checked(
    plan: Plan, home: BenchHome, books: Sequence[Book], seen: Sequence[Seen], folder: Path
) -> dict[str, bool]:
    """Decide orders again, each by the very book that its answer names."""
    found: dict[str, bool] = {}
    for book in books:
        if home.current(books) != book:
            home.roll_to(book)
        same = home.replayed(folder / f"{book.code}.jsonl", plan.every)
        found |= {
            one.decision_id: same[one.decision_id]
            for one in seen
            if one.book == book.fingerprint and one.decision_id in same
        }
    return found


def _report(plan: Plan, log: Log, books: Sequence[Book], same: Mapping[str, bool]) -> PublishReport:
    seen = sorted(log.seen, key=lambda one: one.as_of_us)
    turns = [book for book, _ in groupby(one.book for one in seen)]
    begun_with = turns[:1]
    moved = [book for book, _ in groupby([*begun_with, *(m.book.fingerprint for m in log.moved)])]
    span_s = max(one.sent_s + one.took_s for one in seen) - min(one.sent_s for one in seen)
    return PublishReport(
        orders=plan.orders,
        answered=len(seen),
        failures=tuple(log.failures[:_SHOWN]),
        failed=len(log.failures),
        mixed=sum(not _is_pure(one, books) for one in seen),
        differing=sum(not is_same for is_same in same.values()),
        replayed=len(same),
        to_replay=-(-plan.orders // plan.every),
        turns=len(turns) - 1,
        moves=len(log.moved),
        out_of_turn=turns != moved[: len(turns)],
        kills=log.kills,
        kills_before=log.kills_before,
        first_decision=_times(list(_first_decisions(seen, log, is_back=False))),
        first_after_back=_times(list(_first_decisions(seen, log, is_back=True))),
        stop=_times([(s.until_us - s.at_us) / 1e6 for s in log.switched if s.stops]),
        start=_times([(s.until_us - s.at_us) / 1e6 for s in log.switched if not s.stops]),
        latency=_times([one.took_s for one in seen]),
        latency_after=_times([one.took_s for one in seen if _is_near(one, log.moved_s)]),
        rate=len(seen) / span_s,
    )


def _is_pure(one: Seen, books: Sequence[Book]) -> bool:
    """Tell whether an answer's own rule is that of the book that it names, and of no other."""
    own = {book.code for book in books if book.fingerprint == one.book}
    return {book.code for book in books if book.code in one.codes} == own != set()


def _first_decisions(seen: Sequence[Seen], log: Log, *, is_back: bool) -> Iterator[float]:
    """Give seconds from each move to the first decision by its book, if there was time for one.

    `is_back` takes the moves to the book that ran before the one they replaced.
    """
    ends_us = [*(later.at_us for later in log.moved[1:]), seen[-1].as_of_us + 1]
    books = [seen[0].book, *(moved.book.fingerprint for moved in log.moved)]
    for number, (moved, end_us) in enumerate(zip(log.moved, ends_us, strict=True)):
        book = books[number + 1]
        if (number > 0 and books[number - 1] == book) is not is_back:
            continue
        times = (one.as_of_us for one in seen if one.book == book and one.as_of_us >= moved.at_us)
        first_us = next(times, end_us)
        if first_us < end_us:
            yield (first_us - moved.at_us) / 1e6


def _is_near(one: Seen, moved_s: Sequence[float]) -> bool:
    return any(0 <= one.sent_s + one.took_s - at_s < _NEAR_S for at_s in moved_s)


def _times(seconds: Sequence[float]) -> Times:
    if not seconds:
        return Times(p50_ms=0, p99_ms=0, most_ms=0, count=0)
    p50, p99, most = np.quantile(np.array(seconds) * 1e3, [0.5, 0.99, 1.0])
    return Times(p50_ms=float(p50), p99_ms=float(p99), most_ms=float(most), count=len(seconds))
