"""The policy: the stricter of what the rules ask and what the merchant's costs make cheapest."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from rules.costs import Costs
from rules.decision import Action, ExpectedCosts, Severity

OVERALL_HEAD = "refused"
CLASS_HEADS = ("risk_block", "validation", "limit", "account_state")
"""Heads that stand in for `refused` where a model has none. `fraud` is measured, never used."""


def action_of_rules(
    severities: Iterable[Severity], is_repairable: bool, is_cleared: bool = False
) -> Action:
    """Say what the rules that fired ask for.

    `is_repairable`: some repair leaves no block. `is_cleared`: a certain one leaves neither a
    block nor anything to confirm.
    """
    asked = (_asked(one, is_repairable or is_cleared, is_cleared) for one in severities)
    return max(asked, default=Action.SUBMIT)


def expected_costs(
    costs: Costs, amount_minor: int, probabilities: Mapping[str, float], *, after_fix: bool
) -> ExpectedCosts | None:
    """Price each action in minor units; None without a head that foresees a refusal.

    Without `refused`, the likeliest class stands for it: a lower bound of the truth.
    """
    heads = [OVERALL_HEAD] if OVERALL_HEAD in probabilities else CLASS_HEADS
    known = [head for head in heads if head in probabilities]
    if not known:
        return None
    head = max(known, key=lambda one: probabilities[one])
    refused = probabilities[head]
    loss = costs.refused_minor + costs.refused_share * amount_minor
    return ExpectedCosts(
        head=head,
        probability=refused,
        after_fix=after_fix,
        submit_minor=refused * loss,
        review_minor=costs.review_minor
        + costs.review_share * amount_minor
        + refused * (1 - costs.review_catches) * loss,
        stop_minor=(1 - refused) * (costs.stopped_minor + costs.stopped_share * amount_minor),
    )


def action_of_costs(expected: ExpectedCosts | None) -> Action:
    """Choose the cheapest action; of equally cheap ones the mildest."""
    if expected is None:
        return Action.SUBMIT
    priced = (
        (expected.submit_minor, Action.SUBMIT),
        (expected.review_minor, Action.REVIEW),
        (expected.stop_minor, Action.STOP),
    )
    return min(priced)[1]


def _asked(severity: Severity, is_repairable: bool, is_cleared: bool) -> Action:
    match severity:
        case Severity.BLOCK:
            return Action.FIX if is_repairable else Action.STOP
        case Severity.CONFIRM:
            return Action.FIX if is_cleared else Action.REVIEW
        case Severity.WARN | Severity.INFO | Severity.SCORE:
            return Action.SUBMIT
        case _:
            assert_never(severity)
