"""What the live state keeps of an event: one tuple, shared by every entity that counts it.

A record is (occurred, sequence, known, order id, kept facts …). Records compare by when they
happened, then by the order in which they arrived, and no two are alike in both.
"""

from collections.abc import Callable, Iterable, Mapping
from sys import intern
from typing import Any, cast

from features.feature import WindowFeature
from features.kinds import Value
from features.live_source import compile_function
from features.measures import (
    ANY_OUTCOME,
    NUMERIC_MEASURES,
    OUTCOME_MEASURES,
    PLACE_MEASURES,
    UNKNOWN_MEASURES,
    Measure,
)
from features.outcome import OutcomeClass
from features.windows import outcome_counts

Record = tuple[Any, ...]
Key = Value | tuple[Value, ...]
Columns = tuple[int, ...]

OCCURRED, SEQUENCE, KNOWN, ORDER_ID, KEPT = range(5)
"""Where the parts of a record stand; the kept facts begin at KEPT."""

MS_US = 1_000

_Get = Callable[[str], Value | None]
_Make = Callable[[_Get, int, int, int, str], Record]


class OrderColumns:
    """Where each fact that some window needs stands in an order's record."""

    def __init__(self, features: Iterable[WindowFeature]) -> None:
        numbers: set[str] = set()
        values: set[str] = set()
        for feature in features:
            values |= set(feature.entity.key)
            is_whole = feature.measure in NUMERIC_MEASURES | PLACE_MEASURES
            (numbers if is_whole else values).update(feature.of)
        self._values = {name: KEPT + place for place, name in enumerate(sorted(values))}
        first = KEPT + len(values)
        self._numbers = {name: first + place for place, name in enumerate(sorted(numbers))}
        self._make = _maker(
            self._values, self._numbers, "intern({0}) if {0}.__class__ is str else {0}"
        )
        self._make_own = _maker(self._values, self._numbers, "{0}")

    def values(self, names: Iterable[str]) -> Columns:
        """Say where the values of facts stand."""
        return tuple(self._values[name] for name in names)

    def measured(self, feature: WindowFeature) -> Columns:
        """Say where what a feature measures stands."""
        if feature.measure in NUMERIC_MEASURES | PLACE_MEASURES:
            return tuple(self._numbers[name] for name in feature.of)
        return self.values(feature.of)

    def record(
        self, facts: Mapping[str, Value], occurred_us: int, sequence: int, known_us: int
    ) -> Record:
        """Make the record of an order that is kept; equal texts are kept once."""
        return self._make(facts.get, occurred_us, sequence, known_us, str(facts["order_id"]))

    def own(self, facts: Mapping[str, Value], as_of_us: int) -> Record:
        """Make the record of an order that only asks."""
        return self._make_own(facts.get, as_of_us, 0, as_of_us, "")


class AnswerColumns:
    """Where the numbers of an outcome's record stand: one for each (outcome, without, use)."""

    def __init__(self, features: Iterable[WindowFeature]) -> None:
        uses = {_use(feature) for feature in features if feature.measure in OUTCOME_MEASURES}
        self._places = {use: KEPT + place for place, use in enumerate(sorted(uses))}
        self._shares = {
            answer: tuple(_share(answer, outcome, without) for outcome, without, _ in self._places)
            for answer in OutcomeClass
        }
        self._delays = tuple(is_delay for _, _, is_delay in self._places)

    def measured(self, feature: WindowFeature) -> Columns:
        """Say where what a feature measures stands; a count of everything measures nothing."""
        if feature.measure in UNKNOWN_MEASURES:
            return ()
        return (self._places[_use(feature)],)

    def record(
        self, answer: OutcomeClass, received_us: int, sequence: int, about: Record
    ) -> Record:
        """Make the record of an answer about an order."""
        delay = (received_us - about[KNOWN]) // MS_US
        numbers = (
            share if not is_delay else delay if share else None
            for share, is_delay in zip(self._shares[answer], self._delays, strict=True)
        )
        return (received_us, sequence, received_us, about[ORDER_ID], *numbers)


def _use(feature: WindowFeature) -> tuple[str, tuple[str, ...], bool]:
    """Key a number: 1 or 0 for wanted or not, or the delay in ms of the wanted ones alone."""
    is_delay = feature.measure in (Measure.MEAN_LATENCY, Measure.SECONDS_SINCE_OUTCOME)
    return feature.outcome or ANY_OUTCOME, feature.without, is_delay


def _share(answer: OutcomeClass, outcome: str, without: tuple[str, ...]) -> int | None:
    return None if answer in without else int(outcome_counts(answer, outcome))


def _maker(values: Iterable[str], numbers: Iterable[str], share: str) -> _Make:
    read = [f"v{place} = get({name!r})" for place, name in enumerate(values)]
    kept = [share.format(f"v{place}") for place in range(len(read))]
    whole = []
    for place, name in enumerate(numbers):
        whole.append(f"n{place} = get({name!r})")
        whole.append(f"if n{place}.__class__ is not int: n{place} = number(n{place})")
        kept.append(f"n{place}")
    parts = ", ".join(["occurred", "sequence", "known", "order_id", *kept])
    return cast(
        _Make,
        compile_function(
            "make(get, occurred, sequence, known, order_id)",
            [*read, *whole, f"return ({parts},)"],
            {"intern": intern, "number": _whole},
        ),
    )


def _whole(value: Value | None) -> int | None:
    return None if value is None else int(value)
