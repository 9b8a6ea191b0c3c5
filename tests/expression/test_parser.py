"""What the language refuses, and how it says so."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import ExpressionError
from features.expression import Names, Place, kind_of, names_in, parse
from features.expression.syntax import Absent, Bound, Members, Number
from features.kinds import Kind

SCOPE = Names(
    {
        "amount_minor": Kind.NUMBER,
        "card_orders_1h": Kind.NUMBER,
        "state": Kind.TEXT,
        "restricted": Kind.BOOLEAN,
        "placed_at": Kind.INSTANT,
        "registered_at": Kind.INSTANT,
        "attributes.Card_Type": Kind.TEXT,
    }
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("card_order_1h > 3", "line 1, column 1, at 'card_order_1h': no such name here. Did you"),
        ("amount_minor >", "line 1, column 15, at the end: expected a value here"),
        ("amount_minor > 1 2", "column 18, at '2': expected an operator or the end"),
        ("amount_minor = 1", "at '=': equality is written '=='"),
        ("1 < amount_minor < 3", "at '<': comparisons do not chain"),
        ("amount_minor is missing is missing", "comparisons do not chain"),
        ("state > 'a'", ["orders two numbers or two instants", " not text and number"][0]),
        ("state == 1", "compares two values of one kind, not text and number"),
        ("amount_minor == true", "not number and boolean"),
        ("amount_minor and restricted", "'and' takes a boolean, not a number"),
        ("not amount_minor", "'not' takes a boolean"),
        ("state in [1, 2]", "'in' looks for a text in a set of number"),
        ("state in [1, 'a']", "numbers, or texts, not both"),
        ("state in []", "a set holds numbers or texts"),
        ("amount_minor in [amount_minor]", "a set holds numbers or texts"),
        ("placed_at + registered_at > 1", "takes two numbers (or '-' two instants)"),
        ("sqrt(amount_minor) > 1", "no such function"),
        ("maxx(amount_minor, 1) > 1", "Did you mean 'max'?"),
        ("abs(amount_minor, 1) > 1", "abs() takes 1 arguments, not 2"),
        ("(amount_minor > 1) == restricted", "compares a boolean name with true or false only"),
        ("amount_minor + 1 is missing", "only a name is missing or present"),
        ("amount_minor is absent", "expected 'missing' or 'present'"),
        ("amount_minor between 1", "expected 'and' here"),
        ("state not like 'x'", "expected 'in' or 'between'"),
        ("state == 'open", "no closing quote"),
        ("amount_minor ; 1", "not part of the language"),
        ("amount_minor > " + "9" * 400, "this number is too large"),
        ("__import__('os')", "no such function"),
        ("state.__class__ == 'x'", "no such name"),
        ("", "at the end: expected a value"),
    ],
)
def test_an_error_names_the_place_the_piece_and_the_way_out(text: str, told: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(told)):
        parse(text, SCOPE)


def test_a_place_inside_a_file_is_counted_from_there() -> None:
    with pytest.raises(ExpressionError, match=r"amounts\.yaml, line 12, column 4, at 'stat'"):
        parse("state == 'a'\nor stat == 'b'", SCOPE, place=Place("amounts.yaml", 11, 7))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2_000 + "1",
        "-" * 3_000 + "1 > 0",
        "not " * 900 + "restricted",
        "+".join(["amount_minor"] * 300) + " > 1",
        "abs(" * 900 + "1",
    ],
)
def test_deep_nesting_is_an_error_and_no_recursion(text: str) -> None:
    with pytest.raises(ExpressionError, match="nested deeper than 60 levels"):
        parse(text, SCOPE)


def test_a_long_chain_is_not_deep() -> None:
    parse(" or ".join(["amount_minor > 1"] * 150), SCOPE)


def test_an_expression_has_a_longest_length() -> None:
    with pytest.raises(ExpressionError, match="at most 4000 are read"):
        parse("1" * 4_001, SCOPE)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_an_expression_error(text: str) -> None:
    try:
        node = parse(text, SCOPE)
    except ExpressionError:
        return
    assert kind_of(node) in Kind


_PIECES = ["amount_minor", "state", "(", ")", "and", "or", "not", "in", "[", "]", ",", "1", "'a'"]


@given(st.lists(st.sampled_from([*_PIECES, "<", "==", "-", "is", "missing", "between", "abs"])))
def test_any_order_of_pieces_is_read_or_refused(pieces: list[str]) -> None:
    try:
        node = parse(" ".join(pieces), SCOPE)
    except ExpressionError:
        return
    assert kind_of(node) in Kind


def test_names_and_kinds_of_a_tree_are_told() -> None:
    node = parse("attributes.Card_Type == 'x' and placed_at - registered_at < 60", SCOPE)
    assert names_in(node) == {"attributes.Card_Type", "placed_at", "registered_at"}
    assert kind_of(node) is Kind.BOOLEAN


def test_bound_names_become_constants() -> None:
    bound: dict[str, Bound] = {
        "threshold.n": Number(3.0),
        "channel.plans": Members(Kind.NUMBER, (3.0,)),
    }
    node = parse("amount_minor > threshold.n and amount_minor in channel.plans", SCOPE, bound=bound)
    assert names_in(node) == {"amount_minor"}


def test_a_bound_set_stands_only_after_in() -> None:
    bound = {"channel.plans": Members(Kind.NUMBER, (3.0,))}
    with pytest.raises(ExpressionError, match="it stands only after 'in'"):
        parse("amount_minor == channel.plans", SCOPE, bound=bound)
    with pytest.raises(ExpressionError, match=r"Did you mean 'channel\.plans'"):
        parse("amount_minor in channel.plan", SCOPE, bound=bound)


def test_an_unknown_constant_is_still_type_checked() -> None:
    bound = {"channel.plans": Absent("channel.plans", Kind.NUMBER)}
    parse("amount_minor in channel.plans", SCOPE, bound=bound)
    with pytest.raises(ExpressionError, match="looks for a text in a set of number"):
        parse("state in channel.plans", SCOPE, bound=bound)
