"""The measures of a window: what each one reads, and what its number counts.

`features.windows` defines their values, by a rescan of every event.
"""

from enum import StrEnum

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
    SECONDS_SINCE_FIRST = "seconds_since_first"
    OPEN = "open"
    OPEN_SUM = "open_sum"
    MEDIAN = "median"
    ENTROPY = "entropy"
    REPEATED = "repeated"
    SAME = "same"
    SECONDS_SINCE_CHANGE = "seconds_since_change"
    RADIUS = "radius"
    DISTANCE = "distance"
    DISTANCE_TO_USUAL = "distance_to_usual"
    RATE = "rate"
    OUTCOMES = "outcomes"
    SECONDS_SINCE_OUTCOME = "seconds_since_outcome"
    MEAN_LATENCY = "mean_latency"
    UNKNOWNS = "unknowns"


OPEN_MEASURES = frozenset({Measure.OPEN, Measure.OPEN_SUM})
"""Over the orders that no final outcome is known of yet."""

OUTCOME_MEASURES = frozenset(
    {Measure.RATE, Measure.OUTCOMES, Measure.SECONDS_SINCE_OUTCOME, Measure.MEAN_LATENCY}
)
"""Over the final outcomes that arrived in the window."""

UNKNOWN_MEASURES = frozenset({Measure.UNKNOWNS})
"""Over the orders whose first answer of class unknown arrived in the window."""

PLACE_MEASURES = frozenset({Measure.RADIUS, Measure.DISTANCE, Measure.DISTANCE_TO_USUAL})
"""Over places: `of` names three whole-metre coordinates, Earth-centred."""

PLACES = (
    ("receiver.x_m", "receiver.y_m", "receiver.z_m"),
    ("device.x_m", "device.y_m", "device.z_m"),
)
"""What `of` may name for them: facts that are bounded, so that their squares can be added."""

RECENT_MEASURES = PLACE_MEASURES | {
    Measure.MEDIAN,
    Measure.ENTROPY,
    Measure.REPEATED,
    Measure.SAME,
    Measure.SECONDS_SINCE_CHANGE,
}
"""Over the newest events of a window alone; a bound that is part of their definition."""

OWN_MEASURES = frozenset(
    {
        Measure.SAME,
        Measure.SECONDS_SINCE_CHANGE,
        Measure.DISTANCE,
        Measure.DISTANCE_TO_USUAL,
    }
)
"""They compare the events with the order's own facts, and are missing where it has none."""

NUMERIC_MEASURES = frozenset(
    {Measure.SUM, Measure.MEAN, Measure.MAX, Measure.MIN, Measure.OPEN_SUM, Measure.MEDIAN}
)
"""`of` names one whole-number fact."""

VALUE_MEASURES = frozenset(
    {
        Measure.DISTINCT,
        Measure.ENTROPY,
        Measure.REPEATED,
        Measure.SAME,
        Measure.SECONDS_SINCE_CHANGE,
    }
)
"""`of` names one or more facts, whose combination is one value."""

COUNTING = frozenset(
    {
        Measure.COUNT,
        Measure.SUM,
        Measure.DISTINCT,
        Measure.OPEN,
        Measure.OPEN_SUM,
        Measure.OUTCOMES,
        Measure.UNKNOWNS,
        Measure.SAME,
    }
)
"""0 over a window that holds nothing; the others are missing there."""

SECONDS_MEASURES = frozenset(
    {
        Measure.SECONDS_SINCE_LAST,
        Measure.SECONDS_SINCE_FIRST,
        Measure.SECONDS_SINCE_CHANGE,
        Measure.SECONDS_SINCE_OUTCOME,
        Measure.MEAN_LATENCY,
    }
)
"""Their number counts seconds."""


def unit_of(measure: Measure, of: tuple[str, ...]) -> str:
    """Say what the number of a measure counts."""
    if measure in NUMERIC_MEASURES:
        return "minor units" if of[0].endswith("_minor") else "as the field"
    if measure in SECONDS_MEASURES:
        return "seconds"
    if measure in PLACE_MEASURES:
        return "metres"
    if measure in COUNTING:
        return "count"
    return "bits" if measure is Measure.ENTROPY else "share, 0 to 1"
