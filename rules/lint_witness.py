"""Witnesses: orders that show what lint claims, each confirmed by the tree-walker."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from features.errors import RuleError
from features.expression.syntax import Absent, Compare, In, Name, Node
from features.kinds import Kind, Value
from rules.book import Book, Rule
from rules.entries import Example
from rules.lint_cells import Cell
from rules.lint_terms import Slot
from rules.packs import Packs
from rules.proof import answer_to

_INSTANT_US = 1_773_196_200_000_000
"""An instant for whatever the claim leaves open."""
_NUMBER = 1_000.0
_OTHER = "another"
_GRID = (0.0, 1.0, 100.0, 10_000.0)
_MOST_SEARCHED = 3


@dataclass(frozen=True, slots=True)
class Witness:
    """An order, as the facts of an example, and what the rules answer to it."""

    says: str
    facts: Example
    fires: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Court:
    """Asks the tree-walker about the rules of one book."""

    book: Book
    packs: Packs

    def answer(self, rule: Rule, facts: Example) -> bool | None:
        """Say whether a rule fires on the facts of an example; None where it cannot be told."""
        try:
            return answer_to(rule, facts, self.book, self.packs)
        except RuleError:
            return None  # the facts fit no row that this rule could read, so it does not fire

    def witness(self, says: str, facts: Example, rules: tuple[Rule, ...]) -> Witness:
        """Give a witness with the answers of some rules."""
        fires = tuple(rule.code for rule in rules if self.answer(rule, facts) is True)
        return Witness(says, facts, fires)

    def placed(self, rule: Rule, facts: Example) -> Example:
        """Name the channel and the kind that the facts of a rule's own example leave out."""
        channel = rule.entry.channels[0] if rule.entry.channels else "generic"
        return {"channel": channel, "kind": rule.entry.kinds[0], **facts}


def concrete(cell: Cell, slots: Mapping[str, Slot], book: Book) -> Example:
    """Give facts that should lie in a cell; whether they do is for the tree-walker to say."""
    facts: dict[str, Value | list[int | float | str] | None] = {}
    settled: set[str] = set()
    for name, value in cell.items():
        if slots[name].is_plain:
            settled.add(name)
            if value is not None:
                facts[name] = _fact(name, value, book)
    for name, value in cell.items():
        slot = slots[name]
        if not slot.is_plain and value is not None:
            _settle(slot, value, facts, settled, book)
    return facts


def searched(slots: Mapping[str, Slot], book: Book) -> Iterator[Example]:
    """Try a few numbers for the names of sums, in all combinations, as a last resort."""
    names = sorted({name for slot in slots.values() if slot.weights for name in slot.names})
    if not 0 < len(names) <= _MOST_SEARCHED:
        return
    for values in product(_GRID, repeat=len(names)):
        yield {n: _fact(n, v, book) for n, v in zip(names, values, strict=True)}


def _settle(
    slot: Slot,
    value: Value,
    facts: dict[str, Value | list[int | float | str] | None],
    settled: set[str],
    book: Book,
) -> None:
    """Choose names of a sum, or of a part, such that it has the value."""
    free = [name for name in slot.names if name not in settled]
    for name in free:
        if not name.startswith("channel.") or slot.weights:
            facts[name] = _fact(name, _default(name, book), book)
        settled.add(name)
    if slot.weights and free and isinstance(value, int | float):
        facts[free[0]] = _fact(free[0], _solved(slot, free[0], float(value), facts), book)
    elif isinstance(value, bool):
        _settle_part(slot.node, value, facts)


def _solved(slot: Slot, wanted: str, total: float, facts: Mapping[str, object]) -> float:
    weight = 1.0
    for name, one in zip(slot.names, slot.weights, strict=True):
        present = facts.get(name)
        if name == wanted:
            weight = one or 1.0
        elif isinstance(present, int | float):
            total -= one * present
    return total / weight


def _settle_part(
    node: Node | None, value: bool, facts: dict[str, Value | list[int | float | str] | None]
) -> None:
    match node:
        case In(Name(name), Absent() as members):
            present = facts.get(name)
            other: int | float | str = _OTHER if isinstance(present, str) else -1
            if isinstance(present, int | float | str):
                facts[members.name] = [present if value else other]
        case Compare("==", Name(name), Name(twin)):
            present = facts.get(name)
            facts[twin] = present if value or not isinstance(present, str) else f"{present}-2"
        case _:
            return


def _default(name: str, book: Book) -> Value:
    match book.scope.kind_of(name):
        case Kind.TEXT:
            return _OTHER
        case Kind.BOOLEAN:
            return True
        case Kind.INSTANT:
            return _INSTANT_US
        case _:
            return _NUMBER


def _fact(name: str, value: Value, book: Book) -> Value:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, float) and book.scope.kind_of(name) is Kind.INSTANT:
        return round(value)
    return value
