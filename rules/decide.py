"""The one pure function that decides: service, backtest, shadow, what-if and replay all call it."""

from features.order import Order
from features.times import from_us
from rules.court import Case, Court, StateView, court_of
from rules.decision import (
    Action,
    Decision,
    ExpectedCosts,
    Mode,
    Reroute,
    Versions,
    Wait,
)
from rules.policy import action_of_costs, action_of_rules, expected_costs
from rules.refresh import refreshed
from rules.repairs.offering import Offers, offers_of
from rules.repairs.part import Scene
from rules.rerouting import Here, rerouting
from rules.retry import History, retry_of
from rules.scorer import Scorer
from rules.sent_before import Guard, guard_of, guarded
from rules.stopping import stop_reason
from rules.terms import Terms
from rules.waiting import waiting

__all__ = ["StateView", "decide"]


def decide(
    order: Order,
    state: StateView | None,
    terms: Terms,
    as_of_us: int,
    past: History | None = None,
) -> Decision:
    """Advise on one order. Pure: the same inputs give the same bytes.

    `past` is all that is on record of its earlier submissions, its own attempts among them; where
    there is none, its own attempts are all that is known.
    Raises UnknownChannel, InvalidOrder for an attribute of another kind than the catalog says, or
    RuleError for a fact of the wrong kind.
    """
    court = court_of(terms, order.channel, as_of_us, is_stateless=state is None)
    facts = court.facts(order)
    case = court.hear(order, state.read(facts, as_of_us) if state is not None else {}, facts)
    retry = retry_of(order, terms.packs, as_of_us, past)
    guard = guard_of(retry, as_of_us)
    offers = _offers(case, court, state, guard)
    fix, repaired = offers.certain or (None, None)
    probabilities = court.probabilities(case)
    expected = _expected(case, repaired, probabilities, court)
    stopped = terms.holds.stopped(order.channel, as_of_us)
    wait = waiting(repaired or case, court, state, stopped)
    reroute = rerouting(
        Here(
            sent=order,
            case=repaired or case,
            fixed=() if fix is None else fix.patch,
            court=court,
            state=state,
            refused=None if expected is None else expected.probability,
            wait=wait,
            stop=stopped,
            retry=retry,
            is_repairable=bool(offers.tried),
        )
    )
    asked = _asked(case, offers, wait, reroute)
    priced = Action.SUBMIT if asked is Action.REROUTE else action_of_costs(expected)
    own = [] if stopped is None else [stop_reason(order.channel, stopped)]
    if guard is not None and not guard.is_told(case.findings.hits, asked):
        own.insert(0, guard.reason)
        wait, asked = guarded(wait, guard), max(asked, guard.action)
    return Decision(
        order_id=order.order_id,
        action=max(asked, priced),
        mode=_mode(state, terms.scorer),
        probabilities=probabilities,
        reasons=(*own, *court.judge.explain(case.findings)),
        missing=case.findings.missing,
        exempted=case.findings.exempted,
        paused=case.findings.paused,
        fix=fix,
        fix_candidates=offers.fixes,
        wait=wait,
        reroute=reroute,
        retry=retry,
        expected_costs=expected,
        costs=terms.costs,
        thresholds=terms.book.thresholds,
        versions=_versions(court),
        as_of=from_us(as_of_us),
        features=dict(case.features),
    )


def _asked(case: Case, offers: Offers[Case], wait: Wait | None, reroute: Reroute | None) -> Action:
    """Say what the rules ask, where time or another channel clears what fired."""
    cleared = set(() if wait is None else wait.codes)
    least = Action.SUBMIT if wait is None else Action.WAIT
    if reroute is not None and reroute.channel is not None:
        least = Action.REROUTE
        if not offers.tried:
            cleared.update(hit.code for hit in case.findings.blocks)
    repaired = offers.certain
    asked = action_of_rules(
        (hit.severity for hit in case.findings.hits if hit.code not in cleared),
        is_repairable=bool(offers.tried),
        is_cleared=repaired is not None and not repaired[1].findings.asks,
    )
    return max(least, asked)


def _offers(case: Case, court: Court, state: StateView | None, guard: Guard | None) -> Offers[Case]:
    """Offer repairs of what the rules found, each judged again in the same court.

    None while an earlier number is open: what was sent may not change before that is known.
    Where what changes is counted by (a payout of the same amount, say), the state is read anew.
    """
    if guard is not None and guard.forbids_changes:
        return Offers()

    def hear(order: Order) -> Case:
        facts = court.facts(order)
        features = refreshed(case.features, case.facts, facts, court.terms.book.catalog)
        heard = court.hear(order, features, facts)
        is_whole = case.features.keys() <= features.keys()
        if state is None or is_whole or heard.findings.blocks:
            return heard
        return court.hear(order, state.read(facts, court.as_of_us), facts)

    return offers_of(Scene(case.order, court.pack, court.as_of_us), case, hear)


def _expected(
    case: Case,
    repaired: Case | None,
    probabilities: dict[str, float],
    court: Court,
) -> ExpectedCosts | None:
    """Price the actions for the order that would be sent: as repaired, where that is certain."""
    costs = court.terms.costs
    if repaired is None:
        return expected_costs(costs, case.order.amount_minor, probabilities, after_fix=False)
    after = court.probabilities(repaired)
    return expected_costs(costs, repaired.order.amount_minor, after, after_fix=True)


def _versions(court: Court) -> Versions:
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
