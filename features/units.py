"""What a number counts, and what arithmetic makes of it: money is never compared with seconds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of powers of base units; without any, `plain` says what kind of plain number.

    >>> str(MINOR), str(COUNT), str(over(MINOR, SECONDS))
    ('MINOR', 'COUNT', 'MINOR/SECONDS')
    """

    powers: tuple[tuple[str, int], ...] = ()
    plain: str = "NONE"

    def __str__(self) -> str:
        if not self.powers:
            return self.plain
        above = "·".join(_power(name, at) for name, at in self.powers if at > 0)
        below = "·".join(_power(name, -at) for name, at in self.powers if at < 0)
        return f"{above or '1'}/{below}" if below else above


def _power(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"


MINOR = Unit((("MINOR", 1),))
SECONDS = Unit((("SECONDS", 1),))
MINUTES = Unit((("MINUTES", 1),))
HOURS = Unit((("HOURS", 1),))
METRES = Unit((("METRES", 1),))
BITS = Unit((("BITS", 1),))
COUNT = Unit(plain="COUNT")
SHARE = Unit(plain="SHARE")
NONE = Unit()
LITERAL = Unit(plain="LITERAL")
"""A number that is written out: it takes the unit of whatever it is compared with or added to."""

UNITS: Mapping[str, Unit] = {
    str(unit): unit for unit in (MINOR, SECONDS, MINUTES, HOURS, METRES, BITS, COUNT, SHARE, NONE)
}
"""The closed set that may be stated, by name."""

_SUFFIXES = {
    "_minor": MINOR,
    "_seconds": SECONDS,
    "_minutes": MINUTES,
    "_hours": HOURS,
    "_m": METRES,
    "_count": COUNT,
}


def unit_of_name(name: str) -> Unit | None:
    """Read the unit off the end of a name, as every name here that has one is written.

    >>> str(unit_of_name("record.amount_minor")), unit_of_name("attributes.weight")
    ('MINOR', None)
    """
    return next((unit for end, unit in _SUFFIXES.items() if name.endswith(end)), None)


def fits(left: Unit | None, right: Unit | None) -> bool:
    """Tell whether two numbers may be compared or added; what is not known (None) always may.

    A share is a plain number between 0 and 1, so the two go together.
    """
    if left is None or right is None or LITERAL in (left, right):
        return True
    return left == right or {left, right} == {NONE, SHARE}


def common(left: Unit | None, right: Unit | None) -> Unit | None:
    """Give the unit of a sum of two numbers that fit."""
    stated = [unit for unit in (left, right) if unit is not None and unit != LITERAL]
    if not stated:
        return None if None in (left, right) else LITERAL
    return NONE if NONE in stated else stated[0]


def times(left: Unit | None, right: Unit | None) -> Unit | None:
    """Give the unit of a product; a count or a share of something is that something."""
    if left is None or right is None:
        return None
    powers = _combined(left, right, 1)
    return Unit(powers) if powers else Unit(plain=_plain_product(left.plain, right.plain))


def over(left: Unit | None, right: Unit | None) -> Unit | None:
    """Give the unit of a quotient; like over like is a plain number."""
    if left is None or right is None:
        return None
    powers = _combined(left, right, -1)
    if powers or left.powers:
        return Unit(powers)
    if right == LITERAL:
        return left
    return left if right.plain != left.plain and left != LITERAL else NONE


def _combined(left: Unit, right: Unit, sign: int) -> tuple[tuple[str, int], ...]:
    powers = Counter(dict(left.powers))
    for name, power in right.powers:
        powers[name] += sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _plain_product(left: str, right: str) -> str:
    if "LITERAL" in (left, right):
        return right if left == "LITERAL" else left
    if "COUNT" in (left, right):
        return "COUNT"
    return "SHARE" if left == right == "SHARE" else "NONE"
