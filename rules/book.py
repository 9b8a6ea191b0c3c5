"""The rule book: rules as data, loaded strictly, each with its proof run at load."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import msgspec

from features.catalog import Catalog, load_catalog
from features.errors import RuleError, suggest
from features.expression import Place, parse
from features.expression.syntax import Bound, Compare, In, Logic, Members, Name, Node, Number, Text
from features.kinds import Kind
from rules.decision import Basis, Severity
from rules.entries import BookFile, RuleEntry
from rules.packs import Pack
from rules.scope import RuleScope
from rules.yaml_file import Lines, read_yaml, yaml_files

SHIPPED_BOOK = Path(__file__).with_name("book")
_KIND = Name("kind", Kind.TEXT)


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
            f"threshold.{name}": Number(threshold.value)
            for name, threshold in self.entry.thresholds.items()
        }
        when = parse(self.entry.when, scope, place=self.place, bound={**bound, **thresholds})
        match self.entry.kinds:
            case (only,):
                return Logic("and", (Compare("==", _KIND, Text(only)), when))
            case some:
                return Logic("and", (In(_KIND, Members(Kind.TEXT, some)), when))


@dataclass(frozen=True, eq=False)
class Book:
    """An ordered set of rules over one catalog. Compared by identity: load once, then share."""

    rules: tuple[Rule, ...]
    catalog: Catalog

    @cached_property
    def scope(self) -> RuleScope:
        """The names that its conditions may use."""
        return RuleScope(self.catalog)

    @cached_property
    def version(self) -> str:
        """The fingerprint of all rules and of the catalog that gives their names a meaning."""
        entries = [rule.entry for rule in self.rules]
        content = msgspec.json.encode([entries, self.catalog.schema_hash], order="deterministic")
        return sha256(content).hexdigest()[:16]

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
    for path in yaml_files(folder or SHIPPED_BOOK):
        file, lines = read_yaml(path, BookFile)
        for number, entry in enumerate(file.rules):
            _check(entry, lines, f"rules[{number}]", rules)
            rules[entry.code] = Rule(entry, lines.at(f"rules[{number}].when"))
    return Book(tuple(rules.values()), catalog or load_catalog())


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
    if (entry.basis is Basis.HEURISTIC) != (entry.grade == "H"):
        raise lines.error(f"{at}.grade", f"{entry.code}: grade H is for heuristics, for them all")
    if entry.fix is not None and entry.fix.repairs and entry.severity is not Severity.BLOCK:
        raise lines.error(f"{at}.fix", f"{entry.code}: a repair answers a block alone")
    if not entry.kinds:
        raise lines.error(f"{at}.kinds", f"{entry.code}: kinds is empty; leave it out for both")
