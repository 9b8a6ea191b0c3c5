"""Counts what a rule book did with one scenario: by part, by cause and by rule."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rules.decision import Severity
from training.bench.book_play import Judged, Part
from training.bench.book_share import Actions, Share

LEAST_CAUGHT = 0.99
"""Target: of decidable faults, the share that is stopped or sent to repair, at least."""
MOST_TOUCHED = 0.001
"""Target: of clean orders, the share that is not submitted as it is, at most."""
_HOLDING = (Severity.BLOCK, Severity.CONFIRM)
_NO_FAULT = (Part.CLEAN, Part.DISPERSED)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule fired, and on what."""

    code: str
    severity: Severity
    hits: int
    faulty: int
    """Orders with a fault, or that were held up."""
    query_first: int
    """Orders whose earlier attempt is unresolved: neither right nor a false alarm."""
    false_alarms: int
    """Clean orders, those of honest senders to many places included."""

    @property
    def precision(self) -> Share:
        """Faulty ones of all hits but those to query first."""
        return Share(self.faulty, self.faulty + self.false_alarms)

    @property
    def holds(self) -> bool:
        """Whether a hit asks for more than a reason."""
        return self.severity in _HOLDING

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "hits": self.hits,
            "faulty": self.faulty,
            "query_first": self.query_first,
            "false_alarms": self.false_alarms,
            "precision": self.precision.as_json(),
        }


@dataclass(frozen=True, slots=True)
class BookCount:
    """What a book did with one scenario."""

    scenario: str
    parts: Mapping[Part, Actions]
    causes: Mapping[Part, Mapping[str, Actions]]
    """Of decidable and of probable orders, the most frequent first."""
    rules: tuple[RuleCount, ...]
    """Those that hold orders before those that only tell, then by false alarms."""

    @property
    def precision(self) -> Share:
        """Of orders held without a decidable fault, those that were held up after all."""
        right = self.parts[Part.PROBABLE].held.count
        return Share(right, right + sum(self.parts[part].held.count for part in _NO_FAULT))

    @property
    def catches_enough(self) -> bool:
        """Whether the share of decidable faults reaches its target; of none, it does."""
        share = self.parts[Part.DECIDABLE].certain.value
        return share is None or share >= LEAST_CAUGHT

    @property
    def touches_little(self) -> bool:
        """Whether the share of clean orders keeps to its target; of none, it does."""
        share = self.parts[Part.CLEAN].held.value
        return share is None or share <= MOST_TOUCHED

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "scenario": self.scenario,
            "parts": {str(part): actions.as_json() for part, actions in self.parts.items()},
            "causes": {
                str(part): {cause: actions.as_json() for cause, actions in found.items()}
                for part, found in self.causes.items()
            },
            "precision": self.precision.as_json(),
            "catches_enough": self.catches_enough,
            "touches_little": self.touches_little,
            "rules": [rule.as_json() for rule in self.rules],
        }


def count(scenario: str, orders: Iterable[Judged]) -> BookCount:
    """Count judged orders, each once."""
    parts = {part: Actions() for part in Part}
    causes: dict[Part, dict[str, Actions]] = {Part.DECIDABLE: {}, Part.PROBABLE: {}}
    hits: dict[tuple[str, Severity], Counter[Part]] = {}
    for order in orders:
        parts[order.part].add(order.action, is_put_off=order.is_put_off)
        if order.cause is not None and order.part in causes:
            of_cause = causes[order.part].setdefault(order.cause, Actions())
            of_cause.add(order.action, is_put_off=order.is_put_off)
        for rule in order.hits:
            hits.setdefault(rule, Counter())[order.part] += 1
    rules = [_rule_count(code, severity, found) for (code, severity), found in hits.items()]
    return BookCount(
        scenario,
        parts,
        {part: _most_first(found) for part, found in causes.items()},
        tuple(sorted(rules, key=lambda one: (not one.holds, -one.false_alarms, one.code))),
    )


def _rule_count(code: str, severity: Severity, found: Counter[Part]) -> RuleCount:
    false_alarms = sum(found[part] for part in _NO_FAULT)
    query_first = found[Part.QUERY_FIRST]
    faulty = found.total() - query_first - false_alarms
    return RuleCount(code, severity, found.total(), faulty, query_first, false_alarms)


def _most_first(causes: Mapping[str, Actions]) -> dict[str, Actions]:
    return dict(sorted(causes.items(), key=lambda one: (-one[1].orders, one[0])))
