"""The shape of a rule book's file: what may stand in the YAML, before any name is resolved."""

from datetime import date
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from features.outcome import OutcomeClass
from features.units import Unit
from rules.decision import Basis, Severity, Text
from rules.lists.declared import ListUse
from rules.threshold_units import unit_of_words

Code = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]
Note = Annotated[str, Meta(min_length=1, max_length=1000)]
Grade = Literal["A", "B", "C+", "C", "D", "H"]
"""A the channel's own page; B a copy of it; C, C+ integrators; D press; H our guess."""
OrderKind = Literal["order", "payout"]
Repair = Literal[
    "amounts",
    "currency",
    "plan",
    "time",
    "subject",
    "characters",
    "shorten",
    "order_id",
    "account_type",
    "missing_fields",
    "discount_parts",
    "expiry",
    "ip",
    "notify_url",
]
REPAIRS: tuple[Repair, ...] = get_args(Repair)
"""Every repair that a rule may name; see docs/repairs.md."""
Waits = Literal["time", "day", "query"]
"""What clears a rule without a change of the order: its windows run on; the account's daily use
begins again at midnight; the result of an earlier attempt becomes known."""
Example = dict[str, bool | int | float | str | list[int | float | str] | None]


class Threshold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named number of a rule, with its unit; the condition calls it `threshold.NAME`.

    `unit` is one of `features.units.UNITS`; a book that is older may say it in words.
    """

    value: float
    unit: Note
    note: Note | None = None
    """What it counts and from where it acts, for people."""

    @property
    def counts(self) -> Unit | None:
        """The unit; None where what is stated is none."""
        return unit_of_words(self.unit)

    @property
    def told(self) -> str:
        """What it is, for people."""
        return self.note or self.unit


class FixEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person can do about it, and repairs (of REPAIRS) that Preflight can propose itself."""

    text: Text
    repairs: tuple[str, ...] = ()


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
    effective_from: date | None = None
    """From when a regulation holds, as its source says; a regulation must state it."""
    checked_on: date | None = None
    """When somebody last read that source; a regulation must state it."""
    waits: Waits | None = None
    """That waiting is an honest way out, and what for; without it a person must do something."""
    special_case_of: Code | None = None
    """The rule that fires whenever this one does, on purpose: this one says more exactly why."""


class BookFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of a book."""

    rules: tuple[RuleEntry, ...]
    lists: dict[str, ListUse] = {}
    """The lists that conditions ask; one that is not on a machine is empty there."""
