"""The one pure function that decides: service, backtest, shadow, what-if and replay all call it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import jsonpatch
import msgspec

from features.facts import order_facts
from features.kinds import Value
from features.order import Order
from features.times import from_us
from rules.decision import Decision, ExpectedCosts, Fix, Mode, Versions
from rules.entries import Repair
from rules.judge import Findings, Judge, judge_of
from rules.pack_facts import check_facts
from rules.packs import Pack
from rules.policy import action_of_costs, action_of_rules, expected_costs
from rules.refresh import refreshed
from rules.repair import patched, proposals
from rules.retry import retry_of
from rules.scorer import Scorer
from rules.terms import Terms

_Row = Mapping[str, Value]


class StateView(Protocol):
    """What was known of the order's entities; `decide` reads it exactly once."""

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Compute the features of an order; missing ones are absent. Changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class _Case:
    """One order as it is judged: as sent, or as repaired."""

    order: Order
    facts: Mapping[str, Value]
    features: Mapping[str, Value]
    findings: Findings


@dataclass(frozen=True, slots=True)
class _Court:
    """Everything that stays the same while one order and its repairs are judged."""

    terms: Terms
    pack: Pack
    judge: Judge
    is_stateless: bool
    as_of_us: int

    def facts(self, order: Order) -> _Row:
        """Give all that the order itself says, as the book's catalog means it."""
        return self.terms.book.facts.complete(order_facts(order))

    def hear(self, order: Order, features: _Row, facts: _Row) -> _Case:
        checks = check_facts(facts, self.pack, order, self.as_of_us)
        known = {**facts, **features, **checks}
        findings = self.judge.find(known, self.terms.lists, self.as_of_us)
        return _Case(order, facts, features, findings)

    def probabilities(self, case: _Case) -> dict[str, float]:
        """Ask the model; without state it sees the facts of the order alone."""
        scorer = self.terms.scorer
        if scorer is None:
            return {}
        return scorer.probabilities(case.facts if self.is_stateless else case.features)


def decide(order: Order, state: StateView | None, terms: Terms, as_of_us: int) -> Decision:
    """Advise on one order. Pure: the same inputs give the same bytes.

    Raises UnknownChannel, InvalidOrder for an attribute of another kind than the catalog says, or
    RuleError for a fact of the wrong kind.
    """
    pack = terms.packs[order.channel].at(as_of_us)
    judge = judge_of(terms.book, pack, terms.engine)
    court = _Court(terms, pack, judge, state is None, as_of_us)
    facts = court.facts(order)
    case = court.hear(order, state.read(facts, as_of_us) if state is not None else {}, facts)
    repaired = _repairs(case, court)
    fix = _certain(tuple(repaired))
    probabilities = court.probabilities(case)
    expected = _expected(case, repaired.get(fix) if fix else None, probabilities, court)
    asked = action_of_rules((hit.severity for hit in case.findings.hits), bool(repaired))
    return Decision(
        order_id=order.order_id,
        action=max(asked, action_of_costs(expected)),
        mode=_mode(state, terms.scorer),
        probabilities=probabilities,
        reasons=court.judge.explain(case.findings),
        missing=case.findings.missing,
        exempted=case.findings.exempted,
        fix=fix,
        fix_candidates=tuple(repaired),
        wait=None,
        reroute=None,
        retry=retry_of(order, pack),
        expected_costs=expected,
        costs=terms.costs,
        thresholds=terms.book.thresholds,
        versions=_versions(court),
        as_of=from_us(as_of_us),
        features=dict(case.features),
    )


def _repairs(case: _Case, court: _Court) -> dict[Fix, _Case]:
    """Give each proposed repair after which no rule blocks, with the case that it makes.

    Every blocking rule must name the repair itself, so that a further rule can only take
    repairs away.
    """
    offered: dict[Fix, _Case] = {}
    for fix in proposals(case.order, _common_repairs(case.findings)):
        try:
            order = patched(case.order, fix)
        except (jsonpatch.JsonPatchException, msgspec.ValidationError):
            continue  # the result would be no valid order, so this is no repair
        facts = court.facts(order)
        features = refreshed(case.features, case.facts, facts, court.terms.book.catalog)
        retried = court.hear(order, features, facts)
        if not retried.findings.blocks:
            offered[fix] = retried
    return offered


def _common_repairs(findings: Findings) -> frozenset[Repair]:
    named = [frozenset(hit.fix.repairs if hit.fix else ()) for hit in findings.blocks]
    return frozenset.intersection(*named) if named else frozenset()


def _certain(fixes: tuple[Fix, ...]) -> Fix | None:
    return fixes[0] if len(fixes) == 1 and fixes[0].certain else None


def _expected(
    case: _Case,
    repaired: _Case | None,
    probabilities: dict[str, float],
    court: _Court,
) -> ExpectedCosts | None:
    """Price the actions for the order that would be sent: as repaired, where that is certain."""
    costs = court.terms.costs
    if repaired is None:
        return expected_costs(costs, case.order.amount_minor, probabilities, after_fix=False)
    after = court.probabilities(repaired)
    return expected_costs(costs, repaired.order.amount_minor, after, after_fix=True)


def _versions(court: _Court) -> Versions:
    terms, scorer = court.terms, court.terms.scorer
    return Versions(
        book=terms.book.version,
        pack=court.pack.version,
        model=scorer.version if scorer is not None else None,
        schema_hash=scorer.schema_hash if scorer is not None else None,
        engine=court.judge.engine.name,
        lists=terms.lists.versions(court.judge.book.lists),
        routes=terms.routes_version,
        holds=terms.holds_version,
    )


def _mode(state: StateView | None, scorer: Scorer | None) -> Mode:
    match state is None, scorer is None:
        case False, False:
            return Mode.FULL
        case False, True:
            return Mode.RULES_ONLY
        case True, False:
            return Mode.STATELESS
        case _:
            return Mode.STATELESS_RULES_ONLY
