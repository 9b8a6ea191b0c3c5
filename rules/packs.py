"""Channel packs: one channel's contract as dated facts, and its code table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import msgspec

from features.errors import UnknownChannel, suggest
from features.expression.syntax import Absent, Bound, Members, Number, Text, Truth
from features.kinds import Kind
from features.outcome import OutcomeClass
from rules.codes import CLASS_NAMES, NO_ANSWER, QUERY, UNSEEN, CodeTable, MappedOutcome, load_codes
from rules.pack_file import SET_FACTS, SINGLE_FACTS, PackFact, PackFile
from rules.yaml_file import Lines, read_yaml, yaml_files

SHIPPED_CHANNELS = Path(__file__).with_name("channels")
CODES_FILE = "codes.tsv"
_OPEN_CLASSES = frozenset({OutcomeClass.UNKNOWN, OutcomeClass.PAYER_ACTION, OutcomeClass.CHANNEL})
"""Classes that are not final by themselves (channels.md b.1)."""


@dataclass(frozen=True, eq=False)
class Pack:
    """One channel's contract. Compared by identity: load once, then share."""

    file: PackFile
    codes: CodeTable

    @property
    def channel(self) -> str:
        """The name that an order calls the channel by."""
        return self.file.channel

    @cached_property
    def version(self) -> str:
        """The fingerprint of the pack's facts and of its rows in the code table."""
        rows = [row for row in self.codes.rows if row.table in self.file.code_tables]
        content = msgspec.json.encode([self.file, rows], order="deterministic")
        return f"{self.channel}@{sha256(content).hexdigest()[:12]}"

    @cached_property
    def bindings(self) -> Mapping[str, Bound]:
        """What `channel.NAME` stands for in a condition; an unknown fact is always missing."""
        return {
            f"channel.{name}": bound_value(name, self.file.facts.get(name))
            for name in (*SINGLE_FACTS, *SET_FACTS)
        }

    def text(self, name: str) -> str | None:
        """Give a text fact, or None where it is unknown."""
        fact = self.file.facts.get(name)
        return fact.value if fact is not None and isinstance(fact.value, str) else None

    def map_outcome(
        self,
        api: str | None,
        code: str | None,
        sub_code: str | None = None,
        message: str | None = None,  # noqa: ARG002 - part of the key (b.2.1); no row uses it yet
    ) -> MappedOutcome:
        """Say what a raw answer means; whatever is unseen is unknown, not final, to be queried."""
        if not code and not sub_code:
            return NO_ANSWER
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


@dataclass(frozen=True, eq=False)
class Packs:
    """All packs that are loaded, by channel."""

    by_channel: Mapping[str, Pack]

    def __getitem__(self, channel: str) -> Pack:
        if channel not in self.by_channel:
            raise UnknownChannel(
                f"No channel pack is named {channel!r}.{suggest(channel, self.by_channel)} "
                f"Known channels: {', '.join(self.by_channel)}"
            )
        return self.by_channel[channel]

    def __iter__(self) -> Iterator[Pack]:
        return iter(self.by_channel.values())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(self.by_channel)


def load_packs(folder: Path | None = None) -> Packs:
    """Load a folder of packs with its code table, or the shipped one.

    Raises RuleError that names the file, the line and the way out.
    """
    place = folder or SHIPPED_CHANNELS
    own_codes = place / CODES_FILE
    codes = load_codes(own_codes if own_codes.exists() else SHIPPED_CHANNELS / CODES_FILE)
    packs: dict[str, Pack] = {}
    for path in yaml_files(place):
        file, lines = read_yaml(path, PackFile)
        _check(file, lines, codes)
        if file.channel in packs:
            raise lines.error("channel", f"channel {file.channel!r} has a pack already")
        packs[file.channel] = Pack(file, codes)
    return Packs(packs)


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
    is_final = outcome_class not in _OPEN_CLASSES
    return MappedOutcome(
        outcome_class=outcome_class,
        subclass=None,
        final=is_final,
        next_action="none" if is_final else QUERY,
        source="stated by the caller",
        grade=None,
    )


def _check(file: PackFile, lines: Lines, codes: CodeTable) -> None:
    known = {**SINGLE_FACTS, **SET_FACTS}
    for name, fact in file.facts.items():
        if name not in known:
            raise lines.error(f"facts.{name}", f"no fact is named {name!r}.{suggest(name, known)}")
        if fact.value is not None and not _fits(name, fact.value):
            wanted = f"a set of {SET_FACTS[name]}s" if name in SET_FACTS else f"a {known[name]}"
            raise lines.error(f"facts.{name}.value", f"{name} is {wanted}, not {fact.value!r}")
        if fact.value is not None and fact.grade is None:
            raise lines.error(f"facts.{name}", f"{name} has a value, so it needs a grade")
    for number, table in enumerate(file.code_tables):
        if not codes.has(table):
            hint = suggest(table, codes.tables)
            raise lines.error(f"code_tables[{number}]", f"no code table is named {table!r}.{hint}")


_PYTHON_TYPES = {Kind.NUMBER: (int, float), Kind.TEXT: (str,), Kind.BOOLEAN: (bool,)}


def _fits(name: str, value: object) -> bool:
    if name in SET_FACTS:
        wanted = _PYTHON_TYPES[SET_FACTS[name]]
        return isinstance(value, list) and bool(value) and all(_is_a(v, wanted) for v in value)
    return _is_a(value, _PYTHON_TYPES[SINGLE_FACTS[name]])


def _is_a(value: object, wanted: tuple[type, ...]) -> bool:
    return isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))
