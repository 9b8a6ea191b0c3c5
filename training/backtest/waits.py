"""Which orders time alone clears: `rules.waiting` by columns, where the end of a day settles it."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from features.expression.syntax import names_of
from rules.book import Book
from rules.decision import Severity
from rules.waits import HOLDING
from training.backtest.known import Reads
from training.backtest.lists_then import ListsInTime, Shifted
from training.backtest.rulings import rulings
from training.backtest.setting import Setting
from training.backtest.slices import Slice
from training.backtest.then import horizons_us, later


@dataclass(frozen=True, slots=True)
class Waits:
    """For each order: whether it waits, and whether that must be looked at one by one."""

    waits: pl.Series
    unsettled: pl.Series


def waits_of(
    orders: Slice,
    hits: Sequence[pl.DataFrame],
    settings: tuple[Setting, Setting],
    reads: Reads,
    lists: ListsInTime,
) -> list[Waits]:
    """Tell for both sides which orders wait.

    They are judged again when the windows behind the rules that wait have run out, the narrowest
    first: an order that nothing new holds then waits. One that is held at all of these instants
    may still pass at another.
    """
    kinds = [_Kinds(one, setting.book) for one, setting in zip(hits, settings, strict=True)]
    pending = [kind.timed for kind in kinds]
    for by_us in _horizons_us(settings, reads):
        rows = (pending[0] | pending[1]).arg_true()
        if not len(rows):
            break
        after = later(orders.gather(rows), by_us, reads.catalog)
        found = rulings(after, settings, reads, Shifted(lists, by_us))
        for place, (now, one, setting) in enumerate(zip(hits, found, settings, strict=True)):
            held = _is_held(now[rows], one.hits, setting.book)
            pending[place] &= _nothing(len(pending[place])).scatter(rows, held)
    return [
        Waits(kind.queried | (kind.timed & ~left), kind.daily | left)
        for kind, left in zip(kinds, pending, strict=True)
    ]


def _horizons_us(settings: Sequence[Setting], reads: Reads) -> tuple[int, ...]:
    names = {
        name
        for setting in settings
        for rule in setting.book
        if rule.entry.waits is not None
        for name in names_of(rule.open_condition(setting.book.scope))
    }
    return horizons_us(names, reads.catalog)


class _Kinds:
    """What the rules that fired wait for; nothing where a person must do something first."""

    def __init__(self, hits: pl.DataFrame, book: Book) -> None:
        waits = {rule.code: rule.entry.waits for rule in book if rule.entry.waits is not None}
        others = [rule.entry for rule in book if rule.entry.waits is None]
        person = _any(hits, [one.code for one in others if one.severity is Severity.BLOCK])
        for one in others:
            if one.special_case_of in waits and one.severity in HOLDING:
                person |= hits[one.code] & hits[one.special_case_of]
        by_kind = {
            kind: _any(hits, [code for code, other in waits.items() if other == kind])
            for kind in ("query", "day", "time")
        }
        self.queried = by_kind["query"] & ~person
        self.daily = by_kind["day"] & ~person & ~self.queried
        self.timed = by_kind["time"] & ~person & ~self.queried & ~self.daily


def _is_held(now: pl.DataFrame, after: pl.DataFrame, book: Book) -> pl.Series:
    """Mark the orders that something holds later which does not hold them now, or that waits."""
    held = _nothing(now.height)
    for rule in book:
        if rule.entry.severity in HOLDING:
            fired = after[rule.code]
            held |= fired if rule.entry.waits is not None else fired & ~now[rule.code]
    return held


def _nothing(height: int) -> pl.Series:
    return pl.repeat(False, height, dtype=pl.Boolean, eager=True)


def _any(hits: pl.DataFrame, codes: Sequence[str]) -> pl.Series:
    nothing = pl.repeat(False, pl.len(), dtype=pl.Boolean)
    return hits.select(pl.any_horizontal(nothing, *codes).alias("any")).to_series()
