"""Checks a submission against the channel's own contract: its pack, and nothing else."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from features.order import Order
from features.times import to_us
from rules.packs import Pack
from training.simulate.channel.amounts import read_amount
from training.simulate.channel.kinds import Kind
from training.simulate.channel.protocol import Submission

_Finding = tuple[Kind, str]


def breach(pack: Pack, submission: Submission, order: Order, now_us: int) -> _Finding | None:
    """Find the first thing that the contract forbids, with the words for it."""
    return next(_breaches(pack, submission, order, now_us), None)


def _breaches(pack: Pack, submission: Submission, order: Order, now_us: int) -> Iterator[_Finding]:
    amount_minor = read_amount(pack, submission.amount)
    if amount_minor is None or amount_minor <= 0:
        yield Kind.BAD_FIELD, f"amount {submission.amount!r} is not in this channel's form"
    for name, forbids in _CHECKS.items():
        value = _fact(pack, name)
        if value is not None and forbids(value, submission, order):
            yield Kind.BAD_FIELD, f"against {name}: {value}"
    if order.kind not in pack.file.kinds:
        yield Kind.BAD_FIELD, f"a {order.kind} is not taken here"
    smallest, largest = _fact(pack, "min_amount_minor"), _fact(pack, "max_amount_minor")
    if amount_minor is not None and smallest is not None and amount_minor < smallest:
        yield Kind.AMOUNT, f"below {smallest}"
    if amount_minor is not None and largest is not None and amount_minor > largest:
        yield Kind.ORDER_LIMIT, f"above {largest}"
    if order.expires_at is not None and to_us(order.expires_at) <= now_us:
        yield Kind.CLOSED, "the order has lapsed"


def _fact(pack: Pack, name: str) -> Any:
    fact = pack.file.facts.get(name)
    return None if fact is None else fact.value


def _lacks_branch(required: Any, order: Order) -> bool:
    payee = order.payout.payee if order.payout else None
    return (
        bool(required)
        and payee is not None
        and (payee.kind == "corporate" and not payee.branch_code)
    )


_CHECKS: dict[str, Callable[[Any, Submission, Order], bool]] = {
    "order_id_pattern": lambda fact, sent, _: re.fullmatch(fact, sent.order_id) is None,
    "currencies": lambda fact, sent, _: sent.currency not in fact,
    "subject_max_characters": lambda fact, _, order: len(order.subject or "") > fact,
    "description_max_characters": lambda fact, _, order: len(order.description or "") > fact,
    "instalments": lambda fact, _, order: (
        order.credit is not None
        and order.credit.instalments is not None
        and order.credit.instalments not in fact
    ),
    "payout_speeds": lambda fact, _, order: (
        order.payout is not None
        and order.payout.speed is not None
        and order.payout.speed not in fact
    ),
    "payout_branch_required_for_corporate": lambda fact, _, order: _lacks_branch(fact, order),
}
"""By the name of the pack's fact: whether it forbids this submission."""
