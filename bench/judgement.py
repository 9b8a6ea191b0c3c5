"""Holds what a diagnosis says of seeded defects to the truth, and to an exhaustive search."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from bench.fits import single_field_fits
from bench.mutations import DEFECTS, Defect, with_full_record
from features.mismatch.diagnosis import diagnose
from features.mismatch.findings import Candidate, Diagnosis
from features.order import Item, Order
from features.times import to_us


class Row(Struct, frozen=True, kw_only=True):
    """What became of the defects of one kind."""

    orders: str
    defect: str
    count: int
    exact_with_record: int
    """One candidate, certain, naming the fields and their right values."""
    exact_residue: int
    listed_without_record: int
    """The truth is among the candidates."""
    first_without_record: int
    mean_candidates: float
    fewer_than_fit: int
    """Fields that an exhaustive search finds to fit, and the diagnosis does not name."""


def judge(orders: str, defects: Iterable[Defect]) -> list[Row]:
    """Diagnose every defect with a full record and without one."""
    by_name: dict[str, list[Defect]] = {name: [] for name in DEFECTS}
    for defect in defects:
        by_name[defect.name].append(defect)
    return [_row(orders, name, some) for name, some in by_name.items() if some]


def _row(orders: str, name: str, defects: Sequence[Defect]) -> Row:
    alone = [diagnose(d.sent, as_of_us=to_us(d.right.placed_at)) for d in defects]
    ranks = [rank_of_truth(d, found) for d, found in zip(defects, alone, strict=True)]
    return Row(
        orders=orders,
        defect=name,
        count=len(defects),
        exact_with_record=sum(map(names_exactly, defects)),
        exact_residue=sum(map(has_exact_residue, defects, alone)),
        listed_without_record=sum(rank is not None for rank in ranks),
        first_without_record=sum(rank == 0 for rank in ranks),
        mean_candidates=sum(len(found.candidates) for found in alone) / len(defects),
        fewer_than_fit=sum(map(unnamed_fits, defects, alone)),
    )


def names_exactly(defect: Defect) -> bool:
    """Tell whether the right order as record leaves one candidate: certain, and the truth."""
    found = diagnose(with_full_record(defect.sent, defect.right))
    return (
        len(found.findings) == 1
        and found.findings[0].certain is not None
        and is_truth(defect, found.findings[0].candidates[0])
    )


def is_truth(defect: Defect, candidate: Candidate) -> bool:
    """Tell whether a candidate proposes the right values, and no others."""
    proposed = {change.pointer: change.proposed for change in candidate.changes}
    return proposed.keys() == defect.truth.keys() and all(
        _is_same(proposed[pointer], right) for pointer, right in defect.truth.items()
    )


def _is_same(proposed: object, right: object) -> bool:
    """Compare; without a record a dropped line can only be known by what it came to."""
    if isinstance(proposed, Item) and isinstance(right, Item):
        money = right.quantity * right.unit_price_minor
        return proposed.quantity * proposed.unit_price_minor == money
    return proposed == right


def rank_of_truth(defect: Defect, found: Diagnosis) -> int | None:
    """Count the candidates before the truth; None where it is not among them."""
    ranks = (n for n, candidate in enumerate(found.candidates) if is_truth(defect, candidate))
    return next(ranks, None)


def has_exact_residue(defect: Defect, found: Diagnosis) -> bool:
    """Compare the stated residues with the sums of the defect's own order."""
    if defect.name == "zone slip":
        slip_us = to_us(defect.right.placed_at) - to_us(defect.sent.placed_at)
        return [finding.residue for finding in found.findings] == [slip_us]
    sums = _sums(defect.sent)
    return (found.residue_minor, found.list_residue_minor) == sums and any(sums)


def _sums(order: Order) -> tuple[int, int | None]:
    paid = sum(item.quantity * item.unit_price_minor for item in order.items)
    paid += order.freight_minor + order.tax_minor - order.discount_minor - order.amount_minor
    lists = [item.list_price_minor for item in order.items]
    if order.list_amount_minor is None or None in lists:
        return paid, None
    total = sum(i.quantity * (i.list_price_minor or 0) for i in order.items)
    return paid, total - order.list_amount_minor


def unnamed_fits(defect: Defect, found: Diagnosis) -> int:
    """Count the fields that fit by exhaustive search and are no candidate."""
    named = {
        (change.pointer, change.proposed)
        for candidate in found.candidates
        if len(candidate.changes) == 1
        for change in candidate.changes
    }
    return len(single_field_fits(defect.sent).items() - named)
