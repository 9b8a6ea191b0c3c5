"""Which candidate is likelier: by the kind of mistake, then by how little it moves."""

from collections.abc import Sequence

from features.amounts import SLIP
from features.mismatch.equation import Change
from features.mismatch.findings import RANK, Candidate, MismatchKind


def ranked(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Sort candidates, the likeliest first."""
    if len(candidates) < 2:
        return tuple(candidates)
    return tuple(sorted(candidates, key=lambda one: (_rank(one), _size(one))))


def _rank(candidate: Candidate) -> int:
    """Rank by kind; a coupon or a freight in odd fen is unlikely and comes late."""
    charge = candidate.changes[0].proposed if len(candidate.changes) == 1 else None
    is_charge = candidate.kind in (MismatchKind.DISCOUNT_NOT_SPREAD, MismatchKind.FREIGHT)
    if is_charge and isinstance(charge, int) and charge % SLIP:
        return RANK[MismatchKind.TAX]
    return RANK[candidate.kind]


def _size(candidate: Candidate) -> float:
    """Measure how far a candidate moves its fields: a small move is likelier than a large one."""
    return sum(_move(change) for change in candidate.changes)


def _move(change: Change) -> float:
    present, proposed = change.present, change.proposed
    if isinstance(present, int) and isinstance(proposed, int):
        return abs(proposed - present) / max(present, proposed, 1)
    return 1.0
