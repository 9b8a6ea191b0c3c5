"""Seeded books for every engine: the same rules, written in the language of each."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.expression import Names, parse
from features.kinds import Kind
from rules.bound import BoundBook

MOST_COMPARISONS = 3
ALTERNATIVES_SHARE = 0.2
"""How many rules of a seeded book have two alternatives, joined by `or`."""
_QUANTILES = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A feature against a number."""

    name: str
    operator: str
    value: float


@dataclass(frozen=True, slots=True)
class SeededRule:
    """Alternatives, each of them comparisons that must all hold."""

    code: str
    alternatives: tuple[tuple[Comparison, ...], ...]

    def text(self, conjunction: str = "and", disjunction: str = "or") -> str:
        """Write it as most languages do; numbers carry a decimal point."""
        joined = [f" {conjunction} ".join(map(_text, one)) for one in self.alternatives]
        return f" {disjunction} ".join(f"({one})" for one in joined)


def _text(comparison: Comparison) -> str:
    return f"{comparison.name} {comparison.operator} {comparison.value!r}"


def seeded_rules(
    count: int, columns: Mapping[str, Sequence[float]], seed: int
) -> tuple[SeededRule, ...]:
    """Draw rules over columns; thresholds are quantiles of the columns, so that some fire."""
    chance = random.Random(seed)
    ordered = {name: sorted(values) for name, values in columns.items()}
    return tuple(_rule(f"R{number}", ordered, chance) for number in range(count))


def _rule(code: str, columns: Mapping[str, Sequence[float]], chance: random.Random) -> SeededRule:
    names = list(columns)
    alternatives = 2 if chance.random() < ALTERNATIVES_SHARE else 1
    return SeededRule(
        code,
        tuple(
            tuple(
                _comparison(name, columns[name], chance)
                for name in chance.sample(names, chance.randint(1, MOST_COMPARISONS))
            )
            for _ in range(alternatives)
        ),
    )


def _comparison(name: str, ordered: Sequence[float], chance: random.Random) -> Comparison:
    at = chance.choice(_QUANTILES)
    value = ordered[min(int(at * len(ordered)), len(ordered) - 1)]
    return Comparison(name, chance.choice([">", ">=", "<"] if at < 0.9 else [">", ">="]), value)


def bound_book(rules: Sequence[SeededRule]) -> BoundBook:
    """Bind a seeded book as a shipped one is bound."""
    names = Names({one.name: Kind.NUMBER for rule in rules for part in rule.alternatives
                   for one in part})  # fmt: skip
    nodes = {rule.code: parse(rule.text(), names) for rule in rules}
    return BoundBook("seeded", {}, nodes)
