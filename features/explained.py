"""Says in words what a feature is, for people and for the documentation."""

from features.catalog import Catalog
from features.feature import OUTCOME_MEASURES, DerivedFeature, Feature, FieldFeature, WindowFeature
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
        case DerivedFeature():
            return {
                "is": feature.text,
                "reads": ", ".join(sorted(feature.names)),
                "missing": "anything that it reads is missing, or it divides by zero",
            }


def _measured(feature: WindowFeature) -> str:
    if feature.of:
        return (
            f"{feature.measure} of {', '.join(feature.of)} over the {feature.entity.name}'s orders"
        )
    if feature.measure in OUTCOME_MEASURES:
        return f"{feature.measure} of {feature.outcome} among outcomes that had arrived"
    return f"{feature.measure} of the {feature.entity.name}'s orders"


def _width(width_us: int) -> str:
    seconds = width_us // US_PER_SECOND
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
