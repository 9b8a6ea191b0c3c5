"""How to send again after an answer, such that nothing can be paid twice."""

from typing import assert_never

from features.order import Order
from features.outcome import OutcomeClass
from rules.codes import MappedOutcome
from rules.decision import Advice, Retry, Text
from rules.packs import Pack

_KEEPS_NUMBER = frozenset({"backoff_same_id", "top_up_same_id", "backoff", "later_same_order"})
"""Next actions by which the channel itself says: the same number again."""
_NEVER = frozenset({"never", "stop"})

_TEXTS = {
    Advice.SAME_ID: Text(
        zh="用原订单号、原参数重新提交，不要换号。",
        en="Send again with the same number and the same parameters; do not change the number.",
    ),
    Advice.NEW_ID: Text(
        zh="渠道已明确失败：解决原因后，用新订单号重新提交。",
        en="The channel has finally refused: remove the cause, then send with a new number.",
    ),
    Advice.QUERY_FIRST: Text(
        zh="结果未知，不等于失败：先查询，查到明确结果之前保留原订单号，不要换号重发。",
        en="The result is unknown, which is not failed: query first, and keep the number until "
        "the answer is clear.",
    ),
    Advice.NEVER: Text(
        zh="不要再次提交这笔订单。",
        en="Do not send this order again.",
    ),
}


def advise(mapped: MappedOutcome) -> Retry:
    """Turn what a channel's answer means into retry advice; only a final no allows a new number."""
    advice = _advice(mapped)
    return Retry(
        advice=advice,
        text=_TEXTS[advice],
        outcome_class=mapped.outcome_class.value,
        next_action=mapped.next_action,
    )


def retry_of(order: Order, pack: Pack) -> Retry | None:
    """Advise on the order's last attempt; None if it was never sent."""
    if not order.attempts:
        return None
    last = order.attempts[-1]
    return advise(pack.map_outcome(None, last.raw_code, last.raw_sub_code, last.raw_message))


def _advice(mapped: MappedOutcome) -> Advice:
    if mapped.next_action in _NEVER:
        return Advice.NEVER
    match mapped.outcome_class:
        case OutcomeClass.UNKNOWN | OutcomeClass.PAYER_ACTION | OutcomeClass.UNCLASSIFIED:
            return Advice.QUERY_FIRST
        case OutcomeClass.ACCEPTED:
            return Advice.NEVER if mapped.final else Advice.QUERY_FIRST
        case OutcomeClass.RISK_BLOCK | OutcomeClass.FRAUD:
            return Advice.NEVER if mapped.final else Advice.QUERY_FIRST
        case (
            OutcomeClass.VALIDATION
            | OutcomeClass.INTEGRATION
            | OutcomeClass.LIMIT
            | OutcomeClass.ACCOUNT_STATE
            | OutcomeClass.CHANNEL
            | OutcomeClass.CANCELLED
        ):
            if mapped.next_action in _KEEPS_NUMBER:
                return Advice.SAME_ID
            return Advice.NEW_ID if mapped.final else Advice.QUERY_FIRST
        case _:
            assert_never(mapped.outcome_class)
