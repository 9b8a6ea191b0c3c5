"""A mapping set against its table: names resolved and leaks refused before a row is read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from features.errors import ExpressionError, MappingError, suggest
from training.sources.column_types import infer_types
from training.sources.mapping import ColumnType, FieldRule, Origin, SourceMapping
from training.sources.mapping_file import is_attribute_name
from training.sources.mapping_tree import Place
from training.sources.sandbox import Sandbox
from training.sources.tables import Table

MOST_ATTRIBUTES = 200


@dataclass(frozen=True, slots=True)
class Use:
    """One place that reads a column; `in_expression` names match in any case, as in SQL."""

    column: str
    place: Place
    in_expression: bool = False


@dataclass(frozen=True, slots=True)
class TablePlan:
    """Which columns are read, which of them feed expressions, and the types of text columns."""

    columns: tuple[str, ...]
    in_expressions: tuple[str, ...]
    types: Mapping[str, ColumnType]
    declared: frozenset[str]


def uses_of(rules: Iterable[FieldRule], sandbox: Sandbox) -> Iterator[Use]:
    """Every column that the rules read. Raises MappingError for a refused expression."""
    for rule in rules:
        if rule.origin.column is not None:
            yield Use(rule.origin.column, rule.place)
        elif rule.origin.expression is not None:
            yield from uses_in(rule.origin.expression, rule.place, sandbox)


def uses_in(expression: str, place: Place, sandbox: Sandbox) -> Iterator[Use]:
    """Every column that an expression reads. Raises MappingError if it is refused."""
    try:
        names = sandbox.check_scalar(expression)
    except ExpressionError as error:
        raise place.refuse(str(error)) from error
    return (Use(name, place, in_expression=True) for name in sorted(names))


def plan_table(
    table: Table,
    rules: Sequence[FieldRule],
    uses: Sequence[Use],
    declared: Mapping[str, ColumnType],
) -> TablePlan:
    """Resolve the uses to columns of the table, and find the types of text that matter.

    Raises MappingError listing every column that is not there, with the nearest names.
    """
    _refuse_missing(table, uses)
    by_folded = {name.casefold(): name for name in table.types}
    columns = {use.column for use in uses if not use.in_expression}
    expressed = {by_folded[use.column.casefold()] for use in uses if use.in_expression}
    untyped = expressed | {
        str(rule.origin.column) for rule in rules if rule.leaf is None and rule.origin.column
    }
    inferred = infer_types(table, sorted(untyped - set(declared))) if table.is_text else {}
    return TablePlan(
        tuple(name for name in table.types if name in columns | expressed),
        tuple(name for name in table.types if name in expressed),
        {**inferred, **declared},
        frozenset(declared),
    )


def with_patterns(mapping: SourceMapping, table: Table, taken: Iterable[str]) -> SourceMapping:
    """Turn patterns such as `V*` into attributes: every matching column that is not `taken`."""
    free = [name for name in table.types if name not in set(taken)]
    found = [
        FieldRule(f"attributes.{name}", place, Origin(column=name), None)
        for pattern, place in mapping.patterns
        for name in free
        if fnmatchcase(name, pattern)
    ]
    attributes = {rule.path: rule for rule in (*found, *mapping.attributes)}
    for rule in attributes.values():
        if not is_attribute_name(rule.path.removeprefix("attributes.")):
            raise rule.place.refuse(
                f"column {rule.origin.column!r} matches, but an attribute is named by letters, "
                "digits and _; map it by name: my_name: column"
            )
    if len(attributes) > MOST_ATTRIBUTES:
        raise MappingError(
            f"{mapping.file}: {len(attributes)} attributes; an order holds {MOST_ATTRIBUTES}"
        )
    return replace(mapping, attributes=tuple(attributes.values()))


def refuse_leaks(mapping: SourceMapping, known_before: Sequence[Use]) -> None:
    """Refuse a column that is known only after submission anywhere but in the outcome.

    Raises MappingError listing every such use.
    """
    late = {name.casefold() for name in late_columns(mapping)}
    leaks = [use for use in known_before if use.column.casefold() in late]
    if leaks:
        listed = "; ".join(
            f"{use.column} at {use.place.path} (line {use.place.line})" for use in leaks
        )
        raise MappingError(
            f"{mapping.file}: known only after submission, so not before: {listed}. "
            "Such a column may feed only the outcome section"
        )


def late_columns(mapping: SourceMapping) -> tuple[str, ...]:
    """Name the columns declared as known after submission, and those that say the outcome."""
    declared = [name for name, _ in mapping.known_after]
    said = [
        rule.origin.column
        for outcome in mapping.outcomes
        for rule in (outcome.value, *outcome.details)
        if rule.origin.column is not None
    ]
    return tuple(dict.fromkeys([*declared, *said]))


def refuse_open_secrets(mapping: SourceMapping, uses: Sequence[Use]) -> None:
    """Refuse a second use of a column that is reduced: it would be written whole.

    Raises MappingError at the second use.
    """
    reduced = {rule.place.path for rule in mapping.order if rule.reduction is not None}
    secret = {use.column.casefold() for use in uses if use.place.path in reduced}
    for use in uses:
        if use.column.casefold() in secret and use.place.path not in reduced:
            raise use.place.refuse(
                f"column {use.column!r} holds whole secret numbers, which are never written; "
                "use only its reduced form"
            )


def _refuse_missing(table: Table, uses: Sequence[Use]) -> None:
    exact = set(table.types)
    folded = {name.casefold() for name in exact}
    missing = [
        use
        for use in uses
        if use.column not in exact and not (use.in_expression and use.column.casefold() in folded)
    ]
    if missing:
        listed = "; ".join(dict.fromkeys(_missing(use, table) for use in missing))
        shown = ", ".join(list(table.types)[:40])
        raise MappingError(
            f"{missing[0].place.file}: table {table.path} has no column {listed}. It has: {shown}"
        )


def _missing(use: Use, table: Table) -> str:
    near = suggest(use.column, table.types)
    return f"{use.column!r} ({use.place.path}, line {use.place.line}).{near}"
