"""Which question conditions share: asked once, its answer settles all that need it.

Where one comparison follows from another (`n > 9` from `n > 1`), the weaker one is asked first, and
the stronger only where that holds. What is true or false stays so, and what is missing too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from features.expression.syntax import Compare, Logic, Node, Number

_DEEPEST = 40
"""Levels of guards; Python reads 100 levels of indentation."""


@dataclass(frozen=True, slots=True)
class Case:
    """Parts that must all hold for `code`; without any it holds."""

    code: str
    parts: tuple[Node, ...]

    def without(self, part: Node) -> "Case":
        """Leave out a part that is known to hold."""
        return Case(self.code, tuple(one for one in self.parts if one != part))


@dataclass(frozen=True, slots=True)
class Guard:
    """A question, and what is left to ask where it holds."""

    asked: Node
    inside: tuple["Step", ...]
    cases: tuple[Case, ...]
    """All that it settles, with what is left of them; one that is stronger still has its part."""
    is_known: bool
    """Whether it is asked only where it cannot be missing."""


Step = Guard | Case


@dataclass(frozen=True, slots=True)
class _Family:
    """Comparisons that follow from each other: one value, one direction; or just one question."""

    of: Node
    direction: str = ""


def case_of(code: str, node: Node) -> Case:
    """Take a condition apart into what must all hold."""
    return Case(code, tuple(dict.fromkeys(_conjuncts(node))))


def alternatives_of(case: Case) -> tuple[Case, ...]:
    """Give cases of which one must hold, where one part of it is an `or`."""
    for part in case.parts:
        if isinstance(part, Logic) and part.operator == "or":
            rest = case.without(part).parts
            ways = (dict.fromkeys((*rest, *_conjuncts(one))) for one in part.operands)
            return tuple(Case(case.code, tuple(way)) for way in ways)
    return (case,)


def plan(cases: Sequence[Case], depth: int = 0) -> tuple[Step, ...]:
    """Find the questions that most cases share, and put what is left of these behind them."""
    left, steps = set(range(len(cases))), list[Step]()
    sharing = _sharing(cases) if depth < _DEEPEST else {}
    while sharing:
        family = max(sharing, key=lambda one: len(sharing[one]))
        members = sharing.pop(family)
        if len(members) < 2:
            break
        steps += _chain([cases[at] for at in sorted(members)], family, depth)
        left -= members
        for others in sharing.values():
            others -= members
    return (*steps, *(cases[at] for at in sorted(left)))


def _sharing(cases: Sequence[Case]) -> dict[_Family, set[int]]:
    """Tell for each family which cases have a part of it."""
    sharing: dict[_Family, set[int]] = {}
    for at, case in enumerate(cases):
        for part in case.parts:
            sharing.setdefault(_family_of(part), set()).add(at)
    return sharing


def _chain(
    members: Sequence[Case], family: _Family, depth: int, is_known: bool = False
) -> tuple[Step, ...]:
    """Ask the weakest question of a family, and behind it what is left of all who need it."""
    strongest = {case: _strongest(case, family) for case in members}
    weakest = min(strongest.values(), key=_strength)
    here = [case.without(part) for case, part in strongest.items() if part == weakest]
    above = [case for case, part in strongest.items() if part != weakest]
    if len(above) < 2 or depth >= _DEEPEST:
        inside = plan([*here, *above], depth + 1)
    else:
        inside = plan(here, depth + 1) + _chain(above, family, depth + 1, is_known=True)
    return (Guard(weakest, inside, (*here, *above), is_known),)


def _conjuncts(node: Node) -> Iterable[Node]:
    if isinstance(node, Logic) and node.operator == "and":
        for operand in node.operands:
            yield from _conjuncts(operand)
    else:
        yield node


def _family_of(part: Node) -> _Family:
    if isinstance(part, Compare) and isinstance(part.right, Number) and part.operator[0] in "<>":
        return _Family(part.left, part.operator[0])
    return _Family(part)


def _strongest(case: Case, family: _Family) -> Node:
    return max((part for part in case.parts if _family_of(part) == family), key=_strength)


def _strength(part: Node) -> tuple[float, bool]:
    """Order the comparisons of one family: each follows from every one that is greater."""
    if not isinstance(part, Compare) or not isinstance(part.right, Number):
        return (0.0, False)
    bound = part.right.value
    return (bound if part.operator[0] == ">" else -bound, len(part.operator) == 1)
