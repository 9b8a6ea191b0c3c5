"""Writes the function that reads the windows of one key from a short list of its records.

The lines are made once, at load, from a population's readings: no plan is walked and no
measure is looked up while an order waits. Long lists are read by `features.live_window`.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from features.kinds import Value
from features.live_plan import Reading, by_width
from features.live_recent import RECENT
from features.live_record import OCCURRED, Columns, Record
from features.live_source import compile_function
from features.measures import OWN_MEASURES, Measure
from features.times import US_PER_SECOND

Reader = Callable[[Sequence[Record], int, Record, dict[str, Value]], None]
"""Reads (records in order, all of which count; as of; the order's own record) into a row."""
ReaderOfOne = Callable[[Record, int, dict[str, Value]], None]
"""Reads (the one record, which counts; as of) into a row."""


def write_reader_of_one(readings: Sequence[Reading]) -> ReaderOfOne | None:
    """Make the reader of a key with one record: most keys that have any; None if too rare a need.

    The measures over the newest events take lists, so a population that has one is read as such.
    """
    if any(reading.measure in RECENT for reading in readings):
        return None
    lines = [f"age = as_of - r[{OCCURRED}]", f"since = age / {US_PER_SECOND}"]
    for width, members in by_width(readings).items():
        lines += [f"if age <= {width}:", *(f"    {_of_one(reading)}" for reading in members)]
        zeros = [f"    row[{r.name!r}] = 0" for r in members if r.is_counting]
        lines += ["else:", *zeros] if zeros else []
    return cast(ReaderOfOne, compile_function("read(r, as_of, row)", lines, {}))


def _of_one(reading: Reading) -> str:
    name, value = f"row[{reading.name!r}]", value_text(reading.columns, "r")
    match reading.measure:
        case Measure.COUNT:
            return f"{name} = 1"
        case Measure.SECONDS_SINCE_LAST | Measure.SECONDS_SINCE_FIRST:
            return f"{name} = since"
        case Measure.DISTINCT:
            return f"{name} = 0 if {value} is None else 1"
        case Measure.SUM:
            return f"{name} = {value} or 0"
        case Measure.MEAN:
            return f"if {value} is not None: {name} = float({value})"
        case Measure.MEAN_LATENCY:
            return f"if {value} is not None: {name} = {value} / 1_000"
        case Measure.SECONDS_SINCE_OUTCOME:
            return f"if {value} is not None: {name} = since"
        case _:
            return f"if {value} is not None: {name} = {value}"


def write_reader(readings: Sequence[Reading]) -> Reader:
    """Make the reader of a population."""
    lines = list(_own_values(readings))
    lines += _nothing(readings)
    lines += [f"of{_key(columns)} = None" for columns in _columns(readings)]
    for width, members in by_width(readings).items():
        lines += _window(width, members)
    recent = {str(measure): function for measure, function in RECENT.items()}
    zeros = {reading.name: 0 for reading in readings if reading.is_counting}
    names = {"bisect_left": bisect_left, "zeros": zeros, **recent}
    return cast(Reader, compile_function("read(w, as_of, own, row)", lines, names))


def value_text(columns: Columns, record: str) -> str:
    """Write what a record states at columns: one value, or all of several, or None."""
    parts = [f"{record}[{column}]" for column in columns] or ["None"]
    if len(parts) == 1:
        return parts[0]
    known = " and ".join(f"{part} is not None" for part in parts)
    return f"(({', '.join(parts)}) if {known} else None)"


def _key(columns: Columns) -> str:
    return "_".join(map(str, columns))


def _columns(readings: Sequence[Reading]) -> list[Columns]:
    return sorted({reading.columns for reading in readings if reading.columns})


def _own_values(readings: Sequence[Reading]) -> Iterator[str]:
    asking = {reading.columns for reading in readings if reading.measure in OWN_MEASURES}
    for columns in sorted(asking):
        yield f"own{_key(columns)} = {value_text(columns, 'own')}"


def _window(width_us: int, readings: Sequence[Reading]) -> Iterator[str]:
    yield f"start = as_of - {width_us}"
    yield f"if w and w[0][{OCCURRED}] < start: w = w[bisect_left(w, (start,)):]"
    yield "if w:"
    for columns in _columns(readings):
        yield f"    if of{_key(columns)} is not w: {_collect(columns)}"
    for reading in readings:
        yield from (f"    {line}" for line in _read(reading))
    yield "else:"
    yield "    pass"
    for reading in readings:
        if reading.is_counting:
            yield f"    row[{reading.name!r}] = 0"
        elif reading.measure is Measure.SAME:
            yield f"    {_same_as_none(reading)}"


def _nothing(readings: Sequence[Reading]) -> Iterator[str]:
    """Write what is read of a key that has no records: most keys of most orders."""
    yield "if not w:"
    yield "    row.update(zeros)"
    for reading in readings:
        if reading.measure is Measure.SAME:
            yield f"    {_same_as_none(reading)}"
    yield "    return"


def _same_as_none(reading: Reading) -> str:
    return f"if own{_key(reading.columns)} is not None: row[{reading.name!r}] = 0"


def _collect(columns: Columns) -> str:
    """Write what collects the stated values, unless a wider window held the same records."""
    key, value = _key(columns), value_text(columns, "r")
    return f"of{key} = w; v{key} = [v for r in w if (v := {value}) is not None]"


def _read(reading: Reading) -> list[str]:
    name, values = f"row[{reading.name!r}]", f"v{_key(reading.columns)}"
    texts = {
        Measure.COUNT: f"{name} = len(w)",
        Measure.SECONDS_SINCE_LAST: f"{name} = (as_of - w[-1][{OCCURRED}]) / {US_PER_SECOND}",
        Measure.SECONDS_SINCE_FIRST: f"{name} = (as_of - w[0][{OCCURRED}]) / {US_PER_SECOND}",
        Measure.DISTINCT: f"{name} = len(set({values}))",
        Measure.SUM: f"{name} = sum({values})",
        Measure.MEAN: f"if {values}: {name} = float(sum({values})) / float(len({values}))",
        Measure.MEAN_LATENCY: f"if {values}: {name} = sum({values}) / len({values}) / 1_000",
        Measure.MAX: f"if {values}: {name} = max({values})",
        Measure.MIN: f"if {values}: {name} = min({values})",
    }
    if reading.measure in texts:
        return [texts[reading.measure]]
    if reading.measure is Measure.SECONDS_SINCE_OUTCOME:
        return _latest(reading, name)
    return _recent(reading, name, values)


def _latest(reading: Reading, name: str) -> list[str]:
    (column,) = reading.columns
    return [
        "for r in reversed(w):",
        f"    if r[{column}] is not None:",
        f"        {name} = (as_of - r[{OCCURRED}]) / {US_PER_SECOND}",
        "        break",
    ]


def _recent(reading: Reading, name: str, values: str) -> list[str]:
    newest = f"[-{reading.newest}:]"
    events, own = "()", "None"
    if reading.measure is Measure.SECONDS_SINCE_CHANGE:
        stated = f"[r for r in w if {value_text(reading.columns, 'r')} is not None]"
        events = stated + newest
    if reading.measure in OWN_MEASURES:
        own = f"own{_key(reading.columns)}"
    return [
        f"x = {reading.measure}({events}, {values}{newest}, {own}, as_of)",
        f"if x is not None: {name} = x",
    ]
