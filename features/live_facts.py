"""Completes the facts of one order as a catalog means them: its calendar, its attributes' kinds."""

from collections.abc import Collection, Mapping

from features.calendar import CALENDAR_KINDS, calendar_facts
from features.catalog import Catalog
from features.errors import Fault, InvalidOrder
from features.fact_groups import add_group_facts
from features.kinds import Kind, Value


class FactsOfCatalog:
    """Adds to the facts of an order what only the catalog knows; computes no more than it reads."""

    def __init__(self, catalog: Catalog, also: Collection[str] = ()) -> None:
        """`also` names facts that somebody else reads, such as the rules."""
        self._calendar = catalog.calendar
        reads = catalog.fact_names | set(also)
        self._reads_calendar = not reads.isdisjoint(CALENDAR_KINDS)
        self._groups = catalog.fact_groups
        self._kinds = tuple(catalog.attribute_kinds.items())

    def complete(self, facts: Mapping[str, Value]) -> Mapping[str, Value]:
        """Give the facts with the calendar added and attributes brought to their kinds.

        Raises InvalidOrder when an attribute holds another kind than the catalog says.
        """
        if not self._reads_calendar and not self._kinds and not self._groups:
            return facts
        known = dict(facts)
        if self._reads_calendar:
            placed_us, channel = int(facts["placed_at"]), str(facts.get("channel", ""))
            known |= calendar_facts(placed_us, channel, self._calendar)
        add_group_facts(known, self._groups)
        if self._kinds:
            self._bring_to_kinds(known)
        return known

    def _bring_to_kinds(self, known: dict[str, Value]) -> None:
        faults = []
        for name, kind in self._kinds:
            if name in known:
                value = as_kind(known[name], kind)
                if value is None:
                    faults.append(Fault(name, repr(known[name]), f"a {kind}, as the catalog says"))
                else:
                    known[name] = value
        if faults:
            raise InvalidOrder(faults)


def as_kind(value: Value, kind: Kind) -> Value | None:
    """Bring an attribute to a kind: a whole number may stand for text; None if it does not fit."""
    is_boolean = isinstance(value, bool)
    match kind:
        case Kind.TEXT:
            is_whole = isinstance(value, int) and not is_boolean
            return str(value) if is_whole or isinstance(value, str) else None
        case Kind.BOOLEAN:
            return value if is_boolean else None
        case _:
            return value if isinstance(value, int | float) and not is_boolean else None
