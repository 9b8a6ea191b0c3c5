"""Turns one line of a catalog's `windows` into features, one for each width."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from features.catalog_file import WindowEntry
from features.errors import CatalogError, suggest
from features.facts import FRACTIONAL_FACTS
from features.feature import NEWEST, Entity, WindowFeature
from features.kinds import Kind
from features.measures import (
    ANY_OUTCOME,
    NUMERIC_MEASURES,
    OUTCOME_MEASURES,
    PLACE_MEASURES,
    PLACES,
    RECENT_MEASURES,
    REFUSED,
    VALUE_MEASURES,
    Measure,
)
from features.outcome import OutcomeClass
from features.times import parse_duration_us

MOST_NEWEST = 128
"""The newest events are looked at one by one, so there is a bound on how many."""

_OUTCOMES = (ANY_OUTCOME, REFUSED, *OutcomeClass)


def window_features(
    entry: WindowEntry,
    entities: Mapping[str, Entity],
    kind_of: Callable[[str, str], Kind],
    place: str,
) -> Iterator[WindowFeature]:
    """Give the features of an entry; `kind_of` gives the kind of a fact for an entry.

    Raises CatalogError that names what is wrong with the entry, and the way out.
    """
    checks = _Entry(entry, place)
    if entry.entity not in entities:
        raise checks.error(f"no entity is named {entry.entity!r}.{suggest(entry.entity, entities)}")
    measure = checks.measure()
    checks.measured(measure, [kind_of(name, checks.where) for name in entry.of])
    checks.outcomes(measure)
    checks.newest(measure)
    for width in entry.over:
        yield WindowFeature(
            name=_name(entry, measure, width),
            entity=entities[entry.entity],
            measure=measure,
            width_us=checks.width_us(width),
            of=entry.of,
            outcome=entry.outcome or ANY_OUTCOME,
            without=tuple(sorted(entry.without)),
            newest=entry.newest or NEWEST,
        )


class _Entry:
    """The checks of one entry."""

    def __init__(self, entry: WindowEntry, place: str) -> None:
        self._entry = entry
        self._place = place
        self.where = f"windows ({entry.entity} {entry.measure})"

    def error(self, text: str) -> CatalogError:
        return CatalogError(f"{self._place}: {self.where}: {text}")

    def measure(self) -> Measure:
        try:
            return Measure(self._entry.measure)
        except ValueError:
            raise self.error(f"measure is one of {', '.join(Measure)}") from None

    def width_us(self, width: str) -> int:
        try:
            return parse_duration_us(width)
        except ValueError as error:
            raise self.error(str(error)) from None

    def measured(self, measure: Measure, kinds: Sequence[Kind]) -> None:
        of = self._entry.of
        if measure in PLACE_MEASURES:
            if of not in PLACES:
                places = " or ".join(f"[{', '.join(place)}]" for place in PLACES)
                raise self.error(f"`of` must name a place: {places}")
        elif measure in NUMERIC_MEASURES:
            if kinds != [Kind.NUMBER] or not FRACTIONAL_FACTS.isdisjoint(of):
                raise self.error("`of` must name one whole-number fact, such as amount_minor")
        elif measure in VALUE_MEASURES:
            if not of:
                raise self.error("`of` must name what is compared, such as receiver.city")
        elif of:
            raise self.error(f"{measure} takes no `of`")

    def outcomes(self, measure: Measure) -> None:
        entry = self._entry
        if measure in OUTCOME_MEASURES:
            if (entry.outcome or ANY_OUTCOME) not in _OUTCOMES:
                raise self.error(f"`outcome` is one of {', '.join(_OUTCOMES)}")
            wrong = [name for name in entry.without if name not in list(OutcomeClass)]
            if wrong:
                raise self.error(f"`without` lists classes of {', '.join(OutcomeClass)}")
            if measure in (Measure.RATE, Measure.OUTCOMES) and entry.outcome is None:
                raise self.error(f"`outcome` is one of {', '.join(_OUTCOMES)}")
        elif entry.outcome is not None or entry.without:
            raise self.error(f"{measure} takes no `outcome` and no `without`")

    def newest(self, measure: Measure) -> None:
        newest = self._entry.newest
        if newest is None:
            return
        if measure not in RECENT_MEASURES:
            raise self.error(f"{measure} looks at the whole window and takes no `newest`")
        if not 1 < newest <= MOST_NEWEST:
            raise self.error(f"`newest` is {newest}; write 2 to {MOST_NEWEST}")


def _name(entry: WindowEntry, measure: Measure, width: str) -> str:
    if entry.name:
        return entry.name.replace("{window}", width)
    leaf = "_".join(name.rpartition(".")[2] for name in entry.of)
    outcome = entry.outcome or ANY_OUTCOME
    noun = {
        Measure.COUNT: "orders",
        Measure.OPEN: "open_orders",
        Measure.DISTINCT: f"distinct_{leaf}",
        Measure.SAME: f"same_{leaf}",
        Measure.REPEATED: f"repeated_{leaf}",
        Measure.SECONDS_SINCE_CHANGE: f"seconds_since_{leaf}_change",
        Measure.RADIUS: f"{_owner(entry)}radius",
        Measure.DISTANCE: f"{_owner(entry)}distance",
        Measure.DISTANCE_TO_USUAL: f"{_owner(entry)}distance_to_usual",
        Measure.RATE: f"{outcome}_rate",
        Measure.OUTCOMES: f"{outcome}_outcomes",
        Measure.MEAN_LATENCY: f"{outcome}_mean_latency",
        Measure.SECONDS_SINCE_OUTCOME: f"seconds_since_{outcome}",
    }.get(measure, f"{leaf}_{measure}" if leaf else str(measure))
    return f"{entry.entity}_{noun}_{width}"


def _owner(entry: WindowEntry) -> str:
    """Name whose place it is: receiver_ or device_."""
    return "_".join({name.partition(".")[0] for name in entry.of}) + "_"


__all__ = ["MOST_NEWEST", "window_features"]
