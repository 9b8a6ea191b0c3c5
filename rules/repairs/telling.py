"""The equation that proves a repair, as a person reads it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from features.amounts import unit_slip
from features.mismatch.equation import Change, Equation, Proposal, Term
from features.mismatch.findings import Candidate
from features.order import Item

_MOST_TERMS = 20
_MOST_CHANGES = 8


def told(candidate: Candidate) -> str:
    """Say what each field would be, by whose word, and what then adds up."""
    changes = list(candidate.changes)
    said = [_changed(change) for change in changes[:_MOST_CHANGES]]
    if len(changes) > _MOST_CHANGES:
        said.append(f"… {len(changes) - _MOST_CHANGES} more")
    return "; ".join([*said, *_sums(candidate)])


def field_name(pointer: str) -> str:
    """Write a JSON pointer as a path with dots.

    >>> field_name("/items/0/unit_price_minor")
    'items.0.unit_price_minor'
    """
    return pointer[1:].replace("/", ".")


def _changed(change: Change) -> str:
    name, value = field_name(change.pointer), _shown(change.proposed)
    if change.op == "remove":
        return f"{name} is no line of the record"
    if change.source is not None:
        value = f"{field_name(change.source)} = {value}"
    sent = "nothing" if change.present is None else _shown(change.present)
    return f"{name} = {value} (sent: {sent}{_slip(change)})"


def _slip(change: Change) -> str:
    sent, right = change.present, change.proposed
    if not isinstance(sent, int) or not isinstance(right, int):
        return ""
    match unit_slip(sent, right):
        case 1:
            return f" {'=' if sent == 100 * right else '≈'} 100 × {right}: yuan taken for fen"
        case -1:
            return f" {'=' if right == 100 * sent else '≈'} {right} ÷ 100: fen taken for yuan"
    return ""


def _sums(candidate: Candidate) -> Iterator[str]:
    """Write the sums with the proposed values in, where they hold then and are about money."""
    for equation in candidate.sums:
        after = equation.after(candidate.changes)
        if after.total_pointer != "/placed_at" and not after.residue:
            yield _cut(after)


def _cut(equation: Equation) -> str:
    terms = equation.terms
    if len(terms) <= _MOST_TERMS:
        return str(equation)
    rest = _value(terms[_MOST_TERMS:])
    more = Term(rest, "")
    return str(Equation((*terms[:_MOST_TERMS], more), equation.total, equation.total_pointer))


def _value(terms: Iterable[Term]) -> int:
    return sum(term.factor * term.value for term in terms)


def _shown(value: Proposal) -> str:
    if isinstance(value, Item):
        return f"{value.quantity} × {value.unit_price_minor}"
    return value.isoformat() if isinstance(value, datetime) else str(value)
