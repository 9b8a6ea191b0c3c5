"""What a feature is: a field of the order, a measure over a window, or an expression over both."""

from dataclasses import dataclass
from enum import StrEnum

from features.expression import Node, names_in
from features.kinds import Kind

ANY_OUTCOME = "any"
REFUSED = "refused"


class Measure(StrEnum):
    """What is measured over the events of one entity in one window."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    MIN = "min"
    DISTINCT = "distinct"
    SECONDS_SINCE_LAST = "seconds_since_last"
    RATE = "rate"
    OUTCOMES = "outcomes"
    SECONDS_SINCE_OUTCOME = "seconds_since_outcome"


NUMERIC_MEASURES = frozenset({Measure.SUM, Measure.MEAN, Measure.MAX, Measure.MIN})
OUTCOME_MEASURES = frozenset({Measure.RATE, Measure.OUTCOMES, Measure.SECONDS_SINCE_OUTCOME})
SINCE_MEASURES = frozenset({Measure.SECONDS_SINCE_LAST, Measure.SECONDS_SINCE_OUTCOME})


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

    `of` names the facts that are measured: one for sum, mean, max and min, one or more for
    distinct. `outcome` is a class, `refused` or `any`, for the outcome measures.
    """

    name: str
    entity: Entity
    measure: Measure
    width_us: int
    of: tuple[str, ...] = ()
    outcome: str = ANY_OUTCOME

    @property
    def kind(self) -> Kind:
        """Every window measure is a number."""
        return Kind.NUMBER

    @property
    def unit(self) -> str:
        """Say what the number counts."""
        match self.measure:
            case Measure.COUNT | Measure.OUTCOMES | Measure.DISTINCT:
                return "count"
            case Measure.RATE:
                return "share, 0 to 1"
            case Measure.SECONDS_SINCE_LAST | Measure.SECONDS_SINCE_OUTCOME:
                return "seconds"
            case Measure.SUM | Measure.MEAN | Measure.MAX | Measure.MIN:
                return "minor units" if self.of[0].endswith("_minor") else "as the field"

    @property
    def missing(self) -> str:
        """Say when the value is not known."""
        unkeyed = f"the order has no {self.entity.name}"
        if self.measure in (Measure.COUNT, Measure.SUM, Measure.DISTINCT, Measure.OUTCOMES):
            return unkeyed
        event = "outcome" if self.measure in OUTCOME_MEASURES else "order"
        return f"{unkeyed}, or its window holds no {event}"


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


Feature = FieldFeature | WindowFeature | DerivedFeature
