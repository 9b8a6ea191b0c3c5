"""How two rules relate: does one fire whenever the other does, or exactly where it does not?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from features.expression.syntax import Absent, Name, Node, Number, Presence, names_in
from rules.book import Rule
from rules.entries import Example, RuleEntry
from rules.lint_cells import BUDGET, Cell, Cells, cells_of, truth_of
from rules.lint_terms import Abstraction, Slot, abstract
from rules.lint_witness import Court, concrete, searched
from rules.tree import changed, paths

_COLLECTED = 5_000
"""Cells that are looked through for the fullest ones."""
_SEARCHED = 20
"""Cells in which other numbers are tried as well."""
_TRIES = 100
"""Cells for which an order is looked for, before a question is given up as not decided."""


@dataclass(frozen=True, eq=False)
class Linted:
    """A rule with its condition seen through slots, and facts to try."""

    rule: Rule
    abstraction: Abstraction
    names: frozenset[str]
    tried: tuple[Example, ...]
    """Its own examples that should fire, with channel and kind."""
    fires: tuple[Example, ...]
    """Those of them that do."""

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.rule.code

    @property
    def entry(self) -> RuleEntry:
        """The rule's entry."""
        return self.rule.entry

    def cells(self, court: Court) -> Cells:
        """The cells of this condition alone."""
        return cells_of([self.abstraction], court.book.scope)


@dataclass(frozen=True, slots=True)
class Relation:
    """What was found about two rules."""

    forward: bool = False
    """Whenever the first fires, the second does."""
    backward: bool = False
    both: Example | None = None
    only: Example | None = None
    """Fires the wider rule alone."""
    opposite: tuple[Example, Example] | None = None
    """One fires exactly where the other does not: an order of either sort."""
    undecided: bool = False


def linted(rule: Rule, court: Court) -> Linted:
    """Prepare a rule: thresholds become numbers, the channel's values stay free."""
    condition = _with_thresholds(rule.open_condition(court.book.scope), rule.entry)
    tried = tuple(court.placed(rule, facts) for facts in rule.entry.examples.fires)
    fires = tuple(facts for facts in tried if court.answer(rule, facts) is True)
    return Linted(rule, abstract(condition), names_in(condition), tried, fires)


def _with_thresholds(condition: Node, entry: RuleEntry) -> Node:
    values = {f"threshold.{name}": Number(one.value) for name, one in entry.thresholds.items()}
    places = [(at, node.name) for at, node in paths(condition) if isinstance(node, Absent)]
    for at, name in places:
        if name in values:
            condition = changed(condition, at, _always(values[name]))
    return condition


def _always(number: Number) -> Callable[[Node], Node]:
    return lambda _: number


def shares_names(first: Linted, second: Linted) -> bool:
    """Tell whether two rules read anything in common; else neither can follow from the other."""
    return bool(first.names & second.names)


def alive(one: Linted, court: Court) -> bool | None:
    """Tell whether some order fires a rule; None where that was not decided."""
    if one.fires:
        return True
    cells = one.cells(court)
    slots = one.abstraction.slots
    if cells.size(slots) > BUDGET:
        return None
    firing = (cell for cell in cells.rows(slots) if truth_of(one.abstraction.node, cell) is True)
    tried = list(islice(firing, _TRIES))
    if not tried:
        return False
    return True if any(_confirmed(cell, one, court) for cell in tried) else None


def _confirmed(cell: Cell, one: Linted, court: Court) -> Example | None:
    facts = court.placed(one.rule, concrete(cell, one.abstraction.slots, court.book))
    return facts if court.answer(one.rule, facts) is True else None


def relation_of(first: Linted, second: Linted, court: Court) -> Relation:
    """Compare two living rules."""
    forward = follows(first, second, court)
    backward = follows(second, first, court)
    if forward or backward:
        narrow, wide = (first, second) if forward else (second, first)
        both = next(_firing_both(narrow, wide, court), None)
        if both is None:
            return Relation(undecided=True)
        alone = None if forward and backward else next(_firing_only(wide, narrow, court), None)
        return Relation(bool(forward), bool(backward), both, alone)
    opposite = _opposite(first, second, court)
    return Relation(opposite=opposite, undecided=forward is None or backward is None)


def covers(wide: Linted, narrow: Linted) -> bool:
    """Tell whether a rule is asked about every order that the other is asked about."""
    channels = not wide.entry.channels or (
        bool(narrow.entry.channels) and set(narrow.entry.channels) <= set(wide.entry.channels)
    )
    return channels and set(narrow.entry.kinds) <= set(wide.entry.kinds)


def follows(narrow: Linted, wide: Linted, court: Court) -> bool | None:
    """Tell whether `wide` fires whenever `narrow` does; None where that was not decided."""
    if not covers(wide, narrow):
        return False
    if any(court.answer(wide.rule, facts) is not True for facts in narrow.fires):
        return False
    cells = cells_of([narrow.abstraction, wide.abstraction], court.book.scope)
    asked = _asked(wide, _more(wide, narrow))
    size = cells.size(narrow.abstraction.slots) * cells.size(asked)
    found = list(islice(_counter_cells(narrow, wide, cells), _COLLECTED))
    if not found:
        return True if size <= BUDGET else None
    if all(slot.is_plain for slot in _slots_of(narrow, wide).values()):
        return False  # every cell of plain names holds orders
    return _refuted(sorted(found, key=_missing)[:_TRIES], narrow, wide, court)


def _counter_cells(narrow: Linted, wide: Linted, cells: Cells) -> Iterator[Cell]:
    """Give the cells in which `narrow` fires and `wide` does not."""
    more = _more(wide, narrow)
    asked = _asked(wide, more)
    unknown: Cell = dict.fromkeys(more)
    each = max(1, BUDGET // cells.size(narrow.abstraction.slots))
    for cell in cells.rows(narrow.abstraction.slots):
        if truth_of(narrow.abstraction.node, cell) is not True:
            continue
        # What is true while the rest is missing stays true whatever the rest is: Kleene.
        for rest in cells.rows(asked, each) if asked else (unknown,):
            whole = {**unknown, **cell, **rest}
            if truth_of(wide.abstraction.node, whole) is not True:
                yield whole


def _missing(cell: Cell) -> int:
    """Count what a cell leaves open: the fuller ones make orders more often."""
    return sum(value is None for value in cell.values())


def _asked(wide: Linted, more: Sequence[str]) -> Sequence[str]:
    """Give the slots to be gone through: all where presence is asked of one of them, else none."""
    asks = any(
        isinstance(part, Presence) and isinstance(part.operand, Name) and part.operand.name in more
        for _, part in paths(wide.abstraction.node)
    )
    return more if asks else ()


def _slots_of(first: Linted, second: Linted) -> Mapping[str, Slot]:
    return {**first.abstraction.slots, **second.abstraction.slots}


def _refuted(counter: Sequence[Cell], narrow: Linted, wide: Linted, court: Court) -> bool | None:
    """Look for an order that only `narrow` fires: False if there is one, None if none is found."""
    slots = _slots_of(narrow, wide)
    tried = [concrete(cell, slots, court.book) for cell in counter]
    overlaid = (
        {**facts, **numbers}
        for facts in tried[:_SEARCHED]
        for numbers in searched(narrow.abstraction.slots, court.book)
    )
    for facts in chain(tried, overlaid):
        order = court.placed(narrow.rule, facts)
        fires = court.answer(narrow.rule, order) is True
        if fires and court.answer(wide.rule, order) is not True:
            return False
    return None


def _more(wide: Linted, narrow: Linted) -> list[str]:
    return [name for name in wide.abstraction.slots if name not in narrow.abstraction.slots]


def _firing_both(narrow: Linted, wide: Linted, court: Court) -> Iterator[Example]:
    for facts in _orders_that_fire(narrow, wide, court):
        if court.answer(wide.rule, facts) is True:
            yield facts


def _firing_only(wide: Linted, narrow: Linted, court: Court) -> Iterator[Example]:
    for facts in _orders_that_fire(wide, narrow, court):
        if court.answer(narrow.rule, facts) is not True:
            yield facts


def _orders_that_fire(one: Linted, other: Linted, court: Court) -> Iterator[Example]:
    """Give orders that fire a rule, cut at the bounds of the other rule as well."""
    yield from one.fires
    slots = one.abstraction.slots
    cells = cells_of([one.abstraction, other.abstraction], court.book.scope)
    firing = (cell for cell in cells.rows(slots) if truth_of(one.abstraction.node, cell) is True)
    for cell in islice(firing, _TRIES):
        facts = _confirmed(cell, one, court)
        if facts is not None:
            yield facts


def _opposite(first: Linted, second: Linted, court: Court) -> tuple[Example, Example] | None:
    if first.names != second.names or not (covers(first, second) and covers(second, first)):
        return None
    if any(court.answer(second.rule, facts) is not False for facts in first.fires):
        return None
    slots = _slots_of(first, second)
    cells = cells_of([first.abstraction, second.abstraction], court.book.scope)
    if cells.size(slots) > BUDGET:
        return None
    for cell in cells.rows(slots):
        answers = truth_of(first.abstraction.node, cell), truth_of(second.abstraction.node, cell)
        if answers not in ((True, False), (False, True), (None, None)):
            return None
    left = next(_orders_that_fire(first, second, court), None)
    right = next(_orders_that_fire(second, first, court), None)
    return None if left is None or right is None else (left, right)
