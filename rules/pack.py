"""One channel pack: its facts as of an instant, and what its raw answers mean."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import msgspec

from features.expression.syntax import Absent, Bound, Members, Number, Text, Truth
from features.kinds import Kind
from features.outcome import OutcomeClass
from rules.channel_facts import SET_FACTS, SINGLE_FACTS
from rules.codes import (
    CLASS_NAMES,
    NO_ANSWER,
    OPEN_CLASSES,
    QUERY,
    UNSEEN,
    CodeTable,
    MappedOutcome,
)
from rules.own_codes import NO_OWN_CODES, OwnCodes
from rules.pack_dates import file_at, starts_of
from rules.pack_file import FactValue, PackFact, PackFile


@dataclass(frozen=True, eq=False)
class Pack:
    """One channel's contract. Compared by identity: load once, then share.

    `file` holds the latest values; `at` gives those of an instant.
    """

    file: PackFile
    codes: CodeTable
    own: OwnCodes = NO_OWN_CODES
    whole: "Pack | None" = None
    """The pack of all times, where this one is as of an instant."""

    @property
    def channel(self) -> str:
        """The name that an order calls the channel by."""
        return self.file.channel

    @cached_property
    def version(self) -> str:
        """The fingerprint of the pack's facts of all times and of its rows in the code tables."""
        if self.whole is not None:
            return self.whole.version
        rows = [row for row in self.codes.rows if row.table in self.file.code_tables]
        own = [
            [row.channel, row.api, row.code, row.sub_code, row.message and row.message.pattern,
             row.mapped]
            for row in self.own.rows
        ]  # fmt: skip
        content = msgspec.json.encode([self.file, rows, own], order="deterministic")
        return f"{self.channel}@{sha256(content).hexdigest()[:12]}"

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The instants at which some fact changes, ascending; mostly there are none."""
        return starts_of(self.file)

    def at(self, as_of_us: int) -> "Pack":
        """Give the pack with the values that held at an instant."""
        return self.periods[bisect_right(self.starts, as_of_us)]

    @cached_property
    def periods(self) -> tuple["Pack", ...]:
        """The pack before the first start, and from each start on."""
        if not self.starts:
            return (self,)
        instants = (self.starts[0] - 1, *self.starts)
        return tuple(Pack(file_at(self.file, at), self.codes, self.own, self) for at in instants)

    @cached_property
    def bindings(self) -> Mapping[str, Bound]:
        """What `channel.NAME` stands for in a condition; an unknown fact is always missing."""
        return {
            f"channel.{name}": bound_value(name, self.file.facts.get(name))
            for name in (*SINGLE_FACTS, *SET_FACTS)
        }

    def value(self, name: str, product: str | None = None) -> FactValue | None:
        """Give a fact's value, that of a product where it differs; None where it is unknown."""
        facts = self.file.facts
        if product in self.file.products:
            facts = {**facts, **self.file.products[product].facts}
        fact = facts.get(name)
        return None if fact is None else fact.value

    def text(self, name: str) -> str | None:
        """Give a text fact, or None where it is unknown."""
        value = self.value(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> float | None:
        """Give a number, or None where it is unknown."""
        value = self.value(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def map_outcome(
        self,
        api: str | None,
        code: str | None,
        sub_code: str | None = None,
        message: str | None = None,
    ) -> MappedOutcome:
        """Say what a raw answer means; whatever is unseen is unknown, not final, to be queried.

        A user's own rows go first. The code counts before the message, the sub-code before the
        code.
        """
        if not code and not sub_code:
            return NO_ANSWER
        if self.own.rows:
            stated = self.own.find(self.channel, api, code, sub_code, message)
            if stated is not None:
                return stated
        return self._by_table(api, code, sub_code)

    def _by_table(self, api: str | None, code: str | None, sub_code: str | None) -> MappedOutcome:
        by_sub_code = self._find(api, _spellings(code, sub_code)) if sub_code else None
        if by_sub_code is not None:
            return by_sub_code
        by_code = self._find(api, [code]) if code else None
        # A sub-code that nobody has seen may say anything: the code alone proves no success.
        if by_code is None or (sub_code and by_code.outcome_class is OutcomeClass.ACCEPTED):
            return UNSEEN
        return by_code

    def _find(self, api: str | None, spellings: list[str]) -> MappedOutcome | None:
        for spelling in spellings:
            if self.file.class_names_are_codes and spelling.lower() in CLASS_NAMES:
                return _stated(OutcomeClass(spelling.lower()))
            known = self.file.code_aliases.get(spelling, spelling)
            for table in self.file.code_tables:
                found = self.codes.find(table, api, known)
                if found is not None:
                    return found
        return None


def bound_value(name: str, fact: PackFact | None) -> Bound:
    """Turn a stated fact into the constant that a condition sees."""
    kind = SINGLE_FACTS.get(name) or SET_FACTS[name]
    value = fact.value if fact is not None else None
    match value:
        case None:
            return Absent(f"channel.{name}", kind)
        case bool():
            return Truth(value)
        case str():
            return Text(value)
        case int() | float():
            return Number(float(value))
        case list():
            return _members(kind, value)


def _members(kind: Kind, values: list[int | float | str]) -> Members:
    texts = tuple(value for value in values if isinstance(value, str))
    numbers = tuple(float(value) for value in values if not isinstance(value, str))
    return Members(kind, texts or numbers)


def _spellings(code: str | None, sub_code: str) -> list[str]:
    return [f"{code}+{sub_code}", sub_code] if code else [sub_code]


def _stated(outcome_class: OutcomeClass) -> MappedOutcome:
    is_final = outcome_class not in OPEN_CLASSES
    return MappedOutcome(
        outcome_class=outcome_class,
        subclass=None,
        final=is_final,
        next_action="none" if is_final else QUERY,
        source="stated by the caller",
        grade=None,
    )
