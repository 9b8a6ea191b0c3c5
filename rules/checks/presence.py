"""Checks of presence: how many fields that a channel asks for an order lacks."""

from collections.abc import Mapping
from dataclasses import dataclass

from features.kinds import Kind, Value
from rules.checks.check import Check, Prepared
from rules.pack import Pack
from rules.pack_file import ANY_API, FactValue

API_INPUTS = ("product", "sales_channel")
"""What tells which of the channel's APIs an order goes through."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The fields that are wanted, each with the APIs that want it (`any` for all)."""

    inputs: tuple[str, ...]
    apis: tuple[frozenset[str], ...]


def required_of(pack: Pack) -> Wanted | None:
    """List the fields that a pack requires; None where it states none."""
    asked: dict[str, set[str]] = {}
    for api, fact in pack.file.required.items():
        for name in _names(fact.value):
            asked.setdefault(name, set()).add(api)
    return _wanted(asked) if asked else None


def risk_fields_of(pack: Pack) -> Wanted | None:
    """List the fields that feed a channel's risk control; None where the pack states none."""
    names = _names(pack.value("risk_fields"))
    return _wanted({name: {ANY_API} for name in names}) if names else None


LINES = "items.lines"


def is_lacking(name: str, value: Value | None) -> bool:
    """Tell whether a field is not there: absent, empty, or no line at all; 0 is a value."""
    return value is None or value == "" or (name == LINES and value == 0)


def _wanted(asked: Mapping[str, set[str]]) -> Wanted:
    inputs = tuple(LINES if name == "items" else name for name in asked)
    return Wanted(inputs, tuple(frozenset(apis) for apis in asked.values()))


def _names(value: FactValue | None) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _counting(wanted: Wanted | None) -> Prepared | None:
    if wanted is None:
        return None

    def answer(product: str | None, sales_channel: str | None, *values: Value | None) -> int:
        lacking = [
            apis
            for name, value, apis in zip(wanted.inputs, values, wanted.apis, strict=True)
            if is_lacking(name, value)
        ]
        if not lacking:
            return 0
        named = {ANY_API, (product or "").lower(), (sales_channel or "").lower()}
        return sum(not apis.isdisjoint(named) for apis in lacking)

    return Prepared((*API_INPUTS, *wanted.inputs), answer)


PRESENCE_CHECKS = (
    Check(
        "check.required_missing",
        "fields that the channel requires and the order lacks",
        Kind.NUMBER,
        lambda p: _counting(required_of(p)),
        "COUNT",
    ),
    Check(
        "check.risk_fields_missing",
        "fields for the channel's risk control that the order lacks",
        Kind.NUMBER,
        lambda p: _counting(risk_fields_of(p)),
        "COUNT",
    ),
)
