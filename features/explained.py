"""Says in words what a feature is, for people and for the documentation."""

from collections.abc import Mapping

from features.catalog import Catalog
from features.feature import (
    DerivedFeature,
    Feature,
    FieldFeature,
    LinkFeature,
    LinkMeasure,
    WindowFeature,
)
from features.measures import ANY_OUTCOME, RECENT_MEASURES, Measure
from features.times import US_PER_SECOND


def explained(catalog: Catalog, name: str) -> dict[str, str]:
    """Describe one feature of a catalog: source, unit, and what missing means."""
    feature = next(feature for feature in catalog.features if feature.name == name)
    return {"name": feature.name, "kind": str(feature.kind), **_described(feature)}


def _described(feature: Feature) -> dict[str, str]:
    match feature:
        case FieldFeature():
            return {
                "is": "a fact of the order itself",
                "missing": "the order does not state it",
            }
        case WindowFeature():
            return {
                "is": _measured(feature),
                "entity": f"{feature.entity.name} ({', '.join(feature.entity.key)})",
                "window": f"[as_of - {_width(feature.width_us)}, as_of)",
                "unit": feature.unit,
                "missing": feature.missing,
            }
        case LinkFeature():
            return {
                "is": _linked(feature),
                "entity": f"{feature.entity.name} ({', '.join(feature.entity.key)})",
                "window": f"[as_of - {_width(feature.width_us)}, as_of)",
                "unit": feature.unit,
                "missing": feature.missing,
            }
        case DerivedFeature():
            return {
                "is": feature.text,
                "reads": ", ".join(sorted(feature.names)),
                "missing": "anything that it reads is missing, or it divides by zero",
            }


def _measured(feature: WindowFeature) -> str:
    own = feature.entity.name
    of = " and ".join(feature.of)
    text = _PHRASES[feature.measure].format(own=own, of=of, outcome=_wanted(feature.outcome))
    if feature.without:
        text += f"; {', '.join(feature.without)} left out"
    if feature.measure in RECENT_MEASURES:
        text += f"; of the newest {feature.newest} orders that state it"
    return text


def _linked(feature: LinkFeature) -> str:
    own, of = feature.entity.name, " and ".join(feature.of)
    if feature.measure is LinkMeasure.NEAR:
        return (
            f"different {of} among the {own}'s orders, this order's own left out, that share a "
            f"key of {feature.keys} with it"
        )
    through = " or ".join(entity.name for entity in feature.through)
    return (
        f"other entities of kind {own} seen with a {through} of this order, or of the {own}'s "
        f"newest {feature.newest} orders; among the newest {feature.newest} orders of each; "
        f"{feature.budget} at most"
    )


def _wanted(outcome: str) -> str:
    return "final outcomes" if outcome == ANY_OUTCOME else f"{outcome} outcomes"


_PHRASES: Mapping[Measure, str] = {
    Measure.COUNT: "orders of the {own}",
    Measure.SUM: "sum of {of} over the {own}'s orders",
    Measure.MEAN: "mean of {of} over the {own}'s orders",
    Measure.MAX: "largest {of} of the {own}'s orders",
    Measure.MIN: "smallest {of} of the {own}'s orders",
    Measure.DISTINCT: "different {of} among the {own}'s orders",
    Measure.SECONDS_SINCE_LAST: "seconds since the {own}'s latest order",
    Measure.SECONDS_SINCE_FIRST: "seconds since the {own}'s first order in the window",
    Measure.OPEN: "orders of the {own} without a final outcome so far",
    Measure.OPEN_SUM: "sum of {of} over the {own}'s orders without a final outcome so far",
    Measure.MEDIAN: "median of {of} over the {own}'s orders (the lower of two in the middle)",
    Measure.ENTROPY: "entropy of {of} over the {own}'s orders",
    Measure.REPEATED: "share of the {own}'s orders whose {of} comes more than once",
    Measure.SAME: "orders of the {own} with the same {of} as this one",
    Measure.SECONDS_SINCE_CHANGE: "seconds since the {own}'s {of} became what it is in this order",
    Measure.RADIUS: "root mean square distance of the {own}'s orders from their centre, by {of}",
    Measure.DISTANCE: "mean distance of the {own}'s orders from this one, by {of}",
    Measure.DISTANCE_TO_USUAL: "distance from the {own}'s most frequent place, by {of}",
    Measure.RATE: "share of {outcome} among the {own}'s final outcomes that had arrived",
    Measure.OUTCOMES: "{outcome} of the {own} that had arrived",
    Measure.SECONDS_SINCE_OUTCOME: "seconds since the latest of the {own}'s {outcome} arrived",
    Measure.MEAN_LATENCY: "mean seconds from order to answer, of the {own}'s {outcome}",
    Measure.UNKNOWNS: "orders of the {own} whose first unknown answer arrived",
}


def _width(width_us: int) -> str:
    seconds = width_us // US_PER_SECOND
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
