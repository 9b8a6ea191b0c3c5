"""What a channel can say, and the magic amounts and ids that make it say so."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """One kind of answer; each pack has a raw code of its own for it."""

    PAID = "paid"
    RISK = "risk"
    AMOUNT = "amount"
    CONTENT = "content"
    BAD_FIELD = "bad_field"
    FUNDS = "funds"
    ORDER_LIMIT = "order_limit"
    DAY_LIMIT = "day_limit"
    CLOSED = "closed"
    ALREADY_PAID = "already_paid"
    PAYEE = "payee"
    RESTRICTED = "restricted"
    SIGNATURE = "signature"
    OUTAGE = "outage"
    GENERIC = "generic"
    DUPLICATE = "duplicate"
    IN_FLIGHT = "in_flight"
    RATE_LIMITED = "rate_limited"


class Trouble(StrEnum):
    """How an answer can go astray on its way."""

    TIMEOUT_PAID = "timeout_paid"
    """No answer, and paid all the same."""
    TIMEOUT_REFUSED = "timeout_refused"
    """No answer, and refused."""
    TIMEOUT_LOST = "timeout_lost"
    """No answer, and it never arrived: a query does not know the number."""
    NEVER_SETTLED = "never_settled"
    """In flight for ever."""
    LATE_CALLBACK = "late_callback"
    DUPLICATE_CALLBACK = "duplicate_callback"
    OUT_OF_ORDER_CALLBACK = "out_of_order_callback"
    """The final callback comes first, the one that says "in flight" after it."""
    LOST_CALLBACK = "lost_callback"
    DOWN = "down"
    """HTTP 503: nothing was taken."""
    TOO_MANY = "too_many"
    """HTTP 429: nothing was taken."""


Magic = Kind | Trouble

_FIRST_MINOR = 88_000_100
_SAID = [k for k in Kind if k not in (Kind.DUPLICATE, Kind.IN_FLIGHT, Kind.RATE_LIMITED)]
MAGIC_AMOUNTS_MINOR: Mapping[int, Magic] = {
    _FIRST_MINOR + number: magic for number, magic in enumerate([*_SAID, *Trouble], 1)
}
"""Amounts that nobody pays by accident, 880,001.01 yuan and on: what each makes the channel do."""
MAGIC_IDS: Mapping[str, Magic] = {
    f"TEST{magic.replace('_', '').upper()}": magic for magic in MAGIC_AMOUNTS_MINOR.values()
}
"""Beginnings of order ids that do the same whatever the amount; letters only, for every channel."""


def magic_of(order_id: str, amount_minor: int) -> Magic | None:
    """Tell what a test number asks for; an id counts before an amount.

    >>> magic_of("TESTRISK0001", 5), magic_of("A1", 88_000_101), magic_of("A1", 5)
    (<Kind.RISK: 'risk'>, <Kind.PAID: 'paid'>, None)
    """
    named = [prefix for prefix in MAGIC_IDS if order_id.startswith(prefix)]
    if named:
        return MAGIC_IDS[max(named, key=len)]
    return MAGIC_AMOUNTS_MINOR.get(amount_minor)
