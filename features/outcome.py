"""What a channel finally did with an order: its classes, and which of them are refusals."""

from enum import StrEnum


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


def is_refusal(outcome_class: OutcomeClass, final: bool) -> bool:
    """Tell whether the channel finally said no; an unresolved answer never is a refusal."""
    return final and outcome_class in REFUSALS
