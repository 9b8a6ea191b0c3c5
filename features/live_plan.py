"""What the live state reads for each window feature, once its facts have become columns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from features.feature import WindowFeature
from features.live_record import Columns
from features.measures import COUNTING, Measure

_SAME_READING = {
    Measure.OPEN: Measure.COUNT,
    Measure.UNKNOWNS: Measure.COUNT,
    Measure.OPEN_SUM: Measure.SUM,
    Measure.OUTCOMES: Measure.SUM,
    Measure.RATE: Measure.MEAN,
}
"""Measures that differ in the events that they see, not in what is read of these."""

TOTALLED = frozenset({Measure.SUM, Measure.MEAN, Measure.MEAN_LATENCY})
EXTREMES = frozenset({Measure.MAX, Measure.MIN})


@dataclass(frozen=True, slots=True)
class Reading:
    """One feature over the records of one population: the measure, and its columns."""

    name: str
    measure: Measure
    width_us: int
    columns: Columns
    newest: int

    @property
    def is_counting(self) -> bool:
        """Tell whether it is 0, not missing, over a window that holds nothing."""
        return self.measure in COUNTING and self.measure is not Measure.SAME


def readings_of(
    features: Iterable[WindowFeature], measured: Callable[[WindowFeature], Columns]
) -> tuple[Reading, ...]:
    """Plan the features of one population, widest window first."""
    readings = [
        Reading(
            name=feature.name,
            measure=_SAME_READING.get(feature.measure, feature.measure),
            width_us=feature.width_us,
            columns=measured(feature),
            newest=feature.newest,
        )
        for feature in features
    ]
    return tuple(sorted(readings, key=lambda reading: -reading.width_us))


def by_width(readings: Sequence[Reading]) -> dict[int, list[Reading]]:
    """Group readings by width, widest first."""
    widths: dict[int, list[Reading]] = {}
    for reading in readings:
        widths.setdefault(reading.width_us, []).append(reading)
    return widths
