"""The cells of two conditions: every way in which the numbers named in them can be ordered.

Between two neighbouring bounds a condition cannot change, so one value stands for them all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product
from math import ceil, floor, isfinite

from features.expression import walk
from features.expression.syntax import Compare, In, Members, Name, Node, Number, Text
from features.feature import DerivedFeature, WindowFeature
from features.kinds import Kind, Value
from features.leaves import LeafKind, order_leaves
from features.units import BITS, COUNT, METRES, SECONDS, SHARE
from rules.lint_terms import Abstraction, Slot
from rules.scope import RuleScope
from rules.tree import paths

BUDGET = 50_000
"""Cells that are looked at for one question; beyond it the question is not decided."""

Cell = Mapping[str, Value | None]
_OTHER_TEXT = "another"


@dataclass(frozen=True, slots=True)
class Domain:
    """What values a name can have at all."""

    low: float = float("-inf")
    high: float = float("inf")
    whole: bool = False

    def holds(self, value: float) -> bool:
        """Tell whether a value can occur."""
        return self.low <= value <= self.high and not (self.whole and value != int(value))


def domain_of(name: str, scope: RuleScope) -> Domain:
    """Tell what is known of a name's values: counts are whole and not negative, shares 0 to 1.

    Of what an expression derives, nothing is known.
    """
    feature = next((one for one in scope.catalog.features if one.name == name), None)
    if isinstance(feature, DerivedFeature):
        return Domain()
    unit, leaf = scope.unit_of(name), order_leaves().get(name)
    if unit == COUNT or (leaf is not None and leaf.kind is LeafKind.WHOLE):
        return Domain(low=0.0, whole=True)
    if not isinstance(feature, WindowFeature):
        return Domain()
    if unit == SHARE:
        return Domain(0.0, 1.0)
    return Domain(low=0.0) if unit in (SECONDS, METRES, BITS) else Domain()


@dataclass(frozen=True, slots=True)
class Cells:
    """The values that stand for the cells of each slot; None stands for missing."""

    values: Mapping[str, Sequence[Value | None]]

    def rows(self, names: Iterable[str], budget: int = BUDGET) -> Iterator[Cell]:
        """Give every combination for some slots, up to a budget."""
        wanted = list(names)
        combined = product(*(self.values[name] for name in wanted))
        for values in islice(combined, budget):
            yield dict(zip(wanted, values, strict=True))

    def size(self, names: Iterable[str]) -> int:
        """Count the combinations."""
        size = 1
        for name in names:
            size *= len(self.values[name])
        return size


def cells_of(conditions: Sequence[Abstraction], scope: RuleScope) -> Cells:
    """Cut the values of every slot at all bounds that some condition compares it with."""
    slots = {name: slot for one in conditions for name, slot in one.slots.items()}
    bounds: dict[str, list[float | str]] = {name: [] for name in slots}
    for condition in conditions:
        for _, node in paths(condition.node):
            _note_bounds(node, bounds)
    return Cells({n: _values(slot, bounds[n], scope) for n, slot in slots.items()})


def _note_bounds(node: Node, bounds: dict[str, list[float | str]]) -> None:
    match node:
        case Compare(_, Name(name), Number(value)):
            bounds[name].append(value)
        case Compare(_, Name(name), Text(text)):
            bounds[name].append(text)
        case In(Name(name), Members(_, values)):
            bounds[name].extend(values)
        case _:
            return


def _values(slot: Slot, bounds: list[float | str], scope: RuleScope) -> Sequence[Value | None]:
    match slot.kind:
        case Kind.BOOLEAN:
            return (True, False, None)
        case Kind.TEXT:
            texts = sorted({one for one in bounds if isinstance(one, str)})
            return (*texts, _OTHER_TEXT, None)
        case _:
            numbers = sorted({float(one) for one in bounds if not isinstance(one, str)})
            return (*_numbers(numbers, _domain(slot, scope)), None)


def _domain(slot: Slot, scope: RuleScope) -> Domain:
    return domain_of(slot.name, scope) if slot.is_plain else Domain()


def _numbers(bounds: list[float], domain: Domain) -> list[float]:
    """Give a value for every cell that the domain allows: the bounds, then between and around."""
    ends = [one for one in (domain.low, domain.high) if isfinite(one)]
    cuts = sorted({*bounds, *ends}) or [1.0]
    between = ((low + high) / 2 for low, high in pairwise(cuts))
    found = [*cuts, *between, cuts[0] - 1, cuts[-1] + 1]
    if domain.whole:
        found = [near for one in found for near in (floor(one), floor(one) + 1.0, ceil(one) - 1.0)]
    held = sorted({float(one) for one in found if domain.holds(one)})
    return sorted(held, key=lambda one: one not in bounds)


def truth_of(condition: Node, cell: Cell) -> bool | None:
    """Ask the tree-walker about a cell."""
    answer = walk(condition, cell)
    return answer if isinstance(answer, bool) else None
