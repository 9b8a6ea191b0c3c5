"""What one evaluation costs at most is known at load; what is too much is refused there."""

import re
import time

import pytest

from features.errors import ExpressionError
from features.expression import Names, compile_row, parse, walk
from features.expression.budget import MAX_DEPTH, MAX_MEMBERS, MAX_NODES, depth_of, nodes_of
from features.expression.syntax import Members
from features.kinds import Kind

SCOPE = Names({"a": Kind.NUMBER, "f": Kind.BOOLEAN})


def test_nodes_and_depth_are_counted() -> None:
    node = parse("a > 1 and not f and a in [1, 2]", SCOPE)
    assert (nodes_of(node), depth_of(node)) == (8, 3)


def test_a_tree_at_the_bound_is_read_and_one_node_more_refused() -> None:
    within = " or ".join(["f"] * (MAX_NODES - 1))
    assert nodes_of(parse(within, SCOPE)) == MAX_NODES
    with pytest.raises(ExpressionError, match=f"has {MAX_NODES + 1} nodes, at most {MAX_NODES}"):
        parse(f"{within} or f", SCOPE)


def test_a_nesting_at_the_bound_is_read_and_one_more_refused() -> None:
    def nested(depth: int) -> str:
        return "+".join(["a"] * (depth - 1)) + " > 1"

    assert depth_of(parse(nested(MAX_DEPTH), SCOPE)) == MAX_DEPTH
    with pytest.raises(ExpressionError, match="make a part of it a feature"):
        parse(nested(MAX_DEPTH + 1), SCOPE)


def test_a_set_at_the_bound_is_read_and_one_member_more_refused() -> None:
    numbers = tuple(float(number) for number in range(MAX_MEMBERS + 1))
    parse("a in channel.x", SCOPE, bound={"channel.x": Members(Kind.NUMBER, numbers[1:])})
    told = f"the set has {MAX_MEMBERS + 1} members, at most {MAX_MEMBERS} are read; use a list"
    with pytest.raises(ExpressionError, match=re.escape(told)):
        parse("a in channel.x", SCOPE, bound={"channel.x": Members(Kind.NUMBER, numbers)})


def _longest_of(piece: str, joint: str) -> str:
    text = piece
    while len(text) + len(joint) + len(piece) <= 4_000 and text.count(joint) < 58:
        text += joint + piece
    return text


@pytest.mark.parametrize(
    "text",
    [
        " or ".join(["f"] * 499),
        " and ".join(["not f"] * 245),
        " or ".join(["a > 1"] * 160),
        _longest_of("a", " * ") + " > 1",
        "not " * 57 + "f",
        "(" * 55 + "f" + ")" * 55,
        "f and (" * 29 + "f" + ")" * 29,
        "f and not (" * 19 + "f" + ")" * 19,
        f"a in [{', '.join(['1'] * 1_000)}]",
    ],
)
def test_whatever_is_read_is_compiled_and_answered_in_no_time(text: str) -> None:
    started = time.process_time()
    node = parse(text, SCOPE)
    row = {"a": 2.0, "f": True}
    assert compile_row(node)(row) == walk(node, row)
    assert time.process_time() - started < 2.0
