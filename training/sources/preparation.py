"""Makes a mapping ready for its table: what can be refused before a row is read is refused."""

from collections.abc import Iterator

from features.masking import Masker
from training.sources.batches import BatchReader
from training.sources.fields import FieldReader
from training.sources.line_items import LineItems, read_line_items
from training.sources.mapping import SourceMapping
from training.sources.mapping_tree import Place
from training.sources.plan import (
    Use,
    plan_table,
    refuse_leaks,
    refuse_open_secrets,
    uses_in,
    uses_of,
    with_patterns,
)
from training.sources.sandbox import Sandbox
from training.sources.tables import Table


def prepare(mapping: SourceMapping, table: Table, sandbox: Sandbox, masker: Masker) -> BatchReader:
    """Set the mapping against the table; everything that can be refused is refused here.

    Raises MappingError for missing columns, leaks, refused expressions and a second table that
    cannot be read.
    """
    late = [Use(name, place) for name, place in mapping.known_after]
    said = list(uses_of((rule for one in mapping.outcomes for rule in one.fields()), sandbox))
    before = list(_used_before(mapping, sandbox))
    direct = {use.column for use in before if not use.in_expression}
    taken = direct | {use.column for use in (*late, *said)}
    mapping = with_patterns(mapping, table, taken)
    attributes = list(uses_of(mapping.attributes, sandbox))
    refuse_leaks(mapping, [*before, *attributes])
    own = [Use(name, _top(mapping)) for name in mapping.options.types]
    skip = list(uses_in(*mapping.skip, sandbox)) if mapping.skip else []
    uses = [*late, *said, *before, *attributes, *own, *skip]
    refuse_open_secrets(mapping, uses)
    rules = (*mapping.order, *mapping.attributes)
    plan = plan_table(table, rules, uses, mapping.options.types)
    items = _items(mapping, table, sandbox)
    return BatchReader(mapping, FieldReader(plan, sandbox), masker, items)


def _used_before(mapping: SourceMapping, sandbox: Sandbox) -> Iterator[Use]:
    """Every column that is read as known before submission, attributes aside."""
    yield from uses_of(mapping.order, sandbox)
    if mapping.ordering is not None:
        yield from uses_of([mapping.ordering], sandbox)
    if mapping.items is not None:
        yield Use(mapping.items.order_key, mapping.items.place)


def _items(mapping: SourceMapping, table: Table, sandbox: Sandbox) -> LineItems | None:
    if mapping.items is None:
        return None
    constant = next(rule.origin.constant for rule in mapping.order if rule.path == "currency")
    return read_line_items(mapping.items, table.path.parent, sandbox, constant)


def _top(mapping: SourceMapping) -> Place:
    return Place(mapping.file, 1, "table.types")
