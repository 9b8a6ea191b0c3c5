"""Membership in a list is one boolean fact, which every engine reads."""

import pytest

from features.errors import ExpressionError
from features.expression import Names, parse, walk
from features.expression.lists import Membership, memberships_of
from features.expression.syntax import Name, Not
from features.kinds import Kind

SCOPE = Names(
    {"buyer.id": Kind.TEXT, "amount_minor": Kind.NUMBER, "restricted": Kind.BOOLEAN},
    lists=("blocked_buyers", "known_buyers"),
)


def test_a_membership_reads_one_boolean() -> None:
    node = parse("buyer.id in list.blocked_buyers", SCOPE)
    assert node == Name("list.blocked_buyers:buyer.id", Kind.BOOLEAN)
    assert walk(node, {"list.blocked_buyers:buyer.id": True}) is True
    assert walk(node, {"buyer.id": "B1"}) is None


def test_a_membership_can_be_denied_and_joined() -> None:
    denied = parse("buyer.id not in list.known_buyers", SCOPE)
    assert denied == Not(Name("list.known_buyers:buyer.id", Kind.BOOLEAN))
    joined = parse("not buyer.id in list.known_buyers and amount_minor > 1", SCOPE)
    assert walk(joined, {"list.known_buyers:buyer.id": False, "amount_minor": 2}) is True


def test_the_questions_of_a_tree_are_told_once_each() -> None:
    text = "buyer.id in list.blocked_buyers or restricted and buyer.id in list.blocked_buyers"
    asked = memberships_of(parse(f"{text} or buyer.id in list.known_buyers", SCOPE))
    assert asked == (
        Membership("blocked_buyers", "buyer.id"),
        Membership("known_buyers", "buyer.id"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("buyer.id in list.blocked_buyer", "no such list. Did you mean 'blocked_buyers'?"),
        ("buyer.id in list.zzz", "Lists: blocked_buyers, known_buyers"),
        ("amount_minor in list.blocked_buyers", "a list holds texts"),
        ("'x' in list.blocked_buyers", "a list holds texts"),
        ("list.blocked_buyers", "a list stands only after 'in'"),
        ("list.blocked_buyers == 'x'", "a list stands only after 'in'"),
        ("buyer.id in list.blocked_buyers:x", "not part of the language"),
        ("buyer.id in blocked_buyers", "Did you mean 'list.blocked_buyers'?"),
    ],
)
def test_a_question_to_no_list_is_refused(text: str, told: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, SCOPE)
    assert told in str(caught.value)


def test_without_any_list_the_error_says_so() -> None:
    with pytest.raises(ExpressionError, match=r"no such list\. There is no list yet"):
        parse("buyer.id in list.blocked", Names({"buyer.id": Kind.TEXT}))
