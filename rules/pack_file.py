"""The shape of a channel pack's file: dated facts, each with its source and grade."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from rules.channel_facts import SET_FACTS, SINGLE_FACTS, UnitName
from rules.decision import Text
from rules.entries import Grade, Note, OrderKind

FactValue = bool | int | float | str | list[int | float | str]
ANY_API = "any"
"""Under `required`: the fields that every API of the channel asks for."""


class DatedValue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value that held before; without an end it held until the next one began."""

    value: FactValue
    source: Note
    grade: Grade
    effective_from: date | None = None
    effective_until: date | None = None
    note: Note | None = None


class PackFact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stated fact; without a value it is known to be unknown.

    Dates are days in China (UTC+8); a value holds from its first day on.
    """

    source: Note
    grade: Grade | None = None
    value: FactValue | None = None
    unit: UnitName | None = None
    """May be repeated for the reader; it must be the vocabulary's own."""
    effective_from: date | None = None
    note: Note | None = None
    earlier: tuple[DatedValue, ...] = ()


class Wire(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the channel calls our fields in a request."""

    source: Note
    grade: Grade
    names: dict[str, str]


class Product(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product of the channel whose facts differ; an order names it as its `product`."""

    title: Text
    facts: dict[str, PackFact] = {}


class PackFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One channel's contract."""

    channel: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
    title: Text
    kinds: tuple[OrderKind, ...]
    checked_on: date
    extends: str | None = None
    """The pack whose facts hold where this one says nothing."""
    facts: dict[str, PackFact] = {}
    products: dict[str, Product] = {}
    required: dict[str, PackFact] = {}
    """By API (an order's `product` or `sales_channel`, or `any`): fields that must be there."""
    wire: Wire | None = None
    code_tables: tuple[str, ...] = ()
    """Names of the code table's channels, in the order in which they are searched."""
    code_aliases: dict[str, str] = {}
    """Other spellings that the channel itself uses: what is met, and what the table calls it."""
    class_names_are_codes: bool = False
    """Whether a raw code may be the name of an outcome class."""


__all__ = [
    "ANY_API",
    "SET_FACTS",
    "SINGLE_FACTS",
    "DatedValue",
    "FactValue",
    "PackFact",
    "PackFile",
    "Product",
    "Wire",
]
