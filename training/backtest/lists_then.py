"""The lists as they were: which version of each was the current one at an instant."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Protocol

import polars as pl

from features.times import to_us
from rules.lists.lists import NO_LISTS, Lists, NamedList, load_list, load_lists
from rules.lists.store import ListStore

_KEPT = 64
"""Versions that are held open at once."""


class ListsInTime(Protocol):
    """Tells which lists held when."""

    @property
    def said(self) -> str:
        """Say in plain words which lists these are."""
        ...

    def stretches(self, as_of_us: pl.Series) -> Iterator[tuple[int, int, Lists]]:
        """Cut ascending instants into stretches of one state of the lists: rows [start, end)."""
        ...


@dataclass(frozen=True, eq=False)
class OneState:
    """The same lists for every order."""

    lists: Lists = NO_LISTS
    said: str = "no lists"

    def stretches(self, as_of_us: pl.Series) -> Iterator[tuple[int, int, Lists]]:
        """Give one stretch."""
        yield 0, len(as_of_us), self.lists


class ListsThen:
    """The lists of a data folder by its audit: a change holds from the instant it was written.

    Before its first version a list is not there, so it is empty.
    """

    said = "each list in the version that was current when the order was decided"

    def __init__(self, store: ListStore) -> None:
        self._store = store
        self._load = lru_cache(maxsize=_KEPT)(self._one)

    @cached_property
    def _changes(self) -> Sequence[tuple[int, Mapping[str, str]]]:
        """From when on which version of which list is current, by instant."""
        current: dict[str, str] = {}
        changes: list[tuple[int, Mapping[str, str]]] = []
        for line in sorted(self._store.audit(), key=lambda line: line.at):
            current = {**current, line.list: line.after}
            changes.append((to_us(line.at), current))
        return changes

    def stretches(self, as_of_us: pl.Series) -> Iterator[tuple[int, int, Lists]]:
        """Cut ascending instants where a change of some list lies between two of them.

        Raises RuleError naming the file when a version of then is gone or was changed.
        """
        starts = pl.Series([at for at, _ in self._changes], dtype=pl.Int64)
        states = starts.search_sorted(as_of_us, side="right").to_list()
        first = 0
        for number, rows in groupby(states):
            end = first + len(list(rows))
            yield first, end, self._lists_of(number)
            first = end

    def _lists_of(self, number: int) -> Lists:
        if number == 0:
            return NO_LISTS
        return Lists(
            {n: self._load(n, version) for n, version in self._changes[number - 1][1].items()}
        )

    def _one(self, name: str, version: str) -> NamedList:
        return load_list(self._store, name, version)


def lists_of_today(store: ListStore) -> OneState:
    """Give the lists as they are now, for orders of any time: what they hold may be hindsight."""
    return OneState(load_lists(store), "the lists as they are today, whatever the order's date")


@dataclass(frozen=True, eq=False)
class Shifted:
    """The lists as they were when an order was decided, asked about a later instant of it."""

    lists: ListsInTime
    by_us: int

    @property
    def said(self) -> str:
        """Say what the others say."""
        return self.lists.said

    def stretches(self, as_of_us: pl.Series) -> Iterator[tuple[int, int, Lists]]:
        """Cut as the others do at the instants of the decisions."""
        return self.lists.stretches(as_of_us - self.by_us)
