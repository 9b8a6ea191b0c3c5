"""What docs/engines.md says arrives computed is what durable-rules is really spared."""

import re
from pathlib import Path

import pytest

from features.expression import Names, parse
from features.expression.budget import MAX_DEPTH, MAX_MEMBERS, MAX_NODES
from features.expression.tokens import MAX_LENGTH
from features.kinds import Kind
from features.plain_yaml import MAX_CHARACTERS
from features.plain_yaml import MAX_DEPTH as MAX_YAML_DEPTH
from rules.bound import MAX_STEPS
from rules.engines.durable_clause import rules_of
from rules.engines.durable_form import Form

PAGE = (Path(__file__).parents[2] / "docs" / "engines.md").read_text("utf-8")
SCOPE = Names(
    {"a": Kind.NUMBER, "b": Kind.NUMBER, "t": Kind.TEXT, "u": Kind.TEXT, "i": Kind.INSTANT}
    | {"j": Kind.INSTANT, "f": Kind.BOOLEAN, "g": Kind.BOOLEAN},
    lists=("blocked",),
)


def in_durable(text: str) -> str:
    """Write what durable-rules gets for a condition."""
    true, _, _ = Form().both(parse(text, SCOPE))
    return " ".join(rules_of(true))


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a > b", ['"$gt":{"v0":{"$m":"v1"}}']),
        ("a <= 3", ['"$lte":{"v0":3.0}']),
        ("a + b > 1", ['{"$add":{"$l":{"$m":"v1"},"$r":{"$m":"v2"}}}', "$lt"]),
        ("a - b * 2 == 1", ["$sub", "$mul"]),
        ("t == u", ['{"v0":{"$m":"v1"}}']),
        ("t != 'x'", ['"$neq":{"v0":"t:x"}']),
        ("i > j", ['"$gt":{"v0":{"$m":"v1"}}']),
        ("f and not g", ['"$and"', '{"v0":true}', '{"v1":false}']),
        ("a > 1 or b > 1", ['"$or"']),
        ("a between 1 and 3", ["$gte", "$lte"]),
    ],
)
def test_durable_evaluates_this_itself(text: str, held: list[str]) -> None:
    written = in_durable(text)
    assert [one for one in held if one not in written] == []


@pytest.mark.parametrize(
    ("text", "arrives", "told"),
    [
        ("a in [3, 6]", '{"v0":true}', "membership in a written set"),
        ("t in list.blocked", '{"v0":true}', "membership in a **list**"),
        ("a is present", '{"k0":1.0}', "presence: `is missing`, `is present`"),
        ("a is missing", '{"k0":0.0}', "presence: `is missing`, `is present`"),
        ("abs(a) > 1", '{"$l":{"$m":"v0"},"$r":1.0}', "functions: `abs`, `min`, `max`, `log1p`"),
        (
            "a / b > 1",
            '{"$l":{"$m":"v0"},"$r":1.0}',
            "division, and with it the difference of two instants",
        ),
        (
            "i - j > 60",
            '{"$l":{"$m":"v0"},"$r":60.0}',
            "division, and with it the difference of two instants",
        ),
        ("a > 2 * 3", '"$gt":{"v0":6.0}', "arithmetic of literals alone"),
    ],
)
def test_this_arrives_computed_and_the_page_says_so(text: str, arrives: str, told: str) -> None:
    written = in_durable(text)
    assert arrives in written
    assert "v1" not in written  # one value, computed, stands for all that the condition reads
    assert told in PAGE


@pytest.mark.parametrize(
    ("words", "bound"),
    [
        ("characters of one expression", MAX_LENGTH),
        ("nodes of one expression", MAX_NODES),
        ("levels of nesting", MAX_DEPTH),
        ("members of one set", MAX_MEMBERS),
        ("nodes of a book, as one channel sees it", MAX_STEPS),
        ("one YAML file", MAX_CHARACTERS),
    ],
)
def test_the_page_names_the_bounds(words: str, bound: int) -> None:
    assert f"| {words} | {bound:,}" in PAGE


def test_the_page_names_the_depth_of_a_file() -> None:
    assert f"{MAX_YAML_DEPTH} levels, no tags, no aliases" in PAGE


def test_every_file_of_tests_that_the_page_names_is_there() -> None:
    for name in re.findall(r"test_\w+\.py", PAGE):
        assert Path(__file__).with_name(name).is_file(), name
