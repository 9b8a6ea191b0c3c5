"""Which fields of an order are wrong, and what would be right: from its record and its sums."""

from features.amounts import (
    items_residue_minor,
    list_residue_minor,
    rounding_minor,
)
from features.mismatch.against_record import (
    confirmed,
    kind_of,
    readings_of,
    usable_record,
)
from features.mismatch.currency import currency_finding
from features.mismatch.equation import Equation
from features.mismatch.explanations import NO_PINS, Residues, explain, residues
from features.mismatch.findings import RANK, About, Candidate, Diagnosis, Finding, MismatchKind
from features.mismatch.line_changes import Changes
from features.mismatch.plan import plan_finding
from features.mismatch.ranking import ranked
from features.mismatch.sums import list_equation, paid_equation, with_changes
from features.mismatch.time_findings import time_finding
from features.order import Order, Record


def diagnose(order: Order, as_of_us: int | None = None) -> Diagnosis:
    """Find what does not add up, and every single mistake that explains it, likeliest first.

    Pure; time grows with the number of lines (a thousand at most). With a record that states
    all, a wrong field is named exactly and `certain`; without, every single mistake that fits
    is listed, and none is certain. `as_of_us` is when the order was received, a second witness
    of time; leave it out where it was only copied from `placed_at`.
    """
    findings: list[Finding] = []
    paid, listed = items_residue_minor(order), list_residue_minor(order)
    record = usable_record(order)
    readings = () if record is None else readings_of(order, record)
    rounding = None
    if readings and record is not None:
        findings.append(_recorded_finding(order, record, readings))
    elif paid or listed:
        pins = NO_PINS if record is None else confirmed(order, record)
        rounding, unexplained = _own_findings(order, Residues(paid or 0, listed), pins)
        findings += unexplained
    others = (currency_finding(order), plan_finding(order.credit), time_finding(order, as_of_us))
    findings += [finding for finding in others if finding is not None]
    return Diagnosis(paid, listed, tuple(findings), rounding)


def _recorded_finding(order: Order, record: Record, readings: tuple[Changes, ...]) -> Finding:
    """Propose what the record says; where that leaves a residue, with what would explain it."""
    sums = _sums(order)
    candidates: list[Candidate] = []
    is_settled = True
    for changes in readings:
        after = with_changes(order, changes)
        left = residues(after)
        if left is None or _is_settled(after, left):
            is_certain = len(readings) == 1
            candidates.append(Candidate(kind_of(order, changes), changes, is_certain, sums))
            continue
        is_settled = False
        for kind, more in explain(after, left, _pins_after(order, record, changes)):
            likest = min(kind, kind_of(order, changes), key=RANK.__getitem__)
            candidates.append(Candidate(likest, (*changes, *more), certain=False, sums=sums))
    own = residues(order)
    if not is_settled and own is not None and _is_settled(order, own):
        candidates.append(Candidate(MismatchKind.RECORD_BEHIND, (), certain=False, sums=sums))
    if not candidates:
        candidates = [
            Candidate(kind_of(order, changes), changes, certain=False, sums=sums)
            for changes in readings
        ]
    return Finding(_about(readings), _residue(order, own), ranked(candidates))


def _pins_after(order: Order, record: Record, changes: Changes) -> frozenset[str]:
    """Where lines come or go, their numbers move: no further mistake is sought in lines."""
    pins = confirmed(order, record)
    if all(change.op == "replace" for change in changes):
        return pins
    return pins | {"items", "quantity", "unit_price_minor", "list_price_minor"}


def _is_settled(order: Order, left: Residues) -> bool:
    return not left.listed and (not left.paid or _is_rounding(order, left.paid))


def _is_rounding(order: Order, paid: int) -> bool:
    return abs(paid) < rounding_minor(order.items)


def _own_findings(
    order: Order, left: Residues, pins: frozenset[str]
) -> tuple[Finding | None, list[Finding]]:
    """Explain the residues by the order alone; give what is only rounding apart."""
    if left.paid and left.listed:
        both = _explained(order, left, pins, About.AMOUNT)
        if both.candidates:
            return None, [both]
    rounding, findings = None, []
    if left.paid:
        listed = 0 if left.listed is not None else None
        finding = _explained(order, Residues(left.paid, listed), pins, About.AMOUNT)
        if _is_rounding(order, left.paid):
            rounding = finding
        else:
            findings.append(finding)
    if left.listed:
        findings.append(_explained(order, Residues(0, left.listed), pins, About.LIST_PRICE))
    return rounding, findings


def _explained(order: Order, left: Residues, pins: frozenset[str], about: About) -> Finding:
    """Rank all that fits; what the record confirms is only doubted when nothing else fits."""
    explanations = list(explain(order, left, pins))
    is_only = len(explanations) == 1 and pins.issuperset(("amount_minor", "items"))
    if not explanations and pins:
        explanations = list(explain(order, left, NO_PINS))
    sums = _sums(order)
    candidates = [Candidate(kind, changes, is_only, sums) for kind, changes in explanations]
    residue = left.paid if about is About.AMOUNT else left.listed or 0
    return Finding(about, residue, ranked(candidates))


def _sums(order: Order) -> tuple[Equation, ...]:
    if not order.items:
        return ()
    paid = paid_equation(order)
    return (paid,) if list_residue_minor(order) is None else (paid, list_equation(order))


def _about(readings: tuple[Changes, ...]) -> About:
    pointers = (change.pointer for changes in readings for change in changes)
    is_list = all(
        pointer.endswith(("/list_amount_minor", "/list_price_minor")) for pointer in pointers
    )
    return About.LIST_PRICE if is_list else About.AMOUNT


def _residue(order: Order, own: Residues | None) -> int:
    """Say by how much the sums, or where they hold, the record's amount exceeds the amount."""
    if own is not None and (own.paid or own.listed):
        return own.paid or own.listed or 0
    recorded = order.record.amount_minor if order.record is not None else None
    return 0 if recorded is None else recorded - order.amount_minor
