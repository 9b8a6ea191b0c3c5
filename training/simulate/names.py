"""The names of channels and causes, and what each cause is answered with and truly is."""

from collections.abc import Mapping
from typing import NamedTuple

from features.outcome import OutcomeClass
from training.simulate.faults import FAULTS, NO_FAULT
from training.simulate.scenario import AnswerName, ChannelName

CHANNELS: tuple[ChannelName, ...] = ("jd_pay", "generic", "lakala_payout")
PAYOUT_CHANNEL = CHANNELS.index("lakala_payout")


class Meaning(NamedTuple):
    """Which of a channel's answers a cause gets, and of what class it truly is."""

    answer: AnswerName
    true_class: OutcomeClass


MEANINGS: Mapping[str, Meaning] = {
    NO_FAULT: Meaning("accepted", OutcomeClass.ACCEPTED),
    "wrong_unit": Meaning("amount", OutcomeClass.VALIDATION),
    "list_price_as_paid": Meaning("amount", OutcomeClass.VALIDATION),
    "coupon_not_applied": Meaning("amount", OutcomeClass.VALIDATION),
    "coupon_not_spread": Meaning("amount", OutcomeClass.VALIDATION),
    "price_changed_since": Meaning("content", OutcomeClass.VALIDATION),
    "other_subject": Meaning("content", OutcomeClass.VALIDATION),
    "clock_slip": Meaning("clock", OutcomeClass.VALIDATION),
    "closed_order": Meaning("closed_order", OutcomeClass.CANCELLED),
    "already_paid": Meaning("already_paid", OutcomeClass.ACCEPTED),
    "duplicate_number": Meaning("duplicate", OutcomeClass.VALIDATION),
    "over_order_limit": Meaning("order_limit", OutcomeClass.LIMIT),
    "over_day_limit": Meaning("day_limit", OutcomeClass.LIMIT),
    "payer_funds": Meaning("funds", OutcomeClass.ACCOUNT_STATE),
    "wrong_payee_account": Meaning("payee", OutcomeClass.ACCOUNT_STATE),
    "transposed_digits": Meaning("payee", OutcomeClass.ACCOUNT_STATE),
    "bank_mismatch": Meaning("payee", OutcomeClass.ACCOUNT_STATE),
    "merchant_funds": Meaning("funds", OutcomeClass.ACCOUNT_STATE),
    "risk_policy": Meaning("risk", OutcomeClass.RISK_BLOCK),
    "aml_review": Meaning("risk", OutcomeClass.RISK_BLOCK),
    "frequency_limit": Meaning("count_limit", OutcomeClass.LIMIT),
    "closed_payee": Meaning("payee", OutcomeClass.ACCOUNT_STATE),
    "frozen_payee": Meaning("payee", OutcomeClass.ACCOUNT_STATE),
    "outage": Meaning("outage", OutcomeClass.CHANNEL),
    "degradation": Meaning("outage", OutcomeClass.CHANNEL),
    "congestion": Meaning("busy", OutcomeClass.CHANNEL),
    "key_mismatch": Meaning("key_mismatch", OutcomeClass.INTEGRATION),
    "merchant_restricted": Meaning("restricted", OutcomeClass.ACCOUNT_STATE),
    "merchant_arrears": Meaning("arrears", OutcomeClass.ACCOUNT_STATE),
}
CAUSES = (*FAULTS, *(name for name in MEANINGS if name not in FAULTS))
"""Every cause; the faults come first, with the same numbers."""
