"""Compares two versions part by part and field by field: rules, packs, costs, routes alike."""

from typing import Any

from msgspec import Struct

from rules.releases.kinds import Kind, Parts


class FieldChange(Struct, frozen=True, kw_only=True):
    """A field that differs; None is what is not there."""

    field: str
    before: Any
    after: Any


class PartChange(Struct, frozen=True, kw_only=True):
    """A part that is in both, and differs."""

    name: str
    fields: tuple[FieldChange, ...]


class VersionDiff(Struct, frozen=True, kw_only=True):
    """What changes from one version to another; parts stand in their order."""

    kind: str
    before: str
    after: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[PartChange, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing differs but perhaps comments and the order of files."""
        return not (self.added or self.removed or self.changed)


def compare(kind: Kind, before: tuple[str, Any], after: tuple[str, Any]) -> VersionDiff:
    """Compare two loaded versions, each with what a person calls it."""
    old, new = kind.parts(before[1]), kind.parts(after[1])
    return VersionDiff(
        kind=kind.name,
        before=before[0],
        after=after[0],
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(_changes(old, new)),
    )


def _changes(old: Parts, new: Parts) -> list[PartChange]:
    found = []
    for name in old.keys() & new.keys():
        left, right = old[name], new[name]
        fields = tuple(
            FieldChange(field=field, before=left.get(field), after=right.get(field))
            for field in dict.fromkeys((*left, *right))
            if left.get(field) != right.get(field)
        )
        if fields:
            found.append(PartChange(name=name, fields=fields))
    order = {name: at for at, name in enumerate(new)}
    return sorted(found, key=lambda one: order[one.name])
