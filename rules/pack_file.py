"""The shape of a channel pack's file: dated facts, each with its source and grade."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from features.kinds import Kind
from rules.decision import Text
from rules.entries import Grade, Note, OrderKind

SINGLE_FACTS: Mapping[str, Kind] = {
    "amount_format": Kind.TEXT,
    "amount_unit": Kind.TEXT,
    "min_amount_minor": Kind.NUMBER,
    "max_amount_minor": Kind.NUMBER,
    "order_id_pattern": Kind.TEXT,
    "subject_max_characters": Kind.NUMBER,
    "description_max_characters": Kind.NUMBER,
    "time_format": Kind.TEXT,
    "default_expiry_seconds": Kind.NUMBER,
    "payout_branch_required_for_corporate": Kind.BOOLEAN,
    "payee_kind_personal_value": Kind.TEXT,
    "payee_kind_corporate_value": Kind.TEXT,
    "batch_max_rows": Kind.NUMBER,
}
"""What a pack may state as one value; a condition calls it `channel.NAME`."""

SET_FACTS: Mapping[str, Kind] = {
    "currencies": Kind.TEXT,
    "instalments": Kind.NUMBER,
    "payout_speeds": Kind.TEXT,
}
"""What a pack may state as a set; a condition writes `… in channel.NAME`."""


class PackFact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stated fact; without a value it is known to be unknown."""

    source: Note
    grade: Grade | None = None
    value: bool | int | float | str | list[int | float | str] | None = None
    effective_from: date | None = None
    note: Note | None = None


class PackFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One channel's contract."""

    channel: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
    title: Text
    kinds: tuple[OrderKind, ...]
    checked_on: date
    facts: dict[str, PackFact] = {}
    code_tables: tuple[str, ...] = ()
    """Names of the code table's channels, in the order in which they are searched."""
    code_aliases: dict[str, str] = {}
    """Other spellings that the channel itself uses: what is met, and what the table calls it."""
    class_names_are_codes: bool = False
    """Whether a raw code may be the name of an outcome class."""
