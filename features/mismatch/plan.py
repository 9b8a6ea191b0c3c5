"""A finding about an instalment plan: its payments do not come to its total."""

from collections.abc import Iterator

from features.amounts import plan_residue_minor
from features.mismatch.equation import Change
from features.mismatch.findings import About, Candidate, Finding, MismatchKind
from features.mismatch.ranking import ranked
from features.mismatch.sums import plan_equation
from features.order import MAX_MINOR, Credit

_MAX_INSTALMENTS = 120


def plan_finding(credit: Credit | None) -> Finding | None:
    """Hold the payments of an instalment plan against its total.

    Payments that are rounded each leave less than one minor unit by payment: no finding.
    """
    residue = plan_residue_minor(credit)
    if credit is None or not residue or abs(residue) < (credit.instalments or 0):
        return None
    sums = (plan_equation(credit),)
    candidates = [
        Candidate(MismatchKind.PLAN, (change,), certain=False, sums=sums)
        for change in _plan_changes(credit, residue)
    ]
    return Finding(About.PLAN, residue, ranked(candidates))


def _plan_changes(credit: Credit, residue: int) -> Iterator[Change]:
    total, first = credit.plan_total_minor or 0, credit.first_pay_minor or 0
    later, n = credit.later_pay_minor or 0, credit.instalments or 1
    if total + residue <= MAX_MINOR:
        yield Change("/credit/plan_total_minor", total, total + residue)
    if 0 <= first - residue <= MAX_MINOR:
        yield Change("/credit/first_pay_minor", first, first - residue)
    if n > 1 and residue % (n - 1) == 0 and 0 <= later - residue // (n - 1) <= MAX_MINOR:
        yield Change("/credit/later_pay_minor", later, later - residue // (n - 1))
    if later and residue % later == 0 and 1 <= n - residue // later <= _MAX_INSTALMENTS:
        yield Change("/credit/instalments", n, n - residue // later)
