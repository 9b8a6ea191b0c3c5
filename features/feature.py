"""What a feature is: a field of the order, a measure over a window, or an expression over both."""

from dataclasses import dataclass
from enum import StrEnum

from features.expression import Node, names_in
from features.kinds import Kind
from features.measures import (
    ANY_OUTCOME,
    COUNTING,
    OUTCOME_MEASURES,
    REFUSED,
    Measure,
    unit_of,
)

NEWEST = 64
"""How many of a window's newest events a measure of RECENT_MEASURES looks at, unless told."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Who or what is counted by: a name, and the facts that make up its key."""

    name: str
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldFeature:
    """A fact of the order itself."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class WindowFeature:
    """A measure over the events of an entity in `[as_of - width_us, as_of)`.

    `of` names the facts that are measured. `outcome` is a class, `refused` or `any`, for the
    outcome measures, and `without` lists classes of outcome that these leave out. The measures
    of RECENT_MEASURES look at the `newest` events of the window that have all facts of `of`.
    """

    name: str
    entity: Entity
    measure: Measure
    width_us: int
    of: tuple[str, ...] = ()
    outcome: str = ANY_OUTCOME
    without: tuple[str, ...] = ()
    newest: int = NEWEST

    @property
    def kind(self) -> Kind:
        """Every window measure is a number."""
        return Kind.NUMBER

    @property
    def unit(self) -> str:
        """Say what the number counts."""
        return unit_of(self.measure, self.of)

    @property
    def missing(self) -> str:
        """Say when the value is not known."""
        unkeyed = f"the order has no {self.entity.name}"
        if self.measure is Measure.SAME:
            return f"{unkeyed}, or does not state {', '.join(self.of)}"
        if self.measure in COUNTING:
            return unkeyed
        event = "outcome" if self.measure in OUTCOME_MEASURES else "order"
        return f"{unkeyed}, or its window holds no {event} to measure"


class LinkMeasure(StrEnum):
    """What is counted of the entities that an order's own is linked with."""

    REACH = "reach"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class LinkFeature:
    """A count of what the order is linked with in `[as_of - width_us, as_of)`.

    `reach` counts other entities that share a value of `through`, among the `newest` orders of
    the entity and of each value, up to `budget`. `near` counts other values of `of` within the
    entity that share one of `keys`, a fact that is a list. `features.links.rescan` defines both.
    """

    name: str
    entity: Entity
    measure: LinkMeasure
    width_us: int
    through: tuple[Entity, ...] = ()
    newest: int = 0
    budget: int = 0
    of: tuple[str, ...] = ()
    keys: str = ""

    @property
    def kind(self) -> Kind:
        """Every count is a number."""
        return Kind.NUMBER

    @property
    def unit(self) -> str:
        """Say what the number counts."""
        return "count"

    @property
    def missing(self) -> str:
        """Say when the value is not known."""
        if self.measure is LinkMeasure.NEAR:
            return f"the order has no {self.entity.name}, {', '.join(self.of)} or {self.keys}"
        links = " or ".join(entity.name for entity in self.through)
        name = self.entity.name
        return f"the order has no {name}, or neither it nor the {name}'s orders has a {links}"

    @property
    def reads(self) -> frozenset[str]:
        """The facts that it reads."""
        linking = {name for entity in self.through for name in entity.key}
        return frozenset({*self.entity.key, *linking, *self.of, self.keys} - {""})


@dataclass(frozen=True, slots=True)
class DerivedFeature:
    """An expression over facts and over features that stand before it."""

    name: str
    kind: Kind
    text: str
    node: Node

    @property
    def names(self) -> frozenset[str]:
        """The facts and features that the expression reads."""
        return names_in(self.node)


Feature = FieldFeature | WindowFeature | LinkFeature | DerivedFeature

__all__ = [
    "ANY_OUTCOME",
    "NEWEST",
    "REFUSED",
    "DerivedFeature",
    "Entity",
    "Feature",
    "FieldFeature",
    "LinkFeature",
    "LinkMeasure",
    "WindowFeature",
]
