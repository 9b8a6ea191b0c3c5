"""All that rules read of some orders, as columns: the same values as `rules.decide` gives them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import polars as pl

from features.catalog import Catalog
from features.columnar_facts import attribute_kinds, fact_frame
from features.expression.lists import Membership, membership_of
from features.kinds import Kind
from rules.book import Book
from rules.bound import BoundBook, bind
from rules.checks.columns import check_history
from rules.checks.every import CHECK_KINDS
from rules.lists.columnar import list_columns, word_column
from rules.lists.lists import FORBIDDEN_WORDS, SHOWN_TEXTS
from rules.packs import Pack, Packs
from training.backtest.lists_then import ListsInTime
from training.backtest.setting import Setting
from training.backtest.slices import Slice


@dataclass(frozen=True)
class Reads:
    """The names that the rules of some settings read, whatever the channel and the date."""

    kinds: Mapping[str, Kind]
    catalog: Catalog

    @cached_property
    def asked(self) -> tuple[Membership, ...]:
        """The questions to lists."""
        found = map(membership_of, self.kinds)
        return tuple(question for question in found if question is not None)

    @cached_property
    def checks(self) -> tuple[str, ...]:
        """What only a channel's pack can tell."""
        return tuple(name for name in self.kinds if name in CHECK_KINDS)

    @cached_property
    def counts_words(self) -> bool:
        """Whether forbidden words are counted."""
        return FORBIDDEN_WORDS in self.kinds

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The features, those that are facts of the order included."""
        return tuple(name for name in self.kinds if name in self.catalog.kinds)

    @cached_property
    def facts(self) -> frozenset[str]:
        """The other facts of the order, those that lists are asked about included."""
        questions = {question.fact for question in self.asked}
        others = questions.union(self.checks, {FORBIDDEN_WORDS})
        words = SHOWN_TEXTS if self.counts_words else ()
        operands = (question.operand for question in self.asked)
        read = {*(self.kinds.keys() - others), *operands, *words}
        return frozenset(read.difference(self.features))


def reads_of(settings: Iterable[Setting], catalog: Catalog) -> Reads:
    """Collect the names that some rule of some setting reads, bound to whichever pack."""
    kinds: dict[str, Kind] = {}
    for setting in settings:
        for pack in setting.packs:
            for period in pack.periods:
                kinds |= bound_of(setting.book, period).kinds
    return Reads(kinds, catalog)


@lru_cache(maxsize=1_024)
def bound_of(book: Book, pack: Pack) -> BoundBook:
    """Bind a book to a pack as of some instant, once."""
    return bind(book, pack)


def known_to(
    orders: Slice, reads: Reads, sides: Sequence[Packs], lists: ListsInTime
) -> list[pl.DataFrame]:
    """Compute what rules read of each order, one frame for each side's packs; missing is null.

    Equal packs give the same frame, computed once.
    """
    there = [name for name in reads.facts if name in orders.addresses.columns]
    facts = facts_of(orders.orders, reads.facts.difference(there), reads.catalog)
    shared = pl.concat(
        [facts, orders.addresses.select(there), orders.features.select(reads.features)],
        how="horizontal",
    )
    shared = shared.hstack(_of_lists(shared, orders.as_of_us, reads, lists))
    found: dict[tuple[str, ...], pl.DataFrame] = {}
    frames = []
    for packs in sides:
        versions = tuple(pack.version for pack in packs)
        if versions not in found:
            found[versions] = shared
            if reads.checks:
                found[versions] = shared.hstack(check_history(orders.orders, packs, reads.checks))
        frames.append(found[versions])
    return frames


def facts_of(orders: pl.DataFrame, names: Collection[str], catalog: Catalog) -> pl.DataFrame:
    """Compute facts of orders as a catalog means them, one column each."""
    kinds = {**attribute_kinds(orders), **catalog.attribute_kinds}
    return fact_frame(orders, names, kinds, catalog.calendar, catalog.fact_groups)


def _of_lists(
    facts: pl.DataFrame, as_of_us: pl.Series, reads: Reads, lists: ListsInTime
) -> pl.DataFrame:
    if not reads.asked and not reads.counts_words:
        return pl.DataFrame()
    parts = []
    for start, end, held in lists.stretches(as_of_us):
        rows, instants = facts[start:end], as_of_us[start:end]
        answers = list_columns(rows, instants, held, reads.asked)
        if reads.counts_words:
            answers = answers.hstack([word_column(rows, instants, held)])
        parts.append(answers)
    return pl.concat(parts)
