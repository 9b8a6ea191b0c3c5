"""Changes to an order, and its equations: terms, total and residue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from features.order import Item
from features.times import to_us

Proposal = int | str | datetime | Item | None

_PRICE_OF_TOTAL = {"/amount_minor": "unit_price_minor", "/list_amount_minor": "list_price_minor"}


class Change(Struct, frozen=True):
    """One field to change: a JSON pointer into the order as sent, what is there, what would be.

    `source` is the pointer to the record's field that says so. `remove` takes a line out; `add`
    at `/items/-` appends one, whose sku may be unknown.
    """

    pointer: str
    present: Proposal
    proposed: Proposal
    source: str | None = None
    op: Literal["replace", "add", "remove"] = "replace"


class Term(Struct, frozen=True):
    """One summand: factor x value, each with the pointer of its field (empty: a constant)."""

    value: int
    pointer: str
    factor: int = 1
    factor_pointer: str = ""


class Equation(Struct, frozen=True):
    """Σ factor x value = total; minor units of money, or microseconds since 1970 UTC."""

    terms: tuple[Term, ...]
    total: int
    total_pointer: str

    @property
    def residue(self) -> int:
        """Say by how much the terms exceed the total."""
        return sum(term.factor * term.value for term in self.terms) - self.total

    def after(self, changes: Sequence[Change]) -> "Equation":
        """Put the proposed values in."""
        new = {c.pointer: number_of(c.proposed) for c in changes if c.op == "replace"}
        gone = tuple(f"{c.pointer}/" for c in changes if c.op == "remove")
        terms = [
            Term(
                new.get(term.pointer, term.value),
                term.pointer,
                new.get(term.factor_pointer, term.factor),
                term.factor_pointer,
            )
            for term in self.terms
            if not (gone and term.pointer.startswith(gone))
        ]
        terms += [term for change in changes if change.op == "add" for term in self._added(change)]
        return Equation(tuple(terms), new.get(self.total_pointer, self.total), self.total_pointer)

    def _added(self, change: Change) -> list[Term]:
        line = change.proposed
        name = _PRICE_OF_TOTAL.get(self.total_pointer)
        if not isinstance(line, Item) or name is None:
            return []
        price = line.unit_price_minor if name == "unit_price_minor" else line.list_price_minor
        pointers = (f"{change.pointer}/{name}", f"{change.pointer}/quantity")
        return [Term(price or 0, pointers[0], line.quantity, pointers[1])]

    def __str__(self) -> str:
        sides = " ".join(_shown(term, first=not n) for n, term in enumerate(self.terms))
        left = f" + {-self.residue}" if self.residue < 0 else f" − {self.residue}"
        return f"{sides}{left if self.residue else ''} = {self.total}"


def number_of(proposed: Proposal) -> int:
    """Read a proposed value as a term: an instant in microseconds; 0 for what is no number."""
    if isinstance(proposed, datetime):
        return to_us(proposed)
    return proposed if isinstance(proposed, int) else 0


def _shown(term: Term, *, first: bool) -> str:
    size = abs(term.factor)
    product = f"{size} × {term.value}" if term.factor_pointer or size != 1 else str(term.value)
    if term.factor < 0:
        return f"− {product}"
    return product if first else f"+ {product}"
