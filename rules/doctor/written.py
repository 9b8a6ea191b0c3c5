"""How a channel writes values: amounts, instants, expiries; and how they are read back."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from features.times import from_us, to_us
from rules.pack import Pack
from rules.pack_dates import CHINA

_JAVA_PARTS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_JAVA = re.compile("|".join(_JAVA_PARTS))
INSTANT = "RFC3339"
SECONDS = "seconds"


def wire_amount(pack: Pack, product: str | None, amount_minor: int) -> int | str | None:
    """Write an amount as the channel does; None where its form is not known."""
    unit, form = pack.value("amount_unit", product), pack.value("amount_format", product)
    if unit == "yuan":
        written = f"{amount_minor // 100}.{amount_minor % 100:02d}"
        return written if form == "two decimals" else None
    if unit != "fen" or not isinstance(form, str):
        return None
    return str(amount_minor) if "text" in form else amount_minor


def amount_as_minor(pack: Pack, product: str | None, written: object) -> float | None:
    """Read any number that stands in an amount's place as minor units by the channel's unit."""
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        return None
    try:
        number = float(written)
    except (ValueError, OverflowError):
        return None
    return number * 100 if pack.value("amount_unit", product) == "yuan" else number


def python_form(java: str) -> str:
    """Turn a Java date pattern into one of strptime.

    >>> python_form("yyyyMMdd'T'HHmmss")
    '%Y%m%dT%H%M%S'
    """
    return _JAVA.sub(lambda match: _JAVA_PARTS[match[0]], java.replace("'", ""))


def write_instant(form: str, zone: ZoneInfo | None, instant_us: int) -> str:
    """Write an instant in a channel's form, in its zone."""
    local = from_us(instant_us).astimezone(zone or CHINA)
    if form == INSTANT:
        return local.isoformat(timespec="seconds")
    return local.strftime(python_form(form))


def read_instant(form: str, zone: ZoneInfo | None, written: object) -> datetime | None:
    """Read an instant that was written in a channel's form; None where it is in another."""
    if not isinstance(written, str):
        return None
    try:
        if form == INSTANT:
            found = datetime.fromisoformat(written)
            return found if found.tzinfo is not None else None
        local = datetime.strptime(written, python_form(form)).replace(tzinfo=zone or CHINA)
    except ValueError:
        return None
    return local if write_instant(form, zone, to_us(local)) == written else None


def zone_of(pack: Pack) -> ZoneInfo | None:
    """Give the zone of the channel's written instants, where one is stated."""
    name = pack.text("time_zone")
    return None if name is None else ZoneInfo(name)


def is_time_form(form: str) -> bool:
    """Tell whether a stated form of time can be read by `read_instant`."""
    return form == INSTANT or form.startswith("yyyy")
