"""What a channel finally did with an order, and when we learned of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Instant = Annotated[datetime, Meta(tz=True)]


class OutcomeClass(StrEnum):
    """The classes of `channels.md` section (b.1), and `fraud` for labels of foreign sets."""

    ACCEPTED = "accepted"
    RISK_BLOCK = "risk_block"
    VALIDATION = "validation"
    INTEGRATION = "integration"
    LIMIT = "limit"
    ACCOUNT_STATE = "account_state"
    CHANNEL = "channel"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    PAYER_ACTION = "payer_action"
    UNCLASSIFIED = "unclassified"
    FRAUD = "fraud"


REFUSALS = frozenset(
    {
        OutcomeClass.RISK_BLOCK,
        OutcomeClass.VALIDATION,
        OutcomeClass.INTEGRATION,
        OutcomeClass.LIMIT,
        OutcomeClass.ACCOUNT_STATE,
        OutcomeClass.CHANNEL,
        OutcomeClass.UNCLASSIFIED,
    }
)
"""Classes that, when final, mean that the channel refused the order."""


class Outcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One answer about one order; `received_at` is when it became known, and counts from then."""

    order_id: Annotated[str, Meta(min_length=1, max_length=64)]
    received_at: Instant
    outcome_class: OutcomeClass
    final: bool
    occurred_at: Instant | None = None
    subclass: str | None = None
    raw_code: str | None = None
    raw_sub_code: str | None = None
    raw_message: str | None = None
    next_action: str | None = None


def is_refusal(outcome_class: OutcomeClass, final: bool) -> bool:
    """Tell whether the channel finally said no; an unresolved answer never is a refusal."""
    return final and outcome_class in REFUSALS
