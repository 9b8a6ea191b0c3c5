"""Where waiting is an honest way out: what a rule may say so, and why another may not."""

from collections.abc import Iterable

from features.outcome import OutcomeClass
from rules.decision import Basis, Severity
from rules.entries import RuleEntry

HOLDING = frozenset({Severity.BLOCK, Severity.CONFIRM, Severity.WARN})
"""Severities of which a hit is a reason not to send now."""
_OF_THE_ORDER_ITSELF = "calendar."


def why_no_wait(entry: RuleEntry, names: Iterable[str]) -> str | None:
    """Say why a rule that `waits` may not; None where it may. `names` are those it reads.

    To wait until risk control has forgotten is to pass it in disguise, and what a regulation
    says does not depend on who is patient.
    """
    if entry.waits is None:
        return None
    if entry.outcome_class is OutcomeClass.RISK_BLOCK:
        return "it foresees risk_block; waiting would pass risk control in disguise: take it out"
    if entry.basis is Basis.REGULATION:
        return "it stands on a regulation, which time does not clear: take it out"
    if entry.severity not in HOLDING:
        return f"its severity is {entry.severity}, which holds nothing: use warn, or take it out"
    own = sorted(name for name in names if name.startswith(_OF_THE_ORDER_ITSELF))
    if own:
        return (
            f"it reads {own[0]}, which is of the order's own time and never changes: use what "
            "changes, such as check.maintenance_left_seconds, or take it out"
        )
    return None
