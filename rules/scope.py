"""The names that a rule may use, and the one check of facts before any engine sees them."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from features.bins import BIN_KINDS
from features.calendar import CALENDAR_KINDS
from features.catalog import Catalog
from features.errors import RuleError
from features.expression.lists import Membership
from features.fact_units import FACT_UNITS, unit_of_fact
from features.facts import FACT_KINDS
from features.kinds import Kind, Value
from features.units import COUNT, UNITS, Unit
from rules.channel_facts import CHANNEL_FACTS
from rules.lists.declared import ListUse
from rules.lists.holdings import holding_of
from rules.lists.lists import WORD_KINDS
from rules.pack_facts import CHECK_KINDS, CHECK_UNITS

_TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.NUMBER: (int, float),
    Kind.INSTANT: (int, float),
    Kind.TEXT: (str,),
    Kind.BOOLEAN: (bool,),
}


@dataclass(frozen=True)
class RuleScope:
    """Facts of the order, features of the catalog, what the channel's pack can check, lists."""

    catalog: Catalog
    lists: Mapping[str, ListUse] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """The kind of every known name."""
        return {
            **self.catalog.kinds,
            **self.catalog.attribute_kinds,
            **FACT_KINDS,
            **CALENDAR_KINDS,
            **BIN_KINDS,
            **CHECK_KINDS,
            **WORD_KINDS,
            **self._memberships,
        }

    @property
    def _memberships(self) -> Mapping[str, Kind]:
        """The facts that a condition, or an example, reads for what is in a list."""
        return {
            Membership(name, fact).fact: Kind.BOOLEAN
            for name, use in self.lists.items()
            for fact in holding_of(use.fact).facts
        }

    def kind_of(self, name: str) -> Kind | None:
        """Tell the kind of a name, or None if it is unknown."""
        return self.kinds.get(name)

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """The unit of every number, what a channel's pack states included."""
        checks = {name: UNITS[unit] for name, unit in CHECK_UNITS.items()}
        checks |= dict.fromkeys(WORD_KINDS, COUNT)
        channel = {f"channel.{one.name}": UNITS[one.unit] for one in CHANNEL_FACTS.values()}
        return {**self.catalog.units, **FACT_UNITS, **checks, **channel}

    def unit_of(self, name: str) -> Unit | None:
        """Tell the unit of a number, or None if none is stated."""
        return self.units.get(name) or unit_of_fact(name)

    def names(self) -> Collection[str]:
        """List the known names."""
        return self.kinds.keys()

    def list_names(self) -> Collection[str]:
        """List the names of the lists that a condition may ask."""
        return self.lists


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
