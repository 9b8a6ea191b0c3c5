"""Which explanation of a mismatch is likelier, where the diagnosis alone leaves it open."""

from collections.abc import Sequence

from features.mismatch.findings import Candidate, MismatchKind
from features.mismatch.sums import with_changes
from features.order import Credit, Order

_ROUND_COUPON_MINOR = 500
"""Coupons come in whole multiples of five major units; wrong prices rarely differ by one."""


def likeliest_first(order: Order, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Rank candidates: what the figures point at, then in the diagnosis' own order."""
    return tuple(sorted(candidates, key=lambda one: _place(order, one)))


def _place(order: Order, candidate: Candidate) -> int:
    """Give 0 or 1 to what leaves just this residue, which by chance hardly comes about; else 2."""
    alone = len(candidate.changes) == 1
    match candidate.kind:
        case MismatchKind.DISCOUNT_NOT_APPLIED | MismatchKind.CHARGE_NOT_APPLIED if alone:
            return 0
        case MismatchKind.DISCOUNT_NOT_SPREAD if order.discount_minor == 0:
            right = candidate.changes[0].proposed
            return 2 - (isinstance(right, int) and right % _ROUND_COUPON_MINOR == 0)
        case MismatchKind.PLAN if order.credit is not None:
            after = with_changes(order, candidate.changes).credit or order.credit
            return 2 - _keeps_fee(order, after) - _is_even(after)
    return 2


def _keeps_fee(order: Order, plan: Credit) -> bool:
    """Tell whether a plan comes to the amount and its fee."""
    fee = plan.plan_fee_minor
    return fee is not None and plan.plan_total_minor == order.amount_minor + fee


def _is_even(plan: Credit) -> bool:
    """Tell whether all payments are alike, but for what does not divide, in the first."""
    first, later = plan.first_pay_minor or 0, plan.later_pay_minor or 0
    return 0 <= first - later < (plan.instalments or 0)
