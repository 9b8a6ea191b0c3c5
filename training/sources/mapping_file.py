"""Reads a mapping file whole; everything that can be refused without the table is refused here."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from features.errors import MappingError
from features.leaves import Leaf, order_leaves
from training.sources.mapping import FieldRule, ItemsRule, SourceMapping
from training.sources.mapping_fields import Target, parse_field, parse_zone
from training.sources.mapping_outcomes import parse_outcomes
from training.sources.mapping_table import parse_table_options
from training.sources.mapping_targets import SEQUENCE, item_target, order_target
from training.sources.mapping_tree import Entry, Place, load_tree

_SECTIONS = (
    "mapping",
    "version",
    "simulated",
    "time_zone",
    "table",
    "skip",
    "order",
    "attributes",
    "ordering_id",
    "known_after_submission",
    "outcome",
    "items",
)
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def load_mapping(path: Path) -> SourceMapping:
    """Read a mapping file.

    Raises MappingError naming the line, what is wrong there and the way out.
    """
    root, raw = load_tree(path)
    sections = root.section(_SECTIONS)
    zone = parse_zone(sections["time_zone"]) if "time_zone" in sections else None
    attributes, patterns = _attributes(sections.get("attributes"), zone)
    skip = sections.get("skip")
    mapping = SourceMapping(
        name=sections["mapping"].text() if "mapping" in sections else path.stem,
        version=sections["version"].whole(1, 1) if "version" in sections else 1,
        file=path.name,
        simulated="simulated" in sections and sections["simulated"].flag(),
        sha256=sha256(raw).hexdigest(),
        options=parse_table_options(sections.get("table")),
        order=_order(root, sections, zone),
        attributes=attributes,
        patterns=patterns,
        skip=(skip.text(), skip.place) if skip else None,
        ordering=_ordering(sections, zone),
        known_after=_known_after(sections.get("known_after_submission")),
        outcomes=parse_outcomes(sections.get("outcome"), zone),
        items=_items(sections.get("items"), zone),
    )
    _check_required(mapping, root)
    return mapping


def _order(root: Entry, sections: Mapping[str, Entry], zone: str | None) -> tuple[FieldRule, ...]:
    if "order" not in sections:
        raise root.refuse("a mapping needs an order section; docs/import.md shows one")
    fields = sections["order"].mapping()
    return tuple(
        parse_field(entry, order_target(path, entry), zone) for path, entry in fields.items()
    )


def _attributes(
    section: Entry | None, zone: str | None
) -> tuple[tuple[FieldRule, ...], tuple[tuple[str, Place], ...]]:
    """Read `attributes`: a mapping of name: field, or a list of columns and patterns."""
    if section is None:
        return (), ()
    if not isinstance(section.value, tuple):
        fields = section.mapping().items()
        return tuple(_attribute(name, entry, zone) for name, entry in fields), ()
    patterns = [entry for entry in section.value if "*" in entry.text()]
    named = [entry for entry in section.value if "*" not in entry.text()]
    return (
        tuple(_attribute(entry.text(), entry, zone) for entry in named),
        tuple((entry.text(), entry.place) for entry in patterns),
    )


def _attribute(name: str, entry: Entry, zone: str | None) -> FieldRule:
    if not is_attribute_name(name):
        raise entry.refuse(
            f"an attribute is named by letters, digits and _, not starting with a digit; "
            f"write my_name: {name}"
        )
    return parse_field(entry, Target(f"attributes.{name}", None), zone)


def is_attribute_name(name: str) -> bool:
    """Tell whether expressions can name the attribute."""
    return _ATTRIBUTE_NAME.fullmatch(name) is not None


def _ordering(sections: Mapping[str, Entry], zone: str | None) -> FieldRule | None:
    if "ordering_id" not in sections:
        return None
    return parse_field(sections["ordering_id"], SEQUENCE, zone)


def _known_after(section: Entry | None) -> tuple[tuple[str, Place], ...]:
    if section is None:
        return ()
    return tuple((entry.text(), entry.place) for entry in section.sequence())


def _items(section: Entry | None, zone: str | None) -> ItemsRule | None:
    if section is None:
        return None
    own = ("table", "key", "options")
    leaves = {leaf.path: leaf for leaf in order_leaves()["items"].lines}
    entries = section.section((*own, *leaves))
    for name in ("table", "key"):
        if name not in entries:
            raise section.refuse(f"items need {name}: see docs/import.md")
    key = entries["key"].section(("line", "order"))
    if set(key) != {"line", "order"}:
        raise entries["key"].refuse("expected {line: a column there, order: a column here}")
    fields = tuple(
        parse_field(entry, item_target(name, entry), zone)
        for name, entry in entries.items()
        if name not in own
    )
    _refuse_absent(leaves.values(), {rule.path for rule in fields}, section)
    options = parse_table_options(entries.get("options"))
    return ItemsRule(
        section.place,
        entries["table"].text(),
        options,
        key["line"].text(),
        key["order"].text(),
        fields,
    )


def _check_required(mapping: SourceMapping, root: Entry) -> None:
    paths = {rule.path for rule in mapping.order}
    if mapping.ordering is not None:
        for name in ("placed_at", "as_of"):
            if name in paths:
                raise mapping.ordering.place.refuse(f"{name} is given too; keep one of them")
        paths.add("placed_at")
    leaves = order_leaves()
    _refuse_absent([leaf for leaf in leaves.values() if not leaf.block], paths, root)
    blocks = {path.rpartition(".")[0] for path in paths}
    for block in blocks - {""}:
        inside = [leaf for leaf in leaves.values() if leaf.block == block]
        _refuse_absent(inside, paths, root)
    if mapping.items is None and any(rule.origin.items_total for rule in mapping.order):
        raise root.refuse("amount_minor is items: total, but there is no items section")


def _refuse_absent(leaves: Iterable[Leaf], paths: set[str], entry: Entry) -> None:
    absent = [leaf.path for leaf in leaves if leaf.required and leaf.path not in paths]
    if absent:
        raise MappingError(
            f"{entry.place.file}: required but not mapped: {', '.join(absent)}. "
            "Give each a column, a {constant: ...} or an {expression: ...}"
        )
