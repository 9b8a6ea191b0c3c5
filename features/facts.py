"""The facts of one order: every scalar field by its dotted path, and what follows from them.

A fact that is not known is absent. Instants are integer microseconds since 1970 UTC.
`features.columnar_facts` computes the same facts for a whole history.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from features.addresses import canonical_text, ip_block
from features.amounts import (
    dearest,
    expected_total_minor,
    list_total_minor,
    record_total_minor,
    second_dearest,
    unit_total_minor,
)
from features.fact_groups import FACT_GROUPS, GROUP_KINDS, add_group_facts
from features.kinds import Kind, Value
from features.leaves import LeafKind, order_leaves
from features.mismatch.facts import MISMATCH_KINDS, mismatch_facts
from features.order import Order
from features.times import to_us


def subject_similarity(subject: str | None, recorded: str | None) -> float | None:
    """Compare two texts after folding width, case and punctuation: 0 nothing alike, 1 the same.

    The Sørensen-Dice coefficient of their character pairs; linear in their length.

    >>> subject_similarity("保温杯 500ml", "保温杯500ML"), subject_similarity("保温杯", "手机壳")
    (1.0, 0.0)
    """
    if subject is None or recorded is None:
        return None
    left, right = canonical_text(subject), canonical_text(recorded)
    if left == right:
        return 1.0
    pairs, others = _pairs(left), _pairs(right)
    total = pairs.total() + others.total()
    return 2 * (pairs & others).total() / total if total else 0.0


def _pairs(text: str) -> Counter[str]:
    return Counter(map("".join, pairwise(text)))


@dataclass(frozen=True, slots=True)
class TextFact:
    """A fact that is a function of a few text facts alone."""

    name: str
    inputs: tuple[str, ...]
    function: Callable[..., Value | None]
    kind: Kind


TEXT_FACTS = (
    TextFact("device.ip24", ("device.ip",), ip_block, Kind.TEXT),
    TextFact("subject.similarity", ("subject", "record.subject"), subject_similarity, Kind.NUMBER),
)


def _of_dearest(order: Order, field: str) -> Value | None:
    item = dearest(order.items)
    value: Value | None = None if item is None else getattr(item, field)
    return value


def _of_second(order: Order, field: str) -> Value | None:
    item = second_dearest(order.items)
    value: Value | None = None if item is None else getattr(item, field)
    return value


def _near_keys(order: Order) -> str | None:
    """List the near keys of the payee's account in one text, a space between them."""
    account = None if order.payout is None else order.payout.payee.account
    return None if account is None else " ".join(account.near) or None


LIST_FACTS: Mapping[str, tuple[Callable[[Order], Value | None], Kind]] = {
    "items.lines": (lambda order: len(order.items), Kind.NUMBER),
    "items.quantity": (
        lambda order: sum(i.quantity for i in order.items) if order.items else None,
        Kind.NUMBER,
    ),
    "items.unit_total_minor": (
        lambda order: unit_total_minor(order.items) if order.items else None,
        Kind.NUMBER,
    ),
    "items.list_total_minor": (
        lambda order: list_total_minor(order.items) if order.items else None,
        Kind.NUMBER,
    ),
    "items.expected_total_minor": (expected_total_minor, Kind.NUMBER),
    "items.categories": (
        lambda order: len({i.category for i in order.items if i.category is not None}),
        Kind.NUMBER,
    ),
    "items.dearest_price_minor": (
        lambda order: _of_dearest(order, "unit_price_minor"),
        Kind.NUMBER,
    ),
    "items.dearest_sku": (lambda order: _of_dearest(order, "sku"), Kind.TEXT),
    "items.dearest_name": (lambda order: _of_dearest(order, "name"), Kind.TEXT),
    "items.dearest_category": (lambda order: _of_dearest(order, "category"), Kind.TEXT),
    "items.second_price_minor": (lambda order: _of_second(order, "unit_price_minor"), Kind.NUMBER),
    "items.second_sku": (lambda order: _of_second(order, "sku"), Kind.TEXT),
    "items.second_name": (lambda order: _of_second(order, "name"), Kind.TEXT),
    "items.second_category": (lambda order: _of_second(order, "category"), Kind.TEXT),
    "record.items.unit_total_minor": (
        lambda order: (
            record_total_minor(order.record.items)
            if order.record is not None and order.record.items
            else None
        ),
        Kind.NUMBER,
    ),
    "attempts.count": (lambda order: len(order.attempts), Kind.NUMBER),
    "attempts.last_raw_code": (
        lambda order: order.attempts[-1].raw_code if order.attempts else None,
        Kind.TEXT,
    ),
    "payout.payee.account.near": (_near_keys, Kind.TEXT),
}


def order_facts(order: Order) -> dict[str, Value]:
    """Flatten one order into its facts."""
    facts: dict[str, Value] = {}
    _flatten(order, _PLAN, facts)
    for name, (function, _) in LIST_FACTS.items():
        value = function(order)
        if value is not None:
            facts[name] = value
    facts.update(mismatch_facts(order))
    for fact in TEXT_FACTS:
        derived = fact.function(*map(facts.get, fact.inputs))
        if derived is not None:
            facts[fact.name] = derived
    add_group_facts(facts, FACT_GROUPS)
    for name, attribute in order.attributes.items():
        if attribute is not None:
            facts[f"attributes.{name}"] = attribute
    return facts


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to read of one block: its leaves (attribute, fact, is an instant) and its blocks."""

    leaves: tuple[tuple[str, str, bool], ...]
    blocks: tuple[tuple[str, "_Plan"], ...]


def _make_plan(kinds: Mapping[str, Kind], prefix: str = "") -> _Plan:
    within = [name[len(prefix) :] for name in kinds if name.startswith(prefix)]
    blocks = dict.fromkeys(name.partition(".")[0] for name in within if "." in name)
    return _Plan(
        leaves=tuple(
            (name, prefix + name, kinds[prefix + name] is Kind.INSTANT)
            for name in within
            if "." not in name
        ),
        blocks=tuple((block, _make_plan(kinds, f"{prefix}{block}.")) for block in blocks),
    )


def _flatten(block: Any, plan: _Plan, facts: dict[str, Value]) -> None:
    for attribute, name, is_instant in plan.leaves:
        value = getattr(block, attribute)
        if value is not None:
            facts[name] = to_us(value) if is_instant else value
    for attribute, inner in plan.blocks:
        child = getattr(block, attribute)
        if child is not None:
            _flatten(child, inner, facts)


_KIND_OF_LEAF = {
    LeafKind.TEXT: Kind.TEXT,
    LeafKind.WHOLE: Kind.NUMBER,
    LeafKind.DECIMAL: Kind.NUMBER,
    LeafKind.BOOLEAN: Kind.BOOLEAN,
    LeafKind.INSTANT: Kind.INSTANT,
}

LEAF_KINDS: Mapping[str, Kind] = {
    path: _KIND_OF_LEAF[leaf.kind]
    for path, leaf in order_leaves().items()
    if leaf.kind in _KIND_OF_LEAF
}
"""The kind of every scalar field of an order, by its dotted path."""

FACT_KINDS: Mapping[str, Kind] = {
    **LEAF_KINDS,
    **{name: kind for name, (_, kind) in LIST_FACTS.items()},
    **MISMATCH_KINDS,
    **{fact.name: fact.kind for fact in TEXT_FACTS},
    **GROUP_KINDS,
}
"""The kind of every fact of fixed name; `attributes.` names come with the order."""

FRACTIONAL_FACTS = frozenset(
    {path for path, leaf in order_leaves().items() if leaf.kind is LeafKind.DECIMAL}
    | {"subject.similarity", "record.amount_ratio"}
    | {"items.list_equals_paid", "items.paid_equals_list"}
)
"""Numbers that need not be whole, so that no window adds them up."""

_PLAN = _make_plan(LEAF_KINDS)
