"""The second opinion: the same book evaluated by durable-rules, and live where it is chosen."""

from collections.abc import Iterator, Mapping

from features.expression.syntax import Node, names_in
from features.kinds import Kind, Value
from rules.bound import BoundBook
from rules.engines.durable_clause import (
    MOST_ALTERNATIVES,
    TooRichForDurable,
    alternatives_of,
    rules_of,
)
from rules.engines.durable_door import Ruleset
from rules.engines.durable_form import Form
from rules.engines.engine import Verdict
from rules.scope import check_kinds

_NOT = "not "
_ALTERNATIVE = "#"
_MOST_PROPERTIES = 180
"""2.0.28 refuses a fact of 255 properties with its error 302; each rule adds one question."""


class DurableEngine:
    """Answers what the compiled engine answers; raises SecondOpinionUnavailable or …Failed."""

    name = "durable"

    def __init__(self, book: BoundBook) -> None:
        self._kinds = book.kinds
        self._parts = [_Part(conditions, self._kinds) for conditions in _split(book.conditions)]

    def evaluate(self, row: Mapping[str, Value | None]) -> Verdict:
        """Evaluate every rule on one row; raises RuleError for a fact of the wrong kind."""
        check_kinds(row, self._kinds)
        verdicts = [part.evaluate(row) for part in self._parts]
        return Verdict(
            frozenset().union(*(verdict.hits for verdict in verdicts)),
            frozenset().union(*(verdict.missing for verdict in verdicts)),
        )


class _Part:
    """As much of a book as one ruleset holds.

    For each rule durable holds two conditions: what makes it true, and, asked only where an
    input is missing, what makes it false. A rule that is neither is missing.
    """

    def __init__(self, book: Mapping[str, Node], kinds: Mapping[str, Kind]) -> None:
        self._form = Form()
        self._flags: dict[str, frozenset[str]] = {}
        self._unknown: dict[str, bool] = {}
        conditions: dict[str, str] = {}
        for number, (code, node) in enumerate(book.items()):
            true, false, self._flags[code] = self._form.both(node)
            self._unknown[code] = not names_in(node) <= kinds.keys()
            for at, text in enumerate(rules_of(true)):
                conditions[f"{code}{_ALTERNATIVE}{at}"] = text
            for at, text in enumerate(rules_of(false)):
                question = f'{{"$and":[{{"q{number}":1.0}},{text}]}}'
                conditions[f"{_NOT}{code}{_ALTERNATIVE}{at}"] = question
        self._ruleset = Ruleset(conditions)

    def evaluate(self, row: Mapping[str, Value | None]) -> Verdict:
        body, absent = self._form.fact(row)
        asked = [self._unknown[code] or bool(flags & absent) for code, flags in self._flags.items()]
        questions = (f'"q{at}":{1.0 if one else 0.0}' for at, one in enumerate(asked))
        fired = {
            name.partition(_ALTERNATIVE)[0]
            for name in self._ruleset.fired(",".join([body, *questions]))
        }
        hits = frozenset(code for code in self._flags if code in fired)
        answered = hits | {code for code in self._flags if _NOT + code in fired}
        open_codes = [code for code, one in zip(self._flags, asked, strict=True) if one]
        return Verdict(hits, frozenset(open_codes) - answered)


def _split(conditions: Mapping[str, Node]) -> Iterator[dict[str, Node]]:
    """Cut a book into parts that stay below the library's limits; raises TooRichForDurable."""
    form, part, size = Form(), dict[str, Node](), 0
    for code, node in conditions.items():
        alone, count = _measured(Form(), node)
        if alone > _MOST_PROPERTIES or count > MOST_ALTERNATIVES:
            raise TooRichForDurable(
                f"{code} is too rich for durable-rules; make a part of it a feature"
            )
        properties, _ = _measured(form, node)
        if properties > _MOST_PROPERTIES or size + count > MOST_ALTERNATIVES:
            yield part
            form, part, size = Form(), {}, 0
            _measured(form, node)
        part[code], size = node, size + count
    if part:
        yield part


def _measured(form: Form, node: Node) -> tuple[int, int]:
    true, false, _ = form.both(node)
    return form.size, alternatives_of(true) + alternatives_of(false)
