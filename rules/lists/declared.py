"""The lists that a book says it asks: it loads on a machine that has none of them."""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from features.errors import RuleError
from features.expression.lists import Membership
from rules.decision import Basis, Text
from rules.lists.holdings import WORDS, ListKind, holding_of
from rules.lists.kept import check_nature
from rules.lists.lists import FORBIDDEN_WORDS_LIST, Lists, check_exempt


class ListUse(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list that conditions of a book ask: what it is for, and which fact it holds."""

    kind: Literal["block", "allow"]
    fact: str
    title: Text | None = None


def check_declared(name: str, use: ListUse) -> None:
    """Refuse a list that could not be; raises RuleError without a place."""
    check_nature(name, ListKind(use.kind), use.fact, ())
    if (name == FORBIDDEN_WORDS_LIST) != (use.fact == WORDS):
        raise RuleError(
            f"list {name} holds {use.fact}; words are in the list {FORBIDDEN_WORDS_LIST} alone, "
            "which check.forbidden_words reads"
        )


def check_asked(asked: Iterable[Membership], uses: Mapping[str, ListUse]) -> None:
    """Refuse to look for one thing in a list of another; raises RuleError without a place."""
    for question in asked:
        use = uses[question.list_name]
        facts = holding_of(use.fact).facts
        if question.operand not in facts:
            answers = f"ask it for {', '.join(sorted(facts))}" if facts else "ask no fact of it"
            raise RuleError(
                f"list.{question.list_name} holds {use.fact}, so {question.operand} is never in "
                f"it; {answers}"
            )


def check_lists(lists: Lists, uses: Mapping[str, ListUse], bases: Mapping[str, Basis]) -> None:
    """Hold the lists of a machine to a book; raises RuleError naming list, book and way out.

    `bases` gives what each rule of the book stands on, by code.
    """
    for named in lists.exempt:
        check_exempt(named.head, bases)
    check_uses(lists, uses)


def check_uses(lists: Lists, uses: Mapping[str, ListUse]) -> None:
    """Hold the lists of a machine to what a book says of them; raises RuleError."""
    for name, named in lists.by_name.items():
        head = named.head
        use = uses.get(name, _KNOWN_TO_ALL.get(name))
        if use is None:
            continue
        if head.kind != use.kind or holding_of(head.fact) != holding_of(use.fact):
            raise RuleError(
                f"the book asks list {name} as a {use.kind} list of {use.fact}, but it is here a "
                f"{head.kind} list of {head.fact}; give one of them another name"
            )


_KNOWN_TO_ALL = {FORBIDDEN_WORDS_LIST: ListUse(kind="block", fact=WORDS)}
