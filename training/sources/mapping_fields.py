"""The grammar of one field: a column, a constant or an expression, and how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from features.errors import suggest
from features.leaves import Leaf, LeafKind
from features.times import to_us
from training.sources.mapping import Clock, FieldRule, Marks, Money, Origin, Reduction
from training.sources.mapping_tree import Entry

TIME_UNITS_US: Mapping[str, int] = {
    "microseconds": 1,
    "milliseconds": 1_000,
    "seconds": 1_000_000,
    "minutes": 60_000_000,
    "hours": 3_600_000_000,
    "days": 86_400_000_000,
}
MISSING = "missing"
REJECT = "reject"
_ORIGINS = ("column", "constant", "expression", "items", "row")
_ANY = ("values", "otherwise", "default")
_NUMBER = ("decimal", "thousands")
_MONEY = ("unit", "decimals", "rounding")
_TIME = ("time_zone", "ambiguous", "format", "unit", "since")
_KINDS = {
    "text": LeafKind.TEXT,
    "whole": LeafKind.WHOLE,
    "number": LeafKind.DECIMAL,
    "boolean": LeafKind.BOOLEAN,
    "instant": LeafKind.INSTANT,
}
_MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Target:
    """What a field fills: a leaf, or an attribute that takes its type from `as:` or its column."""

    path: str
    leaf: Leaf | None
    reduction: Reduction | None = None

    @property
    def is_money(self) -> bool:
        """Tell whether it is an amount."""
        return self.leaf is not None and self.path.endswith("_minor")


def parse_field(entry: Entry, target: Target, zone: str | None) -> FieldRule:
    """Read one field; plain text names a column. `zone` is the mapping's own default.

    Raises MappingError at the entry's place.
    """
    if isinstance(entry.value, str):
        return FieldRule(
            target.path,
            entry.place,
            Origin(column=entry.value),
            target.leaf,
            money=Money() if target.is_money else None,
            clock=Clock(zone=zone),
            reduction=target.reduction,
        )
    options = entry.section(_allowed(entry, target))
    leaf = _leaf(options, target)
    return FieldRule(
        target.path,
        entry.place,
        _origin(entry, options, target),
        leaf,
        money=_money(options) if target.is_money else None,
        clock=_clock(options, leaf, zone),
        marks=_marks(options),
        values=_values(options),
        otherwise=_scalar(options, "otherwise") or REJECT,
        default=_scalar(options, "default"),
        reduction=_reduction(options, target),
    )


def _allowed(entry: Entry, target: Target) -> tuple[str, ...]:
    """Name the keys that make sense for this target; others are refused with these."""
    wanted = entry.mapping().get("as")
    kind = target.leaf.kind if target.leaf else None
    extra: tuple[str, ...] = () if target.leaf else ("as",)
    if kind is None and wanted is not None:
        kind = _KINDS[wanted.choice(_KINDS)]
    if target.reduction is not None:
        extra = ("reduce",)
    elif target.is_money:
        extra = (*_MONEY, *_NUMBER)
    elif kind in (LeafKind.WHOLE, LeafKind.DECIMAL):
        extra = (*extra, *_NUMBER)
    elif kind is LeafKind.INSTANT:
        extra = (*extra, *_TIME)
    return (*_ORIGINS, *_ANY, *extra)


def _leaf(options: Mapping[str, Entry], target: Target) -> Leaf | None:
    if target.leaf is not None or "as" not in options:
        return target.leaf
    return Leaf(target.path, _KINDS[options["as"].choice(_KINDS)])


def _origin(entry: Entry, options: Mapping[str, Entry], target: Target) -> Origin:
    given = [name for name in _ORIGINS if name in options]
    if len(given) != 1:
        raise entry.refuse(f"needs exactly one of {', '.join(_ORIGINS)}; got {given or 'none'}")
    if "row" in options:
        options["row"].choice(("number",))
        return Origin(row_number=True)
    if "items" not in options:
        return Origin(
            _scalar(options, "column"), _scalar(options, "constant"), _scalar(options, "expression")
        )
    options["items"].choice(("total",))
    if target.path != "amount_minor":
        raise entry.refuse("items: total can only be the order's amount_minor")
    return Origin(items_total=True)


def _money(options: Mapping[str, Entry]) -> Money:
    is_major = "unit" in options and options["unit"].choice(("minor", "major")) == "major"
    decimals = options.get("decimals")
    if decimals is not None and not is_major:
        raise decimals.refuse("decimals belong to unit: major; a minor unit has none")
    rounding = options.get("rounding")
    return Money(
        is_major,
        decimals.whole(0, _MOST_DECIMALS) if decimals else None,
        rounding.choice((REJECT, "half_even", "half_up", "down")) if rounding else REJECT,
    )


def _clock(options: Mapping[str, Entry], leaf: Leaf | None, zone: str | None) -> Clock:
    if leaf is None or leaf.kind is not LeafKind.INSTANT:
        return Clock(zone=zone)
    ambiguous, unit = options.get("ambiguous"), options.get("unit")
    if "format" in options and unit is not None:
        raise unit.refuse("an instant has either a format (text) or a unit (a number), not both")
    if "since" in options and unit is None:
        raise options["since"].refuse("since needs a unit: " + ", ".join(TIME_UNITS_US))
    return Clock(
        parse_zone(options["time_zone"]) if "time_zone" in options else zone,
        ambiguous.choice((REJECT, "earliest", "latest")) if ambiguous else REJECT,
        _scalar(options, "format"),
        unit.choice(TIME_UNITS_US) if unit else None,
        _since(options["since"]) if "since" in options else 0,
    )


def parse_zone(entry: Entry) -> str:
    """Read a named time zone such as Asia/Shanghai; a bare offset hides daylight saving."""
    zone = entry.text()
    known = available_timezones()
    if zone not in known:
        raise entry.refuse(
            f"{zone!r} is no time zone of the IANA list, such as UTC, Asia/Shanghai or "
            f"Europe/Paris.{suggest(zone, known)}"
        )
    ZoneInfo(zone)
    return zone


def _since(entry: Entry) -> int:
    try:
        instant = datetime.fromisoformat(entry.text())
    except ValueError:
        raise entry.refuse(f"{entry.shown()} is no ISO 8601 instant") from None
    if instant.tzinfo is None:
        raise entry.refuse(f"{entry.shown()} has no offset; write 2017-12-01T00:00:00Z")
    return to_us(instant.astimezone(UTC))


def _marks(options: Mapping[str, Entry]) -> Marks:
    marks = Marks(_scalar(options, "decimal") or ".", _scalar(options, "thousands") or "")
    for name in ("decimal", "thousands"):
        if name in options and (len(options[name].text()) != 1 or options[name].text().isdigit()):
            raise options[name].refuse("expected one character that is no digit")
    if marks.decimal == marks.thousands:
        raise options["thousands"].refuse("the thousands mark equals the decimal mark")
    return marks


def _values(options: Mapping[str, Entry]) -> Mapping[str, str | None] | None:
    if "values" not in options:
        if "otherwise" in options:
            raise options["otherwise"].refuse("otherwise belongs to values")
        return None
    entries = options["values"].mapping()
    return {raw: None if entry.value is None else entry.text() for raw, entry in entries.items()}


def _reduction(options: Mapping[str, Entry], target: Target) -> Reduction | None:
    if "reduce" in options and options["reduce"].text() != target.reduction:
        raise options["reduce"].refuse(f"{target.path} is reduced as {target.reduction}")
    return target.reduction


def _scalar(options: Mapping[str, Entry], name: str) -> str | None:
    return options[name].text() if name in options else None
