"""The names that a rule may use, and the one check of facts before any engine sees them."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from features.catalog import CALENDAR_KINDS, Catalog
from features.errors import RuleError
from features.facts import FACT_KINDS
from features.kinds import Kind, Value
from rules.pack_facts import CHECK_KINDS

_TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.NUMBER: (int, float),
    Kind.INSTANT: (int, float),
    Kind.TEXT: (str,),
    Kind.BOOLEAN: (bool,),
}


@dataclass(frozen=True)
class RuleScope:
    """Facts of the order, features of the catalog, and what the channel's pack can check."""

    catalog: Catalog

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """The kind of every known name."""
        return {
            **self.catalog.kinds,
            **self.catalog.attribute_kinds,
            **FACT_KINDS,
            **CALENDAR_KINDS,
            **CHECK_KINDS,
        }

    def kind_of(self, name: str) -> Kind | None:
        """Tell the kind of a name, or None if it is unknown."""
        return self.kinds.get(name)

    def names(self) -> Collection[str]:
        """List the known names."""
        return self.kinds.keys()


def check_kinds(row: Mapping[str, Value | None], kinds: Mapping[str, Kind]) -> None:
    """Refuse a value of another kind than its name promises: no engine ever compares "600".

    Raises RuleError that names the fact, the value and the kind.
    """
    for name, kind in kinds.items():
        value = row.get(name)
        if value is None:
            continue
        found = value.__class__
        if found not in _TYPES[kind] or (found is float and not math.isfinite(value)):  # type: ignore[arg-type]
            raise RuleError(
                f"{name} is {value!r}, but rules read it as a finite {kind}; "
                "send it as one, or leave it out"
            )
