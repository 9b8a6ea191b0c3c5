"""A finding about the currency: the record has another one."""

from features.mismatch.equation import Change
from features.mismatch.findings import About, Candidate, Finding, MismatchKind
from features.order import Order


def currency_finding(order: Order) -> Finding | None:
    """Propose the record's currency; with another amount too, the record's amount beside it."""
    record = order.record
    if record is None or record.currency in (None, order.currency):
        return None
    currency = Change("/currency", order.currency, record.currency, "/record/currency")
    changes: tuple[Change, ...] = (currency,)
    if record.amount_minor not in (None, order.amount_minor):
        source = "/record/amount_minor"
        changes += (Change("/amount_minor", order.amount_minor, record.amount_minor, source),)
    is_same = record.amount_minor == order.amount_minor
    both = [Candidate(MismatchKind.CURRENCY, changes[:n], is_same, ()) for n in (1, 2)]
    residue = 0 if record.amount_minor is None else record.amount_minor - order.amount_minor
    return Finding(About.CURRENCY, residue, tuple(both[: len(changes)]))
