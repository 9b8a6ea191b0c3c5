"""What the rules of two settings say of some orders: hits, missing inputs, what was exempted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from rules.book import Book
from rules.bound import BoundBook
from rules.decision import Basis
from rules.engines.columnar import ColumnarEngine
from rules.lists.columnar import silenced_columns
from rules.packs import Pack
from training.backtest.known import Reads, bound_of, facts_of, known_to
from training.backtest.lists_then import ListsInTime
from training.backtest.setting import Setting
from training.backtest.slices import Slice

_ROW = "row number"
"""No code of a rule has a space."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """One Boolean column per rule of the book, row by row."""

    hits: pl.DataFrame
    missing: pl.DataFrame
    """Whether an input was missing."""
    exempted: pl.DataFrame
    """Whether it fired, and an exempt list silenced it: then it is no hit."""
    known: pl.DataFrame
    """What the rules read."""


def rulings(
    orders: Slice, settings: Sequence[Setting], reads: Reads, lists: ListsInTime
) -> list[Ruling]:
    """Judge orders by the rules of each setting; the channel of each must have a pack in all.

    A rule that is the same in the first setting and in a later one, over the same facts, is
    evaluated once.
    """
    frames = known_to(orders, reads, [setting.packs for setting in settings], lists)
    parts: list[list[pl.DataFrame]] = [[] for _ in settings]
    for rows, packs in _periods(orders, settings):
        answered: list[pl.DataFrame] = []
        for setting, pack, frame in zip(settings, packs, frames, strict=True):
            is_same_frame = frame is frames[0]
            before = packs[0] if is_same_frame and answered else None
            engine = _engine(setting.book, pack, settings[0].book, before)
            fresh = engine.evaluate_frame(frame[rows])
            old = [c for c in bound_of(setting.book, pack).conditions if c not in fresh.columns]
            answered.append(fresh.hstack(answered[0].select(old)) if old else fresh)
        for place, answers in enumerate(answered):
            parts[place].append(answers.with_columns(rows.alias(_ROW)))
    return [
        _silenced(orders, _put_together(setting, some, frame), setting.book, reads, lists)
        for setting, some, frame in zip(settings, parts, frames, strict=True)
    ]


def _periods(orders: Slice, settings: Sequence[Setting]) -> Iterator[tuple[pl.Series, list[Pack]]]:
    """Split rows such that on each side one pack with one period's values judges them."""
    numbered = orders.orders.select("channel").with_row_index(_ROW)
    for (channel,), rows in numbered.group_by("channel", maintain_order=True):
        packs = [setting.packs[str(channel)] for setting in settings]
        starts = pl.Series(sorted({at for pack in packs for at in pack.starts}), dtype=pl.Int64)
        numbers = rows[_ROW].cast(pl.Int64)
        period = starts.search_sorted(orders.as_of_us[numbers], side="right")
        for number in period.unique().sort():
            some = numbers.filter(period == number)
            at_us = int(orders.as_of_us[int(some[0])])
            yield some, [pack.at(at_us) for pack in packs]


@lru_cache(maxsize=1_024)
def _engine(book: Book, pack: Pack, first: Book, before: Pack | None) -> ColumnarEngine:
    """Prepare the rules of a book that another, bound to `before`, has not answered already."""
    bound = bound_of(book, pack)
    if before is None:
        return ColumnarEngine(bound)
    done = bound_of(first, before).conditions
    fresh = {code: node for code, node in bound.conditions.items() if done.get(code) != node}
    return ColumnarEngine(BoundBook(bound.version, bound.rules, fresh))


def _put_together(setting: Setting, parts: Sequence[pl.DataFrame], known: pl.DataFrame) -> Ruling:
    """Bring the answers of all channels back to the order of the rows."""
    codes = [rule.code for rule in setting.book]
    hits = [part.with_columns(pl.exclude(_ROW).fill_null(value=False)) for part in parts]
    missing = [part.with_columns(pl.exclude(_ROW).is_null()) for part in parts]
    return Ruling(_in_order(codes, hits), _in_order(codes, missing), pl.DataFrame(), known)


def _in_order(codes: Sequence[str], parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Sort by row; a rule that does not concern a channel neither fires there nor is missing."""
    empty = pl.DataFrame(schema={**dict.fromkeys(codes, pl.Boolean()), _ROW: pl.Int64()})
    whole = pl.concat([empty, *parts], how="diagonal").sort(_ROW)
    return whole.select(pl.col(codes).fill_null(value=False))


def _silenced(
    orders: Slice, ruling: Ruling, book: Book, reads: Reads, lists: ListsInTime
) -> Ruling:
    """Take away the heuristics that an exempt list silences."""
    heuristics = {code for code, basis in book.bases.items() if basis is Basis.HEURISTIC}
    hits, exempted = [], []
    for start, end, held in lists.stretches(orders.as_of_us):
        part = orders.rows(start, end)
        left, gone = ruling.hits[start:end], _nothing(ruling.hits[start:end])
        for named in held.exempt:  # the first list that silences a rule is the one that does
            facts = facts_of(part.orders, {named.head.fact}, reads.catalog)
            codes = sorted(named.codes & heuristics)
            said = silenced_columns(facts, part.as_of_us, named, codes)
            gone = gone.with_columns(gone[code] | (left[code] & said[code]) for code in codes)
            left = left.with_columns(left[code] & ~said[code] for code in codes)
        hits.append(left)
        exempted.append(gone)
    return replace(ruling, hits=pl.concat(hits), exempted=pl.concat(exempted))


def _nothing(hits: pl.DataFrame) -> pl.DataFrame:
    return hits.select(pl.repeat(False, pl.len(), dtype=pl.Boolean).alias(c) for c in hits.columns)
