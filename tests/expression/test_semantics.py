"""What an expression means, said by example."""

import pytest

from features.expression import Names, compile_row, parse, walk
from features.kinds import Kind, Value

KINDS = {
    "a": Kind.NUMBER,
    "b": Kind.NUMBER,
    "t": Kind.TEXT,
    "f": Kind.BOOLEAN,
    "g": Kind.BOOLEAN,
    "i": Kind.INSTANT,
    "j": Kind.INSTANT,
}


def answers(text: str, row: dict[str, Value | None]) -> Value | None:
    node = parse(text, Names(KINDS))
    walked, compiled = walk(node, row), compile_row(node)(row)
    assert walked == compiled
    assert (walked is None) == (compiled is None)
    return walked


@pytest.mark.parametrize(
    ("text", "row", "answer"),
    [
        ("a > 1", {}, None),
        ("a > 1", {"a": None}, None),
        ("a != 1", {}, None),
        ("f and g", {"f": False}, False),
        ("f and g", {"f": True}, None),
        ("f or g", {"f": True}, True),
        ("f or g", {"f": False}, None),
        ("not f", {}, None),
        ("a is missing", {}, True),
        ("a is present and a > 1", {}, False),
        ("a between 1 and 3", {"a": 3}, True),
        ("a between 1 and 3", {"a": 3.0001}, False),
        ("a not between 1 and b", {"a": 0}, True),
        ("a between 1 and b", {"a": 2}, None),
        ("t in ['x', 'y']", {"t": "y"}, True),
        ("t not in ['x']", {}, None),
        ("not (0 in [0]) or 1 < 2 and 'x' in ['x']", {}, True),
        ("1 is present and 'x' == 'x' and 2 between 1 and 3", {}, True),
        ("a in [3, -6]", {"a": -6}, True),
        ("a / b", {"a": 1, "b": 0}, None),
        ("a / b > 1 or a == 1", {"a": 1, "b": 0}, True),
        ("a * b", {"a": 1e300, "b": 1e300}, None),
        ("i - j", {"i": 90_000_000, "j": 0}, 90.0),
        ("i > j", {"i": 2, "j": 1}, True),
        ("abs(a) + max(a, b) - min(a, b)", {"a": -2, "b": 3}, 7.0),
        ("max(a, b)", {"a": 1}, None),
        ("log1p(a)", {"a": 0}, 0.0),
        ("log1p(a)", {"a": -1}, None),
        ("-a + 2 * 3", {"a": 1}, 5.0),
        ("(-a + 2) * 3", {"a": 1}, 3.0),
        ("1_000_000 == a", {"a": 10**6}, True),
        ("a == 1 or a == 2 and b == 3", {"a": 1, "b": 0}, True),
        ("not f or g", {"f": True, "g": True}, True),
        ("f == g", {"f": False, "g": False}, True),
        ("a == b", {"a": 10**12, "b": float(10**12)}, True),
    ],
)
def test_an_expression_means(text: str, row: dict[str, Value | None], answer: Value | None) -> None:
    assert answers(text, row) == answer


@pytest.mark.parametrize("odd", ["600", True, float("nan"), float("inf"), 10**400])
def test_what_is_no_finite_number_counts_as_missing(odd: Value) -> None:
    assert answers("a > 1", {"a": odd}) is None


def test_a_quote_in_a_text_stays_a_text() -> None:
    assert answers("""t == "'); hits.append('X')" """, {"t": "'); hits.append('X')"}) is True
