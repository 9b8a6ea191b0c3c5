"""Leaves joined by `$and` and `$or`, kept within what durable-rules takes in one rule."""

from dataclasses import dataclass
from math import prod

from features.errors import PreflightError

_MOST_CONNECTIVES = 12
"""2.0.28 refuses a rule of 16 connectives or more with its error 113, however narrow."""
MOST_ALTERNATIVES = 60
"""2.0.28 refuses a fact, with its error 303, once more than 64 alternatives match it at once."""


class TooRichForDurable(PreflightError):
    """A condition that durable-rules cannot hold; a part of it should become a feature."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison, as JSON."""

    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Two clauses or more under one connective; none of them has the same connective."""

    conjoin: bool
    parts: tuple["Clause", ...]


Clause = Leaf | Joined


def joined(conjoin: bool, parts: list[Clause] | list[Leaf]) -> Clause:
    """Join clauses, flattening those of the same connective; each part stands once."""
    flat: dict[Clause, None] = {}
    for part in parts:
        same = isinstance(part, Joined) and part.conjoin is conjoin
        flat.update(dict.fromkeys(part.parts if same and isinstance(part, Joined) else (part,)))
    return next(iter(flat)) if len(flat) == 1 else Joined(conjoin, tuple(flat))


def rules_of(clause: Clause) -> tuple[str, ...]:
    """Write a clause as one condition, or as alternatives of which each is narrow enough.

    Raises TooRichForDurable.
    """
    if alternatives_of(clause) > MOST_ALTERNATIVES:
        raise TooRichForDurable(
            f"a condition has more than {MOST_ALTERNATIVES} alternatives, too many for "
            "durable-rules; make a part of it a feature"
        )
    if _connectives(clause) <= _MOST_CONNECTIVES:
        return (_text(clause),)
    return tuple(_text(joined(True, list(parts))) for parts in _alternatives(clause))


def alternatives_of(clause: Clause) -> int:
    """Count the ways in which a clause can be true, each of which durable holds apart."""
    if isinstance(clause, Leaf):
        return 1
    counts = [alternatives_of(part) for part in clause.parts]
    return prod(counts) if clause.conjoin else sum(counts)


def _connectives(clause: Clause) -> int:
    return 0 if isinstance(clause, Leaf) else 1 + sum(map(_connectives, clause.parts))


def _text(clause: Clause) -> str:
    if isinstance(clause, Leaf):
        return clause.text
    word = "$and" if clause.conjoin else "$or"
    return f'{{"{word}":[{",".join(map(_text, clause.parts))}]}}'


def _alternatives(clause: Clause) -> list[tuple[Leaf, ...]]:
    """Give the disjunctive normal form: a list of conjunctions of leaves."""
    if isinstance(clause, Leaf):
        return [(clause,)]
    if not clause.conjoin:
        return [one for part in clause.parts for one in _alternatives(part)]
    found: list[tuple[Leaf, ...]] = [()]
    for part in clause.parts:
        more = _alternatives(part)
        found = [(*one, *other) for one in found for other in more]
    return found
