"""Orders that columns cannot settle: those that may be repaired, or that were sent before."""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import polars as pl

from features.kinds import Value
from features.order import Order
from rules.book import Book
from rules.bound import BoundBook
from rules.decide import decide
from rules.decision import Action, Severity
from rules.engines.compiled import CompiledEngine
from rules.engines.engine import Engine, Verdict
from rules.pack import Pack
from rules.terms import Terms
from training.backtest.frames import orders_of
from training.backtest.known import bound_of
from training.backtest.lists_then import ListsInTime
from training.backtest.slices import Slice
from training.backtest.then import Then

_HOLDS = (Severity.BLOCK, Severity.CONFIRM)
_Row = Mapping[str, Value | None]


def may_be_repaired(hits: pl.DataFrame, book: Book) -> pl.Series:
    """Mark the orders that some rule holds which names a repair."""
    codes = [
        rule.code
        for rule in book
        if rule.entry.severity in _HOLDS and rule.entry.fix and rule.entry.fix.repairs
    ]
    return hits.select(
        pl.any_horizontal(pl.repeat(False, pl.len(), dtype=pl.Boolean), *codes)
    ).to_series()


def was_sent(orders: pl.DataFrame) -> pl.Series:
    """Mark the orders that were sent before: what became of that decides, whatever fires."""
    if "attempts" not in orders.columns or orders["attempts"].dtype == pl.Null:
        return pl.repeat(False, orders.height, dtype=pl.Boolean, eager=True)
    return (orders["attempts"].list.len() > 0).fill_null(value=False)


@dataclass(slots=True, eq=False)
class _Seen:
    """The rows that an engine was asked about in one decision: as sent, then as repaired."""

    rows: list[_Row] = field(default_factory=list)

    def engine(self, book: BoundBook) -> Engine:
        """Make an engine that notes what it is asked."""
        return _Noting(CompiledEngine(book), self.rows)


@dataclass(frozen=True, slots=True)
class _Noting:
    """The compiled engine, and a note of every row."""

    inner: CompiledEngine
    rows: list[_Row]

    @property
    def name(self) -> str:
        """What a decision calls it."""
        return self.inner.name

    def evaluate(self, row: _Row) -> Verdict:
        """Evaluate every rule on one row."""
        self.rows.append(row)
        return self.inner.evaluate(row)


@dataclass(frozen=True, slots=True)
class Settled:
    """What `rules.decide` says of one order."""

    action: Action
    refused: float | None
    """The probability that was priced; None without a model."""


class OneByOne:
    """Decides on single orders as the service does, from the features that were built.

    Where two sides differ only in rules none of which fires on, or lacks an input of, the order or
    any of its repairs, every step of one decision is that of the other: it is made once.
    """

    def __init__(self, old: Terms, new: Terms) -> None:
        self._seen = _Seen()
        self._old, self._new = (replace(one, engine=self._seen.engine) for one in (old, new))
        self._differing = lru_cache(maxsize=256)(_differing)

    def settle(
        self, orders: Slice, rows: Sequence[Collection[int]], lists: ListsInTime
    ) -> tuple[dict[int, Settled], dict[int, Settled]]:
        """Decide on the rows that each side asks for, the old and the new."""
        of_old, of_new = (frozenset(some) for some in rows)
        old: dict[int, Settled] = {}
        new: dict[int, Settled] = {}
        wanted = sorted(of_old | of_new)
        read = orders_of(orders.orders, wanted)
        known = dict(zip(wanted, orders.features[wanted].iter_rows(named=True), strict=True))
        for start, end, held in lists.stretches(orders.as_of_us):
            sides = [replace(terms, lists=held) for terms in (self._old, self._new)]
            for row in wanted[bisect_left(wanted, start) : bisect_left(wanted, end)]:
                case = _Case(read[row], _stated(known[row]), orders.as_of_us[row])
                self._seen.rows.clear()
                if row in of_old:
                    old[row] = case.decided(sides[0])
                if row in of_new:
                    is_same = row in of_old and self._is_same(case)
                    new[row] = old[row] if is_same else case.decided(sides[1])
        return old, new

    def _is_same(self, case: "_Case") -> bool:
        """Tell whether the new side would see, step by step, what the old one has just seen."""
        packs = [terms.packs[case.order.channel] for terms in (self._old, self._new)]
        is_priced_alike = self._old.scorer is None or self._old.costs == self._new.costs
        if packs[0].version != packs[1].version or not is_priced_alike:
            return False
        pack = packs[0].at(case.as_of_us)
        engines = self._differing(self._old.book, self._new.book, pack)
        asked = (one.evaluate(row) for one in engines for row in self._seen.rows)
        return not any(verdict.hits or verdict.missing for verdict in asked)


@dataclass(frozen=True, slots=True)
class _Case:
    """One order, what was known of it, and when."""

    order: Order
    features: Mapping[str, Value]
    as_of_us: int

    def decided(self, terms: Terms) -> Settled:
        """Decide by one side."""
        state = Then(self.features, self.as_of_us, terms.book.catalog)
        decision = decide(self.order, state, terms, self.as_of_us)
        expected = decision.expected_costs
        return Settled(decision.action, None if expected is None else expected.probability)


def _differing(old: Book, new: Book, pack: Pack) -> tuple[CompiledEngine, ...]:
    """Make an engine of each book's rules that the other does not have just so."""
    books = bound_of(old, pack), bound_of(new, pack)
    return tuple(
        CompiledEngine(
            BoundBook(
                mine.version,
                mine.rules,
                {c: n for c, n in mine.conditions.items() if not _is_alike(c, mine, other)},
            )
        )
        for mine, other in (books, books[::-1])
    )


def _is_alike(code: str, mine: BoundBook, other: BoundBook) -> bool:
    if mine.conditions[code] != other.conditions.get(code):
        return False
    return mine.rules[code].entry == other.rules[code].entry


def _stated(features: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in features.items() if value is not None}
