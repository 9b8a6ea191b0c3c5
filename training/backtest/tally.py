"""Adds up what both settings said of every slice; nothing of an order is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.book import Book
from rules.decision import Severity
from training.backtest.decided import Decided
from training.backtest.judged import Judged
from training.backtest.truth import OUTCOMES

Counts = NDArray[np.int64]
HOLDING = frozenset({Severity.BLOCK, Severity.CONFIRM})
"""Severities of which a hit alone keeps an order from being sent as it is."""
_MOVE = ("old", "new", "outcome", "currency", "dispersed")
_DAY = ("day", "old", "new")


@dataclass(frozen=True, slots=True)
class Ends:
    """What became of each order of a slice: the place of its outcome; whether it is dispersed."""

    outcome: Counts
    dispersed: NDArray[np.bool_]


class RuleTally:
    """What each rule of one side did, by what became of the orders."""

    def __init__(self, book: Book) -> None:
        self.codes = tuple(rule.code for rule in book)
        size = len(self.codes)
        self.hits: Counts = np.zeros((size, len(OUTCOMES)), dtype=np.int64)
        self.alone: Counts = np.zeros((size, len(OUTCOMES)), dtype=np.int64)
        self.overlap: Counts = np.zeros((size, size), dtype=np.int64)
        self.dispersed: Counts = np.zeros(size, dtype=np.int64)
        self.exempted: Counts = np.zeros(size, dtype=np.int64)
        self.missing: Counts = np.zeros(size, dtype=np.int64)
        self._holding = np.array([rule.entry.severity in HOLDING for rule in book], dtype=bool)

    def count(self, decided: Decided, ends: Ends) -> None:
        """Count a slice."""
        ruling, size = decided.ruling, len(self.codes)
        row, code = fired(ruling.hits)
        self.hits += _counted(code, ends.outcome[row], self.hits.shape)
        self.dispersed += np.bincount(code[ends.dispersed[row]], minlength=size)
        self.overlap += _together(row, code, size)
        holds = self._holding[code]
        alone = holds & (np.bincount(row[holds], minlength=ruling.hits.height) == 1)[row]
        self.alone += _counted(code[alone], ends.outcome[row[alone]], self.alone.shape)
        self.exempted += np.array(ruling.exempted.sum().row(0), dtype=np.int64)
        self.missing += np.array(ruling.missing.sum().row(0), dtype=np.int64)

    def add(self, other: "RuleTally") -> None:
        """Add what was counted elsewhere by the same book."""
        for name in ("hits", "alone", "overlap", "dispersed", "exempted", "missing"):
            getattr(self, name).__iadd__(getattr(other, name))


def fired(hits: pl.DataFrame) -> tuple[Counts, Counts]:
    """List the hits as pairs of a row and the place of a rule."""
    rows = [column.arg_true().to_numpy().astype(np.int64) for column in hits]
    code = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    return np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64), code


def _counted(code: Counts, end: Counts, shape: tuple[int, ...]) -> Counts:
    size = shape[0] * shape[1]
    return np.bincount(code * shape[1] + end, minlength=size).reshape(shape)


def _together(row: Counts, code: Counts, size: int) -> Counts:
    """Count for each pair of rules the rows on which both fired."""
    pairs = pl.DataFrame({"row": row, "one": code})
    both = pairs.join(pairs.rename({"one": "other"}), on="row")
    return _counted(both["one"].to_numpy(), both["other"].to_numpy(), (size, size))


@dataclass(slots=True)
class Tally:
    """The sums of a comparison."""

    rules: Sequence[RuleTally]
    """By side: the old one, then the new one."""
    moves: pl.DataFrame = field(default_factory=pl.DataFrame)
    """Orders and their worth by old and new action, outcome, currency and dispersion."""
    days: pl.DataFrame = field(default_factory=pl.DataFrame)

    def count(self, judged: Judged) -> None:
        """Count a slice."""
        old, new = (pl.Series(one.actions, dtype=pl.Int8) for one in judged.decided)
        rows = judged.orders.orders.select("currency", amount="amount_minor", orders=pl.lit(1))
        rows = rows.with_columns(
            old=old,
            new=new,
            outcome=judged.outcomes,
            dispersed=judged.dispersed,
            day=judged.days,
        )
        self.moves = _added(self.moves, rows, _MOVE)
        self.days = _added(self.days, rows, _DAY)
        ends = _ends(judged)
        for tally, one in zip(self.rules, judged.decided, strict=True):
            tally.count(one, ends)

    def add(self, other: "Tally") -> None:
        """Add what was counted elsewhere."""
        self.moves = _added(self.moves, other.moves, _MOVE)
        self.days = _added(self.days, other.days, _DAY)
        for mine, theirs in zip(self.rules, other.rules, strict=True):
            mine.add(theirs)


def _ends(judged: Judged) -> Ends:
    places = {outcome: place for place, outcome in enumerate(OUTCOMES)}
    outcome = judged.outcomes.replace_strict(places, return_dtype=pl.Int64)
    return Ends(outcome.to_numpy(), judged.dispersed.to_numpy())


def _added(sums: pl.DataFrame, rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    if not rows.width:
        return sums
    fresh = rows.select(*by, "orders", "amount")
    whole = pl.concat([sums, fresh], how="vertical_relaxed") if sums.width else fresh
    return whole.group_by(by).agg(pl.col("orders").sum(), pl.col("amount").sum()).sort(by)
