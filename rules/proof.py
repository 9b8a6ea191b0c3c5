"""The proof of a book: every rule's examples are run, and every channel it names exists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from features.errors import RuleError, suggest
from features.expression import walk
from features.expression.syntax import Bound, Node
from features.kinds import Value
from rules.book import Book, Rule
from rules.entries import Example
from rules.pack_facts import check_facts
from rules.pack_file import SET_FACTS, SINGLE_FACTS, PackFact
from rules.packs import Pack, Packs, bound_value
from rules.scope import check_kinds

_STATED = "in an example"
_DEFAULT_CHANNEL = "generic"


@dataclass(frozen=True, slots=True)
class Proof:
    """One example that was run."""

    code: str
    expected: bool
    answer: bool | None
    example: Example

    @property
    def holds(self) -> bool:
        """Tell whether the rule did what the example says; a missing answer does not fire."""
        return (self.answer is True) == self.expected


def check_book(book: Book, packs: Packs) -> tuple[Proof, ...]:
    """Run all examples; raises RuleError with file and line for the first that fails."""
    return tuple(proof for rule in book for proof in _check_rule(rule, book, packs))


def run_examples(rule: Rule, book: Book, packs: Packs) -> tuple[Proof, ...]:
    """Run one rule's examples, those that should fire first."""
    return tuple(
        Proof(rule.code, expected, answer_to(rule, example, book, packs), example)
        for example, expected in told(rule)
    )


def told(rule: Rule) -> tuple[tuple[Example, bool], ...]:
    """Give a rule's examples, each with whether it should fire."""
    examples = rule.entry.examples
    return (
        *((one, True) for one in examples.fires),
        *((one, False) for one in examples.passes),
    )


def answer_to(rule: Rule, example: Example, book: Book, packs: Packs) -> bool | None:
    """Ask the tree-walker whether a rule fires on an example; None where it cannot be told.

    Raises RuleError for an example that is no row of facts.
    """
    return prepared(rule, example, book, packs).answer()


@dataclass(frozen=True, slots=True)
class Prepared:
    """One example of a rule, ready to be evaluated: its condition, and the facts."""

    condition: Node
    facts: Mapping[str, Value]

    def answer(self, change: Callable[[Node], Node] | None = None) -> bool | None:
        """Evaluate the condition, or what a change makes of it."""
        node = self.condition if change is None else change(self.condition)
        answer = walk(node, self.facts)
        return answer if isinstance(answer, bool) else None


def prepared(rule: Rule, example: Example, book: Book, packs: Packs) -> Prepared:
    """Read an example as facts, and bind the rule's condition to its channel."""
    pack = _pack_of(rule, example, packs)
    facts = _facts_of(rule, example, pack, book)
    node = rule.condition(book.scope, {**pack.bindings, **_stated(rule, example)})
    return Prepared(node, {**check_facts(facts, pack), **facts})


def _check_rule(rule: Rule, book: Book, packs: Packs) -> tuple[Proof, ...]:
    for channel in rule.entry.channels:
        _pack_of(rule, {"channel": channel}, packs)
    proofs = run_examples(rule, book, packs)
    for proof in proofs:
        if not proof.holds:
            verb = "should fire but does not" if proof.expected else "should not fire but does"
            raise _error(rule, f"an example {verb}: {proof.example}")
        if proof.answer is None:
            raise _error(rule, f"an example leaves the rule without an answer: {proof.example}")
    return proofs


def _pack_of(rule: Rule, example: Example, packs: Packs) -> Pack:
    default = rule.entry.channels[0] if rule.entry.channels else _DEFAULT_CHANNEL
    stated = str(example.get("channel", default))
    if stated not in packs.names:
        raise _error(rule, f"no channel is named {stated!r}.{suggest(stated, packs.names)}")
    return packs[stated]


def _facts_of(rule: Rule, example: Example, pack: Pack, book: Book) -> Mapping[str, Value]:
    facts: dict[str, Value] = {"kind": rule.entry.kinds[0], "channel": pack.channel}
    for name, value in example.items():
        if name.startswith("channel.") or value is None:
            continue
        kind = book.scope.kind_of(name)
        if kind is None or isinstance(value, list):
            hint = suggest(name, book.scope.names())
            raise _error(rule, f"an example names {name!r}, which is no fact.{hint}")
        facts[name] = value
        try:
            check_kinds(facts, {name: kind})
        except RuleError as error:
            raise _error(rule, f"an example is no row of facts: {error}") from None
    return facts


def _stated(rule: Rule, example: Example) -> dict[str, Bound]:
    """Read an example's own values of a channel, such as `channel.max_amount_minor`."""
    stated = {name: value for name, value in example.items() if name.startswith("channel.")}
    known = [*SINGLE_FACTS, *SET_FACTS]
    for name in stated:
        if name.removeprefix("channel.") not in known:
            hint = suggest(name.removeprefix("channel."), known)
            raise _error(rule, f"an example names {name!r}, which is no fact of a channel.{hint}")
    return {
        name: bound_value(name.removeprefix("channel."), PackFact(source=_STATED, value=value))
        for name, value in stated.items()
    }


def _error(rule: Rule, problem: str) -> RuleError:
    return RuleError(f"{rule.place.file}, line {rule.place.line}: {rule.code}: {problem}")
