"""What a channel pack's file may not hold: each fault with its line and the way out."""

import re
from collections.abc import Iterator, Mapping

from features.errors import suggest
from features.facts import FACT_KINDS
from features.kinds import Kind
from rules.channel_facts import CHANNEL_FACTS, HOURS_FACTS, PATTERN_FACTS, FactSpec
from rules.codes import CodeTable
from rules.maintenance import read_hours
from rules.pack_dates import overlap
from rules.pack_file import FactValue, PackFact, PackFile
from rules.yaml_file import Lines

_PYTHON_TYPES = {Kind.NUMBER: (int, float), Kind.TEXT: (str,), Kind.BOOLEAN: (bool,)}
_COUNTED = frozenset({"MINOR", "SECONDS", "COUNT"})
_ORDERED = (
    ("min_amount_minor", "max_amount_minor"),
    ("min_expiry_seconds", "max_expiry_seconds"),
    ("default_expiry_seconds", "max_expiry_seconds"),
)
"""Pairs of facts of which the first is never above the second."""
BLOCKS = frozenset({"items"})
"""What `required` and `risk_fields` may name beside the scalar fields of an order."""


def check_pack(file: PackFile, lines: Lines, codes: CodeTable) -> None:
    """Raise RuleError for the first fault of a pack."""
    _check_facts(file.facts, "facts", lines)
    for name, product in file.products.items():
        _check_facts(product.facts, f"products.{name}.facts", lines)
    for api, fact in file.required.items():
        _check_fields(fact, f"required.{api}", lines)
    risk = file.facts.get("risk_fields")
    if risk is not None:
        _check_fields(risk, "facts.risk_fields", lines)
    _check_order(file.facts, lines)
    for name in file.wire.names if file.wire is not None else ():
        if not _is_field(name):
            hint = suggest(name, FACT_KINDS)
            raise lines.error(f"wire.names.{name}", f"no field of an order is {name!r}.{hint}")
    for number, table in enumerate(file.code_tables):
        if not codes.has(table):
            hint = suggest(table, codes.tables)
            raise lines.error(f"code_tables[{number}]", f"no code table is named {table!r}.{hint}")


def _check_facts(facts: Mapping[str, PackFact], at: str, lines: Lines) -> None:
    for name, fact in facts.items():
        spec = CHANNEL_FACTS.get(name)
        if spec is None:
            hint = suggest(name, CHANNEL_FACTS)
            raise lines.error(f"{at}.{name}", f"no fact is named {name!r}.{hint}")
        for path, problem in _fact_faults(spec, fact):
            raise lines.error(f"{at}.{name}{path}", problem)


def _fact_faults(spec: FactSpec, fact: PackFact) -> Iterator[tuple[str, str]]:
    name = spec.name
    if fact.unit is not None and fact.unit != spec.unit:
        yield ".unit", f"{name} is in {spec.unit}, not in {fact.unit}; convert the value"
    values = [(".value", fact.value)] + [
        (f".earlier[{number}].value", one.value) for number, one in enumerate(fact.earlier)
    ]
    for path, value in values:
        if value is not None:
            yield from ((path, problem) for problem in _value_faults(spec, value))
    if fact.value is not None and fact.grade is None:
        yield "", f"{name} has a value, so it needs a grade"
    clash = overlap(fact)
    if clash is not None:
        yield ".earlier", f"the dates of {name} overlap: {clash}; end one before the next begins"


def _value_faults(spec: FactSpec, value: FactValue) -> Iterator[str]:
    if not _fits(spec, value):
        wanted = f"a set of {spec.kind}s" if spec.many else f"a {spec.kind}"
        yield f"{spec.name} is {wanted}, not {value!r}"
        return
    for one in value if isinstance(value, list) else [value]:
        if spec.unit in _COUNTED and (not isinstance(one, int) or one < 0):
            yield f"{spec.name} is {one!r}, but it counts {spec.unit}: a whole number from 0 on"
    if spec.name in HOURS_FACTS and isinstance(value, str) and read_hours(value) is None:
        yield f"{spec.name} is {value!r}; write two different times, such as 23:30-00:30"
    if spec.name in PATTERN_FACTS and isinstance(value, str):
        try:
            re.compile(value)
        except re.error as error:
            yield f"{spec.name} is {value!r}, which is no expression: {error}"


def _check_fields(fact: PackFact, at: str, lines: Lines) -> None:
    named = fact.value if isinstance(fact.value, list) else []
    if fact.value is not None and (not named or fact.grade is None):
        raise lines.error(at, "needs a list of an order's fields, with a grade")
    for field in named:
        if not isinstance(field, str) or not _is_field(field):
            hint = suggest(str(field), [*FACT_KINDS, *BLOCKS])
            raise lines.error(f"{at}.value", f"no field of an order is {field!r}.{hint}")


def _check_order(facts: Mapping[str, PackFact], lines: Lines) -> None:
    for low, high in _ORDERED:
        least, most = (facts[name].value if name in facts else None for name in (low, high))
        if isinstance(least, int) and isinstance(most, int) and least > most:
            raise lines.error(f"facts.{low}", f"{low} is {least}, above {high}, which is {most}")


def _is_field(name: str) -> bool:
    return name in FACT_KINDS or name in BLOCKS


def _fits(spec: FactSpec, value: object) -> bool:
    wanted = _PYTHON_TYPES[spec.kind]
    if spec.many:
        return isinstance(value, list) and bool(value) and all(_is_a(v, wanted) for v in value)
    return _is_a(value, wanted)


def _is_a(value: object, wanted: tuple[type, ...]) -> bool:
    return isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))
