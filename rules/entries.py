"""The shape of a rule book's file: what may stand in the YAML, before any name is resolved."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from features.outcome import OutcomeClass
from rules.decision import Basis, Severity, Text

Code = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]
Note = Annotated[str, Meta(min_length=1, max_length=1000)]
Grade = Literal["A", "B", "C+", "C", "D", "H"]
"""A the channel's own page; B a copy of it; C, C+ integrators; D press; H our guess."""
OrderKind = Literal["order", "payout"]
Repair = Literal["amount_to_record", "amount_to_basket"]
Example = dict[str, bool | int | float | str | list[int | float | str] | None]


class Threshold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named number of a rule, with its unit; the condition calls it `threshold.NAME`."""

    value: float
    unit: Note


class FixEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person can do about it, and repairs that Preflight can propose itself."""

    text: Text
    repairs: tuple[Repair, ...] = ()


class Examples(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rule's proof: facts that fire it, and facts at the edge that just do not."""

    fires: Annotated[tuple[Example, ...], Meta(min_length=1)]
    passes: Annotated[tuple[Example, ...], Meta(min_length=1)]


class RuleEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule."""

    code: Code
    title: Text
    when: Annotated[str, Meta(min_length=1)]
    outcome_class: OutcomeClass
    severity: Severity
    basis: Basis
    source: Note
    grade: Grade
    reason: Text
    examples: Examples
    buyer: Text | None = None
    fix: FixEntry | None = None
    thresholds: dict[str, Threshold] = {}
    channels: tuple[str, ...] = ()
    kinds: tuple[OrderKind, ...] = ("order", "payout")


class BookFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of a book."""

    rules: tuple[RuleEntry, ...]
