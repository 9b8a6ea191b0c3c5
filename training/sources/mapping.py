"""What a mapping says, frozen: where each canonical leaf comes from and how it is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from features.leaves import Leaf
from training.sources.mapping_tree import Place


class ColumnType(StrEnum):
    """The types a column of text may be read as."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    BOOLEAN = "boolean"


class Reduction(StrEnum):
    """How a secret is reduced before anything is written."""

    ACCOUNT = "account"
    PHONE = "phone"
    EMAIL = "email"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How a table is read; `columns` names them where the file has no header."""

    format: str | None = None
    delimiter: str | None = None
    quote: str | None = '"'
    encoding: str = "utf-8"
    null_values: tuple[str, ...] = ("",)
    columns: tuple[str, ...] | None = None
    skip_lines: int = 0
    types: Mapping[str, ColumnType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from: exactly one of these."""

    column: str | None = None
    constant: str | None = None
    expression: str | None = None
    items_total: bool = False
    row_number: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """How an amount is written; `decimals` None means as ISO 4217 has the order's currency."""

    is_major: bool = False
    decimals: int | None = None
    rounding: str = "reject"


@dataclass(frozen=True, slots=True)
class Clock:
    """How an instant is written; `unit` makes it a number since `since_us`."""

    zone: str | None = None
    ambiguous: str = "reject"
    format: str | None = None
    unit: str | None = None
    since_us: int = 0


@dataclass(frozen=True, slots=True)
class Marks:
    """How a number is written: its decimal mark and what groups its digits."""

    decimal: str = "."
    thousands: str = ""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One canonical leaf and how it is read; `leaf` None means an attribute typed by its column.

    `values` translates raw text; None as its result means missing.
    """

    path: str
    place: Place
    origin: Origin
    leaf: Leaf | None
    money: Money | None = None
    clock: Clock = Clock()
    marks: Marks = Marks()
    values: Mapping[str, str | None] | None = None
    otherwise: str = "reject"
    default: str | None = None
    reduction: Reduction | None = None


@dataclass(frozen=True, slots=True)
class OutcomeClassRule:
    """What one raw value means."""

    outcome_class: str
    final: bool
    subclass: str | None = None
    next_action: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """One outcome per order where `value` is known.

    It is received at `received_at`, or `delay_us` after the instant that `after` names.
    """

    place: Place
    value: FieldRule
    classes: Mapping[str, OutcomeClassRule]
    unmapped: str
    received_at: FieldRule | None
    after: str
    delay_us: int
    details: tuple[FieldRule, ...]

    def fields(self) -> Iterator[FieldRule]:
        """Every field of the section."""
        yield self.value
        if self.received_at is not None:
            yield self.received_at
        yield from self.details


@dataclass(frozen=True, slots=True)
class ItemsRule:
    """Line items from a second table, joined by a key."""

    place: Place
    table: str
    options: TableOptions
    line_key: str
    order_key: str
    fields: tuple[FieldRule, ...]


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """A whole mapping, read and checked as far as possible without its table."""

    name: str
    version: int
    file: str
    simulated: bool
    sha256: str
    options: TableOptions
    order: tuple[FieldRule, ...]
    attributes: tuple[FieldRule, ...]
    patterns: tuple[tuple[str, Place], ...]
    skip: tuple[str, Place] | None
    ordering: FieldRule | None
    known_after: tuple[tuple[str, Place], ...]
    outcomes: tuple[OutcomeRule, ...]
    items: ItemsRule | None
