"""The unit of a threshold: one of the closed set, or read from the words of an older book."""

import re
from collections.abc import Mapping

from features.errors import suggest
from features.units import COUNT, HOURS, METRES, MINOR, MINUTES, NONE, SECONDS, SHARE, UNITS, Unit

_COUNTED = (
    "orders|payouts|attempts|outcomes|refusals|buyers|devices|cards|cities|addresses|skus|lines"
    "|pieces|digits|characters|bytes|fields|instalments|rows|requests|rules|hits"
)
_WORDS: Mapping[str, Unit] = {
    r"(minor units?|fen|cents?)": MINOR,
    r"seconds?": SECONDS,
    r"minutes?": MINUTES,
    r"hours?": HOURS,
    r"(metres?|meters?)": METRES,
    r"(share|shares)": SHARE,
    r"(times|ratio|factor|per cent)": NONE,
    rf"((earlier|distinct|absent|other|open|different) )?({_COUNTED})": COUNT,
}
"""What the words of a book that is older than the closed set begin with."""

_BEGINNINGS = tuple((re.compile(rf"{words}\b"), unit) for words, unit in _WORDS.items())


def unit_of_words(text: str) -> Unit | None:
    """Read a threshold's unit; None where the text is neither of the set nor begins like one.

    >>> str(unit_of_words("COUNT")), str(unit_of_words("earlier orders in 24 hours"))
    ('COUNT', 'COUNT')
    >>> unit_of_words("bananas") is None
    True
    """
    stated = UNITS.get(text)
    if stated is not None:
        return stated
    return next((unit for words, unit in _BEGINNINGS if words.match(text.lower())), None)


def unknown_unit(text: str) -> str:
    """Say that a unit is none, with the nearest and the closed set."""
    near = suggest(text.upper(), UNITS)
    return f"{text!r} is no unit.{near} Units: {', '.join(UNITS)}; say more in `note`"
