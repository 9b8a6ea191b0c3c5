"""Asks two engines the same: every example of a book, and orders that were really seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from features.catalog import load_catalog
from features.errors import InvalidOrder, RuleError, UnknownChannel
from features.facts import order_facts
from features.kinds import Value
from rules.book import Book, load_book
from rules.bound import BoundBook, bind
from rules.engines.compiled import CompiledEngine
from rules.engines.engine import Engine, EngineMaker, Verdict
from rules.entries import Example
from rules.lists.lists import Lists, load_lists
from rules.lists.store import store_of as list_store_of
from rules.pack_facts import check_facts
from rules.packs import Pack, Packs, packs_of
from rules.proof import prepared, told
from rules.releases.sampled import Sampled

MOST_SHOWN = 20
"""How many differences are shown whole; all are counted."""
_GENERIC = "generic"
_Row = Mapping[str, Value]


class Docket(Struct, frozen=True, kw_only=True):
    """What is to be heard: folders, and a file of sampled orders, one JSON a line."""

    book: str | None
    packs: str
    """A folder with `codes.tsv` and `channels/` in it."""
    catalog: str | None
    home: str
    """The data folder whose lists are asked."""
    orders: str


class Difference(Struct, frozen=True, kw_only=True):
    """One row on which the engines differ: the rules, what each said of them, and the facts."""

    source: str
    name: str
    channel: str
    codes: tuple[str, ...]
    compiled_hits: tuple[str, ...]
    other_hits: tuple[str, ...]
    compiled_missing: tuple[str, ...]
    other_missing: tuple[str, ...]
    facts: dict[str, Value | None]
    """What these rules read; None is missing."""


class Hearing(Struct, frozen=True, kw_only=True):
    """What came of asking both."""

    engine: str
    examples: int
    orders: int
    unreadable: int
    """Sampled orders that the content cannot read at all, such as those of another channel."""
    differing: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    source: str
    name: str
    channel: str
    row: _Row


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both engines over one bound book."""

    bound: BoundBook
    compiled: Engine
    other: Engine

    def difference(self, case: _Case) -> Difference | None:
        """Ask both; raises RuleError for a fact of the wrong kind."""
        ours, theirs = self.compiled.evaluate(case.row), self.other.evaluate(case.row)
        codes = (ours.hits ^ theirs.hits) | (ours.missing ^ theirs.missing)
        return _told(case, ours, theirs, codes, self.bound) if codes else None


def hear(docket: Docket, engine: EngineMaker) -> Hearing:
    """Ask the compiled engine and another; raises PreflightError where one cannot answer."""
    catalog = load_catalog(None if docket.catalog is None else Path(docket.catalog))
    book = load_book(None if docket.book is None else Path(docket.book), catalog)
    packs = packs_of(Path(docket.packs))
    lists = load_lists(list_store_of(Path(docket.home)))
    pairs = _Pairs(book, engine, {})
    differences = [pair.difference(case) for pair, case in _examples(book, packs, pairs)]
    examples, unreadable = len(differences), 0
    for sampled in _sampled(Path(docket.orders)):
        try:
            pack = packs[sampled.order.channel].at(sampled.as_of_us)
            case = _order(sampled, book, pack, lists, pairs.of(pack).bound)
            differences.append(pairs.of(pack).difference(case))
        except (UnknownChannel, InvalidOrder, RuleError):
            unreadable += 1
    found = [one for one in differences if one is not None]
    return Hearing(
        engine=pairs.of(packs[_GENERIC]).other.name,
        examples=examples,
        orders=len(differences) - examples,
        unreadable=unreadable,
        differing=len(found),
        differences=tuple(found[:MOST_SHOWN]),
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Both engines over a book, prepared once for each channel."""

    book: Book
    engine: EngineMaker
    by_pack: dict[Pack, _Pair]

    def of(self, pack: Pack) -> _Pair:
        if pack not in self.by_pack:
            self.by_pack[pack] = self.over(bind(self.book, pack))
        return self.by_pack[pack]

    def over(self, bound: BoundBook) -> _Pair:
        return _Pair(bound, CompiledEngine(bound), self.engine(bound))


def _examples(book: Book, packs: Packs, pairs: _Pairs) -> Iterator[tuple[_Pair, _Case]]:
    """Give each example to the whole book, or to its rule alone where it states a channel's value.

    Such a value is bound into the condition, so each would need a whole book of its own.
    """
    for rule in book:
        for number, (example, _) in enumerate(told(rule), 1):
            ready = prepared(rule, example, book, packs)
            channel = str(ready.facts["channel"])
            pair = pairs.of(packs[channel])
            if _states_a_channel(example):
                alone = BoundBook(
                    pair.bound.version, {rule.code: rule}, {rule.code: ready.condition}
                )
                pair = pairs.over(alone)
            yield pair, _Case("example", f"{rule.code}, example {number}", channel, ready.facts)


def _states_a_channel(example: Example) -> bool:
    return any(name.startswith("channel.") for name in example)


def _sampled(path: Path) -> Iterator[Sampled]:
    decoder = msgspec.json.Decoder(Sampled)
    with path.open("rb") as lines:
        yield from map(decoder.decode, lines)


def _order(sampled: Sampled, book: Book, pack: Pack, lists: Lists, bound: BoundBook) -> _Case:
    """Give an order's row as a decision makes it; raises InvalidOrder where it does not fit."""
    order, as_of_us = sampled.order, sampled.as_of_us
    facts = book.facts.complete(order_facts(order))
    known = {**facts, **sampled.features, **check_facts(facts, pack, order, as_of_us)}
    row = {**known, **lists.facts(bound.asked, known, as_of_us)}
    if bound.counts_words:
        row |= lists.word_facts(known, as_of_us)
    return _Case("order", order.order_id, order.channel, row)


def _told(
    case: _Case, ours: Verdict, theirs: Verdict, codes: frozenset[str], bound: BoundBook
) -> Difference:
    read = dict.fromkeys(name for code in sorted(codes) for name in bound.names.get(code, ()))
    return Difference(
        source=case.source,
        name=case.name,
        channel=case.channel,
        codes=tuple(sorted(codes)),
        compiled_hits=tuple(sorted(ours.hits & codes)),
        other_hits=tuple(sorted(theirs.hits & codes)),
        compiled_missing=tuple(sorted(ours.missing & codes)),
        other_missing=tuple(sorted(theirs.missing & codes)),
        facts={name: case.row.get(name) for name in read},
    )
