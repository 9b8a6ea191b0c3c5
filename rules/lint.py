"""Lint: rules that say the same, rules that others swallow, rules at odds, rules that never fire.

Every claim holds for all orders, by going through all cells of the conditions, and comes with a
witness that the tree-walker confirms. What cannot be settled so is listed as not decided.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from features.progress import Progress, silent
from rules.book import Book
from rules.decision import Severity
from rules.lint_pairs import Linted, Relation, alive, linted, relation_of, shares_names
from rules.lint_witness import Court, Witness, concrete
from rules.packs import Packs


class Fault(StrEnum):
    """What is wrong with a rule, or with two."""

    DUPLICATE = "duplicate"
    """Both fire on the same orders and ask for the same."""
    SUBSUMED = "subsumed"
    """Whenever the first fires, so does the second, which is as strict or stricter."""
    CONTRADICTORY = "contradictory"
    """Both fire on the same orders and ask for different things; or one fires where the other
    does not, so that no order with these facts gets through."""
    DEAD = "dead"
    """It fires on no order."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One finding."""

    fault: Fault
    codes: tuple[str, ...]
    told: str
    witnesses: tuple[Witness, ...]


@dataclass(frozen=True, slots=True)
class LintReport:
    """All findings about a book."""

    claims: tuple[Claim, ...]
    undecided: tuple[tuple[str, ...], ...]
    """Codes that were too much for the bounded search, or whose order was not found."""
    pairs: int


_RANK = {severity: rank for rank, severity in enumerate(Severity)}
_ASKS = (Severity.BLOCK, Severity.CONFIRM)


def lint_book(book: Book, packs: Packs, progress: Progress = silent) -> LintReport:
    """Look at every rule and every pair of rules; the examples need not hold."""
    court = Court(book, packs)
    rules = [linted(rule, court) for rule in book]
    found: list[Claim] = []
    undecided: list[tuple[str, ...]] = []
    living: list[Linted] = []
    for one in rules:
        is_alive = alive(one, court)
        if is_alive is None:
            undecided.append((one.code,))
        if is_alive is False:
            found += _dead(one, court, undecided)
        else:
            living.append(one)
    pairs = list(combinations(living, 2))
    for number, (first, second) in enumerate(pairs):
        progress(number, len(pairs), first.code)
        if shares_names(first, second) and not is_declared(first, second):
            found += _of_pair(first, second, court, undecided)
    return LintReport(tuple(found), tuple(undecided), len(pairs))


def is_declared(first: Linted, second: Linted) -> bool:
    """Tell whether one rule says itself that it is a special case of the other."""
    return first.entry.special_case_of == second.code or second.entry.special_case_of == first.code


def _dead(one: Linted, court: Court, undecided: list[tuple[str, ...]]) -> Iterator[Claim]:
    witness = nearest(one, court)
    if witness is None:
        undecided.append((one.code,))
        return
    yield Claim(Fault.DEAD, (one.code,), f"{one.code} fires on no order", (witness,))


def nearest(one: Linted, court: Court) -> Witness | None:
    """Find an order that meets as much of a dead rule as one can: an example, or a cell."""
    for facts in one.tried:
        if court.answer(one.rule, facts) is not True:
            return court.witness("its own example does not fire it", facts, (one.rule,))
    for cell in one.cells(court).rows(one.abstraction.slots, budget=1):
        facts = court.placed(one.rule, concrete(cell, one.abstraction.slots, court.book))
        return court.witness("an order that does not fire it", facts, (one.rule,))
    return None


def _of_pair(
    first: Linted, second: Linted, court: Court, undecided: list[tuple[str, ...]]
) -> Iterator[Claim]:
    relation = relation_of(first, second, court)
    claim = _claim(first, second, relation, court)
    if claim is not None:
        yield claim
    elif relation.undecided:
        undecided.append((first.code, second.code))


def _claim(first: Linted, second: Linted, relation: Relation, court: Court) -> Claim | None:
    codes, rules = (first.code, second.code), (first.rule, second.rule)
    if relation.opposite is not None:
        if not (first.entry.severity in _ASKS and second.entry.severity in _ASKS):
            return None
        left, right = relation.opposite
        return Claim(
            Fault.CONTRADICTORY,
            codes,
            f"where {first.code} does not fire {second.code} does: no such order gets through",
            (
                court.witness(f"{first.code} fires", left, rules),
                court.witness(f"{second.code} fires", right, rules),
            ),
        )
    if relation.both is None:
        return None
    both = court.witness("both fire", relation.both, rules)
    if relation.forward and relation.backward:
        return _of_equals(first, second, both)
    narrow, wide = (first, second) if relation.forward else (second, first)
    if _RANK[wide.entry.severity] > _RANK[narrow.entry.severity]:
        return None  # the narrower rule is the stricter: an escalation, and no fault
    told = f"whenever {narrow.code} fires, {wide.code} does and asks for no less"
    only = relation.only
    more = () if only is None else (court.witness(f"only {wide.code} fires", only, rules),)
    return Claim(Fault.SUBSUMED, (narrow.code, wide.code), told, (both, *more))


def _of_equals(first: Linted, second: Linted, both: Witness) -> Claim:
    codes = (first.code, second.code)
    alike = (
        first.entry.severity is second.entry.severity
        and first.entry.outcome_class is second.entry.outcome_class
    )
    if alike:
        told = "both fire on the same orders and ask for the same"
        return Claim(Fault.DUPLICATE, codes, told, (both,))
    told = (
        f"both fire on the same orders, but one says {first.entry.severity} for "
        f"{first.entry.outcome_class}, the other {second.entry.severity} for "
        f"{second.entry.outcome_class}"
    )
    return Claim(Fault.CONTRADICTORY, codes, told, (both,))
