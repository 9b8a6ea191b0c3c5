"""What a diagnosis is made of: kinds of mistake, candidates, findings."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from features.mismatch.equation import Change, Equation, Term, number_of


class MismatchKind(StrEnum):
    """What kind of mistake explains a residue; candidates are ranked in this order."""

    ROUNDING = "rounding"
    """What is left of a coupon spread over lines and rounded; it belongs into the discount."""
    UNIT = "unit"
    """Major and minor units mixed up: 100 times too large or too small."""
    RECORD_BEHIND = "record_behind"
    """The order adds up, the record does not and may be old. Change nothing; read it again."""
    LABEL_SWAP = "label_swap"
    """List price and unit price of a line exchanged."""
    LIST_PRICE_AS_PAID = "list_price_as_paid"
    PAID_PRICE_AS_LIST = "paid_price_as_list"
    DISCOUNT_NOT_APPLIED = "discount_not_applied"
    """The amount is as if there were no discount."""
    CHARGE_NOT_APPLIED = "charge_not_applied"
    """The amount is as if there were no freight or no tax."""
    DISCOUNT_NOT_SPREAD = "discount_not_spread"
    """A coupon is off the amount, but in no line and not in the discount."""
    FREIGHT = "freight"
    QUANTITY = "quantity"
    PRICE = "price"
    AMOUNT = "amount"
    LIST_AMOUNT = "list_amount"
    LIST_PRICE = "list_price"
    DISCOUNT = "discount"
    TAX = "tax"
    LINE_MISSING = "line_missing"
    LINE_EXTRA = "line_extra"
    PLAN = "plan"
    CURRENCY = "currency"
    EPOCH = "epoch"
    """Seconds or milliseconds read as a finer unit."""
    ZONE = "zone"
    """A clock in another time zone."""
    CLOCK = "clock"
    """A clock that runs ahead."""
    WAITED = "waited"
    """The order is as old as it says. Nothing to change."""


RANK: Mapping[MismatchKind, int] = {kind: rank for rank, kind in enumerate(MismatchKind)}


class About(StrEnum):
    """Which relation of the order does not hold."""

    AMOUNT = "amount"
    LIST_PRICE = "list_price"
    PLAN = "plan"
    CURRENCY = "currency"
    TIME = "time"


class Candidate(Struct, frozen=True):
    """One explanation: fields that are wrong together. Several candidates exclude each other.

    `certain`: it follows from the merchant's record and leaves no residue. Without a record
    nothing is certain.
    """

    kind: MismatchKind
    changes: tuple[Change, ...]
    certain: bool
    sums: tuple[Equation, ...]

    @property
    def proof(self) -> tuple[Equation, ...]:
        """Give the equations of the order with the proposed values in, and those of the record."""
        recorded = (
            Equation((Term(number_of(c.proposed), c.source),), number_of(c.proposed), c.pointer)
            for c in self.changes
            if c.source is not None and isinstance(c.proposed, int)
        )
        return (*(equation.after(self.changes) for equation in self.sums), *recorded)

    @property
    def pointers(self) -> tuple[str, ...]:
        """Name the fields."""
        return tuple(change.pointer for change in self.changes)

    @property
    def changes_what_buyer_pays(self) -> bool:
        """Tell whether the amount that is charged, or its currency, changes."""
        return any(change.pointer in _PAID for change in self.changes)


class Finding(Struct, frozen=True):
    """One relation that does not hold, by how much, and what would explain it, likeliest first."""

    about: About
    residue: int
    """Of the first equation: minor units, or microseconds for `TIME`."""
    candidates: tuple[Candidate, ...]

    @property
    def certain(self) -> Candidate | None:
        """Give the one candidate that follows from the record, if there is one."""
        only = self.candidates[0] if len(self.candidates) == 1 else None
        return only if only is not None and only.certain else None


class Diagnosis(Struct, frozen=True):
    """Everything about an order that does not add up; empty findings mean that all does.

    Several findings hold at once. `rounding` is a residue of the amount so small that rounding
    a coupon over lines explains it: no finding, but a channel without tolerance refuses it.
    """

    residue_minor: int | None
    """Lines and charges less amount; missing without lines."""
    list_residue_minor: int | None
    findings: tuple[Finding, ...]
    rounding: Finding | None = None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Give the candidates of every finding, one finding after the other."""
        every = (*self.findings, self.rounding) if self.rounding else self.findings
        return tuple(candidate for finding in every for candidate in finding.candidates)


_PAID = frozenset({"/amount_minor", "/currency"})
