"""The rule book: rules as data, loaded strictly, each with its proof run at load."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import msgspec

from features.calendar import CALENDAR_KINDS
from features.catalog import Catalog, load_catalog
from features.errors import RuleError, suggest
from features.expression import Place, kind_of, parse
from features.expression.lists import membership_of, memberships_of
from features.expression.syntax import (
    Absent,
    Bound,
    Compare,
    In,
    Logic,
    Members,
    Name,
    Node,
    Number,
    Text,
    names_of,
)
from features.kinds import Kind
from features.live_facts import FactsOfCatalog
from rules.channel_facts import SET_FACTS, SINGLE_FACTS
from rules.decision import Basis, Severity
from rules.entries import REPAIRS, BookFile, RuleEntry
from rules.lists.declared import ListUse, check_asked, check_declared
from rules.lists.lists import FORBIDDEN_WORDS, FORBIDDEN_WORDS_LIST
from rules.packs import Pack
from rules.scope import RuleScope
from rules.sent_before import SENT_BEFORE
from rules.stopping import CHANNEL_STOPPED
from rules.threshold_units import unknown_unit
from rules.waits import why_no_wait
from rules.yaml_file import Lines, read_yaml, yaml_files

SHIPPED_BOOK = Path(__file__).with_name("book")
_KIND = Name("kind", Kind.TEXT)
_TAKEN = (CHANNEL_STOPPED, SENT_BEFORE.code)


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule and where it stands."""

    entry: RuleEntry
    place: Place

    @property
    def code(self) -> str:
        """The stable name of this why."""
        return self.entry.code

    def applies_to(self, pack: Pack) -> bool:
        """Tell whether the rule concerns a channel at all."""
        return not self.entry.channels or pack.channel in self.entry.channels

    def condition(self, scope: RuleScope, bound: Mapping[str, Bound]) -> Node:
        """Parse the condition, thresholds and channel values bound; raises ExpressionError."""
        thresholds = {
            f"threshold.{name}": Number(threshold.value, threshold.counts)
            for name, threshold in self.entry.thresholds.items()
        }
        when = parse(self.entry.when, scope, place=self.place, bound={**bound, **thresholds})
        match self.entry.kinds:
            case (only,):
                return Logic("and", (Compare("==", _KIND, Text(only)), when))
            case some:
                return Logic("and", (In(_KIND, Members(Kind.TEXT, some)), when))

    def open_condition(self, scope: RuleScope) -> Node:
        """Parse the condition with thresholds and channel values left open, as absent names."""
        thresholds = {
            f"threshold.{name}": Absent(f"threshold.{name}", Kind.NUMBER, threshold.counts)
            for name, threshold in self.entry.thresholds.items()
        }
        channel = {
            f"channel.{name}": Absent(f"channel.{name}", kind)
            for name, kind in {**SINGLE_FACTS, **SET_FACTS}.items()
        }
        bound = {**channel, **thresholds}
        return parse(self.entry.when, scope, place=self.place, bound=bound)


@dataclass(frozen=True, eq=False)
class Book:
    """An ordered set of rules over one catalog. Compared by identity: load once, then share."""

    rules: tuple[Rule, ...]
    catalog: Catalog
    lists: Mapping[str, ListUse] = field(default_factory=dict)
    """The lists that its conditions may ask, by name."""

    @cached_property
    def scope(self) -> RuleScope:
        """The names that its conditions may use."""
        return RuleScope(self.catalog, self.lists)

    @cached_property
    def facts(self) -> FactsOfCatalog:
        """What completes the facts of an order: its calendar, its attributes, the BIN table."""
        return FactsOfCatalog(self.catalog, also=CALENDAR_KINDS)

    @cached_property
    def version(self) -> str:
        """The fingerprint of all rules and of the catalog that gives their names a meaning."""
        entries = [rule.entry for rule in self.rules]
        parts = [entries, self.catalog.schema_hash, self.lists]
        content = msgspec.json.encode(parts, order="deterministic")
        return sha256(content).hexdigest()[:16]

    @cached_property
    def asked_lists(self) -> tuple[str, ...]:
        """The names of the lists that some condition asks, forbidden words included."""
        read = {name for rule in self.rules for name in names_of(rule.open_condition(self.scope))}
        questions = (found for name in read if (found := membership_of(name)) is not None)
        words = (FORBIDDEN_WORDS_LIST,) if FORBIDDEN_WORDS in read else ()
        return tuple(sorted({*(question.list_name for question in questions), *words}))

    @cached_property
    def bases(self) -> Mapping[str, Basis]:
        """What each rule stands on, by its code."""
        return {rule.code: rule.entry.basis for rule in self.rules}

    @cached_property
    def thresholds(self) -> dict[str, float]:
        """Every threshold by `CODE.name`, as it is stored with each decision."""
        return {
            f"{rule.code}.{name}": threshold.value
            for rule in self.rules
            for name, threshold in rule.entry.thresholds.items()
        }

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __getitem__(self, code: str) -> Rule:
        for rule in self.rules:
            if rule.code == code:
                return rule
        hint = suggest(code, [rule.code for rule in self.rules])
        raise RuleError(f"No rule has the code {code!r}.{hint} `preflight rules list` names them.")


def load_book(folder: Path | None = None, catalog: Catalog | None = None) -> Book:
    """Load a folder of rules, or the shipped book, over a catalog, or the shipped one.

    Raises RuleError or ExpressionError with file and line. The examples are run by
    `rules.proof.check_book`.
    """
    rules: dict[str, Rule] = {}
    lists: dict[str, ListUse] = {}
    for path in yaml_files(folder or SHIPPED_BOOK):
        file, lines = read_yaml(path, BookFile)
        _declare(file.lists, lines, lists)
        for number, entry in enumerate(file.rules):
            _check(entry, lines, f"rules[{number}]", rules)
            rules[entry.code] = Rule(entry, lines.at(f"rules[{number}].when"))
    for rule in rules.values():
        _check_special_case(rule, rules)
    book = Book(tuple(rules.values()), catalog or load_catalog(), lists)
    for rule in book:
        _check_condition(rule, book.scope)
    return book


def _check(entry: RuleEntry, lines: Lines, at: str, earlier: Mapping[str, Rule]) -> None:
    if entry.code in earlier:
        other = earlier[entry.code].place
        raise lines.error(
            f"{at}.code", f"code {entry.code} is taken by {other.file}, line {other.line}"
        )
    if entry.severity is Severity.BLOCK and entry.basis is not Basis.CHANNEL_RULE:
        raise lines.error(
            f"{at}.severity",
            f"{entry.code} blocks, but its basis is {entry.basis}; only what a channel would "
            "certainly refuse may block: use confirm or warn",
        )
    if entry.code in _TAKEN or entry.basis is Basis.MERCHANT:
        raise lines.error(
            f"{at}.code",
            f"{entry.code}: {', '.join(_TAKEN)} and basis {Basis.MERCHANT} are for what no rule "
            "gives; take another code and another basis",
        )
    if (entry.basis is Basis.HEURISTIC) != (entry.grade == "H"):
        raise lines.error(f"{at}.grade", f"{entry.code}: grade H is for heuristics, for them all")
    _check_regulation(entry, lines, at)
    _check_thresholds(entry, lines, at)
    _check_repairs(entry, lines, at)
    if not entry.kinds:
        raise lines.error(f"{at}.kinds", f"{entry.code}: kinds is empty; leave it out for both")


def _check_repairs(entry: RuleEntry, lines: Lines, at: str) -> None:
    repairs = entry.fix.repairs if entry.fix is not None else ()
    for name in repairs:
        if name not in REPAIRS:
            known = f"{suggest(name, REPAIRS)} Known: {', '.join(REPAIRS)}"
            raise lines.error(f"{at}.fix.repairs", f"{entry.code}: no repair {name!r}.{known}")
    if repairs and entry.severity in (Severity.INFO, Severity.SCORE):
        raise lines.error(
            f"{at}.fix.repairs",
            f"{entry.code} is {entry.severity}: a repair answers block, confirm or warn alone",
        )


def _declare(uses: Mapping[str, ListUse], lines: Lines, into: dict[str, ListUse]) -> None:
    for name, use in uses.items():
        try:
            check_declared(name, use)
        except RuleError as error:
            raise lines.error(f"lists.{name}", str(error)) from None
        if into.setdefault(name, use) != use:
            raise lines.error(f"lists.{name}", f"another file says list {name} is otherwise")


def _check_regulation(entry: RuleEntry, lines: Lines, at: str) -> None:
    """A regulation is a dated preset that informs; only its dates tell whether it still holds."""
    dates = (entry.effective_from, entry.checked_on)
    if entry.basis is not Basis.REGULATION:
        if dates != (None, None):
            raise lines.error(
                f"{at}.basis", f"{entry.code}: effective_from and checked_on date a regulation"
            )
    elif None in dates:
        raise lines.error(
            f"{at}.basis", f"{entry.code} is a regulation; state its effective_from and checked_on"
        )
    elif entry.severity not in (Severity.INFO, Severity.WARN):
        raise lines.error(f"{at}.severity", f"{entry.code}: a regulation informs: info or warn")


def _check_thresholds(entry: RuleEntry, lines: Lines, at: str) -> None:
    for name, threshold in entry.thresholds.items():
        if threshold.counts is None:
            told = unknown_unit(threshold.unit)
            raise lines.error(f"{at}.thresholds.{name}.unit", f"{entry.code}, {name}: {told}")
        if not math.isfinite(threshold.value):
            problem = f"{entry.code}, {name}: {threshold.value} is not finite; write a number"
            raise lines.error(f"{at}.thresholds.{name}.value", problem)


def _check_condition(rule: Rule, scope: RuleScope) -> None:
    """Check names, kinds and units at load, whatever the channel states."""
    condition, place = rule.open_condition(scope), f"{rule.place.file}, line {rule.place.line}"
    try:
        check_asked(memberships_of(condition), scope.lists)
    except RuleError as error:
        raise RuleError(f"{place}: {rule.code}: {error}") from None
    kind = kind_of(condition)
    if kind is not Kind.BOOLEAN:
        raise RuleError(
            f"{place}: {rule.code}: `when` is a {kind}, not a condition; compare it with something"
        )
    problem = why_no_wait(rule.entry, names_of(condition))
    if problem is not None:
        raise RuleError(f"{place}: {rule.code}: `waits` is {rule.entry.waits}, but {problem}")


def _check_special_case(rule: Rule, rules: Mapping[str, Rule]) -> None:
    wider = rule.entry.special_case_of
    if wider is not None and (wider not in rules or wider == rule.code):
        raise RuleError(
            f"{rule.place.file}, line {rule.place.line}: {rule.code}: special_case_of names "
            f"{wider!r}, which is no other rule.{suggest(wider, list(rules))}"
        )
