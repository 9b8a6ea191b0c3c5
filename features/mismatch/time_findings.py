"""Findings about time: another zone, another unit, a clock that runs ahead."""

from collections.abc import Iterator
from datetime import datetime

from features.mismatch.clock import CLOCK_LIMITS, HOUR_US, epoch_slip, zone_slip_hours
from features.mismatch.equation import Change, Equation, Term
from features.mismatch.findings import (
    About,
    Candidate,
    Finding,
    MismatchKind,
)
from features.order import Order
from features.times import US_PER_SECOND, from_us, to_us

_EXACT_US = US_PER_SECOND
"""A record that was created within a second of the order leaves no doubt about the zone."""


def time_finding(order: Order, as_of_us: int | None) -> Finding | None:
    """Hold `placed_at` against the record's creation, else the first attempt, else `as_of_us`.

    Without a record a slip into the past cannot be told from an order that waited, nor with one
    a slip into the future from a record that is old, so both are offered where no second witness
    decides. A clock that runs ahead is found either way.
    """
    placed_us = to_us(order.placed_at)
    created = order.record.created_at if order.record is not None else None
    seen_us = _seen_us(order, as_of_us)
    witness_us = to_us(created) if created is not None else seen_us
    factor = epoch_slip(placed_us)
    if factor > 1 and (witness_us is None or witness_us >= CLOCK_LIMITS.earliest_us):
        return _epoch_finding(order, placed_us, factor, created)
    if created is not None:
        return _zone_finding(order, placed_us - to_us(created), created, seen_us)
    return None if seen_us is None else _seen_finding(order, placed_us - seen_us, seen_us)


def _seen_us(order: Order, as_of_us: int | None) -> int | None:
    return to_us(order.attempts[0].sent_at) if order.attempts else as_of_us


def _epoch_finding(order: Order, placed_us: int, factor: int, created: datetime | None) -> Finding:
    right_us = factor * placed_us
    far_us = abs(right_us - to_us(created)) if created is not None else None
    is_certain = far_us is not None and far_us <= CLOCK_LIMITS.lead_us
    witness = _created(created) if created is not None else Term(placed_us, "", factor)
    candidate = _candidate(order, MismatchKind.EPOCH, right_us, witness, certain=is_certain)
    return _finding((candidate,))


def _zone_finding(
    order: Order, skew_us: int, created: datetime, seen_us: int | None
) -> Finding | None:
    """Find another zone, unless whoever received the order saw it placed just then."""
    hours, placed_us = zone_slip_hours(skew_us), to_us(order.placed_at)
    if not hours or _is_near(placed_us, seen_us):
        return None
    right_us, witness = placed_us - hours * HOUR_US, _created(created)
    is_certain = abs(right_us - to_us(created)) <= _EXACT_US or _is_near(right_us, seen_us)
    candidates = [_candidate(order, MismatchKind.ZONE, right_us, witness, certain=is_certain)]
    if skew_us > 0 and not is_certain:
        sums = (_equation(order, witness),)
        candidates.append(Candidate(MismatchKind.RECORD_BEHIND, (), certain=False, sums=sums))
    return _finding(tuple(candidates))


def _is_near(instant_us: int, seen_us: int | None) -> bool:
    return seen_us is not None and abs(instant_us - seen_us) <= CLOCK_LIMITS.skew_us


def _seen_finding(order: Order, skew_us: int, seen_us: int) -> Finding | None:
    hours = zone_slip_hours(skew_us, lead_us=0)
    if abs(skew_us) <= CLOCK_LIMITS.skew_us or not (hours or skew_us > 0):
        return None
    return _finding(tuple(_seen_candidates(order, hours, skew_us, seen_us)))


def _seen_candidates(order: Order, hours: int, skew_us: int, seen_us: int) -> Iterator[Candidate]:
    pointer = "/attempts/0/sent_at" if order.attempts else ""
    witness = Term(seen_us, pointer)
    if hours:
        right_us = to_us(order.placed_at) - hours * HOUR_US
        yield _candidate(order, MismatchKind.ZONE, right_us, witness, certain=False)
    if skew_us > 0:
        yield _candidate(order, MismatchKind.CLOCK, seen_us, witness, certain=False)
    else:
        sums = (_equation(order, witness),)
        yield Candidate(MismatchKind.WAITED, (), certain=False, sums=sums)


def _candidate(
    order: Order, kind: MismatchKind, right_us: int, witness: Term, *, certain: bool
) -> Candidate:
    change = Change("/placed_at", order.placed_at, from_us(right_us), witness.pointer or None)
    return Candidate(kind, (change,), certain, (_equation(order, witness),))


def _finding(candidates: tuple[Candidate, ...]) -> Finding:
    return Finding(About.TIME, candidates[0].sums[0].residue, candidates)


def _equation(order: Order, witness: Term) -> Equation:
    return Equation((witness,), to_us(order.placed_at), "/placed_at")


def _created(created: datetime) -> Term:
    return Term(to_us(created), "/record/created_at")
