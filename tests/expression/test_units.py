"""Money is never compared with seconds: what has a unit, and what arithmetic makes of it."""

import re

import pytest

from features.errors import ExpressionError
from features.expression import Names, Place, parse, unit_of
from features.expression.syntax import Absent, Bound, Members, Number
from features.kinds import Kind
from features.units import (
    COUNT,
    HOURS,
    LITERAL,
    METRES,
    MINOR,
    MINUTES,
    NONE,
    SECONDS,
    SHARE,
    UNITS,
    Unit,
    common,
    fits,
)

UNIT_OF = {
    "amount_minor": MINOR,
    "limit_minor": MINOR,
    "age_seconds": SECONDS,
    "minutes_left": MINUTES,
    "hours_left": HOURS,
    "distance_m": METRES,
    "orders_1h": COUNT,
    "lines": COUNT,
    "refused_rate": SHARE,
    "ratio": NONE,
}
SCOPE = Names(
    {
        **dict.fromkeys(UNIT_OF, Kind.NUMBER),
        "attributes.weight": Kind.NUMBER,
        "placed_at": Kind.INSTANT,
        "registered_at": Kind.INSTANT,
    },
    {**UNIT_OF, "channel.max_minor": MINOR, "channel.plans": COUNT},
)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("amount_minor", MINOR),
        ("amount_minor + 100", MINOR),
        ("100 - amount_minor", MINOR),
        ("-amount_minor * 100", MINOR),
        ("amount_minor * refused_rate", MINOR),
        ("lines * amount_minor", MINOR),
        ("amount_minor / lines", MINOR),
        ("amount_minor / limit_minor", NONE),
        ("amount_minor / limit_minor * limit_minor", MINOR),
        ("lines / orders_1h", NONE),
        ("lines / 2", COUNT),
        ("refused_rate / 2", SHARE),
        ("2 / lines", NONE),
        ("lines * ratio", COUNT),
        ("refused_rate * refused_rate", SHARE),
        ("refused_rate + ratio", NONE),
        ("placed_at - registered_at", SECONDS),
        ("(placed_at - registered_at) / 60", SECONDS),
        ("abs(amount_minor - limit_minor)", MINOR),
        ("min(amount_minor, 5, limit_minor)", MINOR),
        ("log1p(amount_minor)", NONE),
        ("2 * 50", LITERAL),
        ("attributes.weight", None),
        ("attributes.weight * amount_minor", None),
        ("attributes.weight + amount_minor", MINOR),
        ("amount_minor / age_seconds", Unit((("MINOR", 1), ("SECONDS", -1)))),
        ("amount_minor / age_seconds * age_seconds", MINOR),
    ],
)
def test_arithmetic_gives_a_unit(text: str, unit: Unit | None) -> None:
    assert unit_of(parse(text, SCOPE)) == unit


@pytest.mark.parametrize(
    "text",
    [
        "amount_minor > 100_000",
        "amount_minor in [100, 200]",
        "amount_minor between 1 and limit_minor",
        "age_seconds < 60 * 60",
        "placed_at - registered_at < age_seconds",
        "refused_rate >= amount_minor / limit_minor",
        "amount_minor / age_seconds > limit_minor / 60 / age_seconds",
        "attributes.weight > amount_minor and attributes.weight > age_seconds",
        "placed_at > registered_at",
    ],
)
def test_like_is_compared_with_like(text: str) -> None:
    parse(text, SCOPE)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("amount_minor > age_seconds", "column 14, at '>': '>' sets amount_minor in MINOR beside"),
        ("amount_minor > age_seconds", "beside age_seconds in SECONDS; convert one of them"),
        ("amount_minor == orders_1h", "amount_minor in MINOR beside orders_1h in COUNT"),
        ("amount_minor + age_seconds > 1", "'+' sets amount_minor in MINOR beside age_seconds"),
        ("age_seconds < minutes_left", "age_seconds in SECONDS beside minutes_left in MINUTES"),
        ("hours_left < minutes_left", "hours_left in HOURS beside minutes_left in MINUTES"),
        ("orders_1h > refused_rate", "orders_1h in COUNT beside refused_rate in SHARE"),
        ("amount_minor > amount_minor / limit_minor", "an expression of amount_minor, limit_minor"),
        ("age_seconds between 1 and limit_minor", "'between' sets age_seconds in SECONDS beside"),
        ("1 between age_seconds and limit_minor", "age_seconds in SECONDS beside limit_minor"),
        ("min(1, amount_minor, lines) > 1", "min() sets amount_minor in MINOR beside lines"),
        ("max(amount_minor, attributes.weight, lines) > 1", "amount_minor in MINOR beside lines"),
        ("placed_at - registered_at > amount_minor", "in SECONDS beside amount_minor in MINOR"),
        ("placed_at - registered_at > hours_left", "in SECONDS beside hours_left in HOURS"),
        ("amount_minor * limit_minor > amount_minor", "in MINOR^2 beside amount_minor in MINOR"),
        ("amount_minor > log1p(limit_minor)", "in MINOR beside an expression of limit_minor in N"),
        ("2 / age_seconds > age_seconds", "in 1/SECONDS beside age_seconds in SECONDS"),
        ("amount_minor > channel.max_seconds", "beside channel.max_seconds in SECONDS"),
        ("age_seconds > channel.max_minor", "beside channel.max_minor in MINOR"),
        ("age_seconds > threshold.most", "beside threshold.most in MINOR"),
        ("amount_minor in channel.plans", "'in' sets amount_minor in MINOR beside channel.plans"),
        ("amount_minor in channel.terms", "beside channel.terms in COUNT"),
    ],
)
def test_unlike_is_refused_with_both_units(text: str, told: str) -> None:
    bound: dict[str, Bound] = {
        "threshold.most": Number(5.0, MINOR),
        "channel.max_seconds": Absent("channel.max_seconds", Kind.NUMBER, SECONDS),
        "channel.max_minor": Number(5.0),
        "channel.plans": Members(Kind.NUMBER, (3.0,)),
        "channel.terms": Absent("channel.terms", Kind.NUMBER, COUNT),
    }
    with pytest.raises(ExpressionError, match=re.escape(told)):
        parse(text, SCOPE, place=Place("amounts.yaml"), bound=bound)


def test_a_mismatch_names_file_line_and_column() -> None:
    with pytest.raises(ExpressionError, match=r"amounts\.yaml, line 13, column 11, at '<': '<'"):
        parse(
            "amount_minor > 1\nand lines <  amount_minor", SCOPE, place=Place("amounts.yaml", 12, 7)
        )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_constant_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ExpressionError, match="this number is not finite"):
        parse("amount_minor > threshold.x", SCOPE, bound={"threshold.x": Number(value)})
    with pytest.raises(ExpressionError, match="of this set is not finite"):
        parse("lines in channel.x", SCOPE, bound={"channel.x": Members(Kind.NUMBER, (value,))})


def test_whatever_fits_fits_both_ways_and_has_a_common_unit() -> None:
    units = [*UNITS.values(), LITERAL, None]
    for left in units:
        for right in units:
            assert fits(left, right) == fits(right, left)
            if fits(left, right):
                assert common(left, right) == common(right, left)


def test_the_closed_set_is_named_as_it_is_written() -> None:
    assert {name: str(unit) for name, unit in UNITS.items()} == {name: name for name in UNITS}
