"""Lists in memory: what is in them as of an instant, which rules they silence, which versions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from features.errors import RuleError, suggest
from features.expression.lists import Membership
from features.kinds import Kind, Value
from rules.decision import Basis, Exempted
from rules.lists.holdings import WORDS, ListKind, normal
from rules.lists.kept import Entry, ListHead
from rules.lists.store import ListStore
from rules.lists.table import Table, digest_of, map_table
from rules.lists.words import WordFinder

FORBIDDEN_WORDS_LIST = "forbidden_words"
FORBIDDEN_WORDS = "check.forbidden_words"
"""How many words of that list occur in the texts of an order that the channel shows."""
SHOWN_TEXTS = ("subject", "description", "payout.purpose")
WORD_KINDS: Mapping[str, Kind] = {FORBIDDEN_WORDS: Kind.NUMBER}
ABSENT = "absent"
"""The version of a list that a book asks and that is not there: it is empty."""
_Row = Mapping[str, Value]


@dataclass(frozen=True, eq=False)
class NamedList:
    """One version of one list, ready to be asked."""

    head: ListHead
    table: Table
    words: WordFinder | None = None

    @cached_property
    def version(self) -> str:
        """Its fingerprint."""
        return self.head.version

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every rule that some entry of an exempt list silences."""
        return self.head.codes

    def holds(self, value: str, as_of_us: int) -> bool:
        """Tell whether a value, as an order has it, is in the list as of an instant."""
        digest = digest_of(normal(self.head.fact, value))
        return self.table.find(digest, as_of_us) is not None

    def until_us(self, value: str) -> int | None:
        """Give the instant until which a value is in the list, or FOREVER; None where it is not."""
        return self.table.until(digest_of(normal(self.head.fact, value)))

    def silenced(self, value: str, as_of_us: int) -> tuple[str, ...]:
        """Name the rules that an exempt list silences for a value as of an instant."""
        tag = self.table.find(digest_of(normal(self.head.fact, value)), as_of_us)
        return () if tag is None else self.head.rule_sets[tag]


@dataclass(frozen=True, eq=False)
class Lists:
    """All lists as they are at one moment; a change makes another of these."""

    by_name: Mapping[str, NamedList] = field(default_factory=dict)

    @cached_property
    def exempt(self) -> tuple[NamedList, ...]:
        """The exempt lists, by name."""
        ordered = sorted(self.by_name.items())
        return tuple(one for _, one in ordered if one.head.kind is ListKind.EXEMPT)

    def facts(self, asked: Iterable[Membership], row: _Row, as_of_us: int) -> dict[str, Value]:
        """Answer each question to a list once; absent where the operand itself is missing."""
        found: dict[str, Value] = {}
        for question in asked:
            value = row.get(question.operand)
            if isinstance(value, str):
                named = self.by_name.get(question.list_name)
                found[question.fact] = named is not None and named.holds(value, as_of_us)
        return found

    def word_facts(self, row: _Row, as_of_us: int) -> dict[str, Value]:
        """Count the forbidden words of an order; absent where it has no such text."""
        texts = [text for name in SHOWN_TEXTS if isinstance(text := row.get(name), str)]
        if not texts:
            return {}
        named = self.by_name.get(FORBIDDEN_WORDS_LIST)
        finder = None if named is None else named.words
        return {FORBIDDEN_WORDS: 0 if finder is None else finder.count(texts, as_of_us)}

    def exempted(
        self, codes: Mapping[str, Basis], row: _Row, as_of_us: int
    ) -> tuple[Exempted, ...]:
        """Tell which of these rules are silenced for an order, each by the first list that does.

        Only a heuristic can be, whatever a list says.
        """
        open_codes = {code for code, basis in codes.items() if basis is Basis.HEURISTIC}
        found: list[Exempted] = []
        for named in self.exempt:
            value = row.get(named.head.fact)
            if open_codes.isdisjoint(named.codes) or not isinstance(value, str):
                continue
            silenced = sorted(open_codes.intersection(named.silenced(value, as_of_us)))
            found += (
                Exempted(code=code, list=named.head.name, version=named.version)
                for code in silenced
            )
            open_codes.difference_update(silenced)
        return tuple(found)

    def versions(self, asked: Iterable[str]) -> dict[str, str]:
        """Give the version of each list that a book asks, and of each exempt list."""
        pinned = {name: self._version(name) for name in asked}
        pinned |= {one.head.name: one.version for one in self.exempt}
        return dict(sorted(pinned.items()))

    def _version(self, name: str) -> str:
        named = self.by_name.get(name)
        return ABSENT if named is None else named.version


NO_LISTS = Lists()
"""On a machine without lists every list is empty."""


def load_lists(store: ListStore, versions: Mapping[str, str] | None = None) -> Lists:
    """Load the current versions of all lists, or the given versions of some.

    Raises RuleError naming the file when a version is absent, broken or was changed.
    """
    wanted = store.pointers() if versions is None else versions
    return Lists({name: load_list(store, name, version) for name, version in wanted.items()})


def load_list(store: ListStore, name: str, version: str | None = None) -> NamedList:
    """Load one version of one list; raises RuleError naming the file."""
    head = store.head(name, version)
    entries: Iterable[Entry] = store.entries(head) if head.fact == WORDS else ()
    finder = WordFinder(entries) if head.fact == WORDS else None
    return NamedList(head, map_table(store.table_path(head)), finder)


def check_exempt(head: ListHead, bases: Mapping[str, Basis]) -> None:
    """Refuse an exempt list that would silence what it must not, or what there is not.

    `bases` gives every rule's code and what it stands on. Raises RuleError.
    """
    for code in sorted(head.codes):
        if code not in bases:
            raise RuleError(
                f"exempt list {head.name} names rule {code!r}, which the book does not have."
                f"{suggest(code, bases)}"
            )
        if bases[code] is not Basis.HEURISTIC:
            raise RuleError(
                f"exempt list {head.name} names {code}, a {bases[code]}: only a heuristic can be "
                "silenced; take the code out of the list"
            )
