"""A condition that is written out says the same as the tree it was made from."""

import pytest

from features.expression import parse
from features.expression.syntax import Absent, In, Number, children
from rules.book import Rule, load_book
from rules.tree import changed, paths, with_children, written

BOOK = load_book()
RULES = pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.code)


@RULES
def test_what_is_written_parses_to_the_same_tree(rule: Rule) -> None:
    condition = rule.open_condition(BOOK.scope)
    absent = [node for _, node in paths(condition) if isinstance(node, Absent)]
    sets = [node.members for _, node in paths(condition) if isinstance(node, In)]
    open_names = [*absent, *(one for one in sets if isinstance(one, Absent))]
    bound = {one.name: one for one in open_names}
    assert parse(written(condition), BOOK.scope, bound=bound) == condition


@RULES
def test_a_node_with_its_own_operands_is_itself(rule: Rule) -> None:
    condition = rule.open_condition(BOOK.scope)
    for at, node in paths(condition):
        assert with_children(node, children(node)) == node
        assert changed(condition, at, lambda one: one) == condition


def test_only_the_node_at_the_path_changes() -> None:
    condition = parse("amount_minor > 1 and items.lines > 1", BOOK.scope)
    at = next(at for at, node in paths(condition) if node == Number(1.0))
    assert written(changed(condition, at, lambda _: Number(2.0))) == (
        "(amount_minor > 2) and (items.lines > 1)"
    )
