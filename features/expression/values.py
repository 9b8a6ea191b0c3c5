"""How a fact becomes a value of its kind, said once for the walker and the compiled code."""

import math
from collections.abc import Mapping

from features.kinds import Kind, Value


def known_number(value: object) -> float | None:
    """Read a number: finite float64, or missing; a boolean or a text is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def known_value(row: Mapping[str, Value | None], name: str, kind: Kind) -> Value | None:
    """Read a fact as a value of its kind; anything else counts as missing.

    >>> known_value({"n": 600}, "n", Kind.NUMBER), known_value({"n": "600"}, "n", Kind.NUMBER)
    (600.0, None)
    """
    value = row.get(name)
    match kind:
        case Kind.NUMBER | Kind.INSTANT:
            return known_number(value)
        case Kind.TEXT:
            return value if isinstance(value, str) else None
        case Kind.BOOLEAN:
            return value if isinstance(value, bool) else None


def log1p(value: float) -> float | None:
    """Compute ln(1 + value); missing at or below -1."""
    return math.log1p(value) if value > -1 else None
