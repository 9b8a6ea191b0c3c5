"""What an order that was sent before may not do, whatever the book says: the retry advice first.

Rules see the last attempt; the planner sees every number that was ever used. Where it says that a
result is open, or that the order is over, no edit of a book can make the answer SUBMIT.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from features.times import to_us
from rules.decision import Action, Advice, Basis, Reason, Retry, Severity, Status, Text, Wait
from rules.entries import RuleEntry
from rules.own_reasons import OwnReason

SENT_BEFORE = OwnReason(
    code="SENT_BEFORE",
    title=Text(zh="此前提交过", en="It was sent before"),
    meaning=Text(
        zh="这笔订单（或它用过的某个单号）此前提交过，且结果仍未知、已成交，或渠道要求不再提交。"
        "此时提交可能重复扣款或重复打款。",
        en="This order, or a number that it used, was sent before, and the result is still open, "
        "or it was paid, or the channel said never again. To send it now could pay twice.",
    ),
    origin=Text(
        zh="不是规则书中的规则，不能暂停：由订单的全部提交记录、已回报的结果和渠道的码表推出"
        "（见 docs/retry.md）。",
        en="No rule of the book, and it cannot be paused: it follows from every attempt, every "
        "outcome that was reported and the channel's table of codes (see docs/retry.md).",
    ),
    advice=Text(
        zh="按答复中的 `retry` 处理：先查询、等到 `not_before`，或不再提交；不要换号重发。",
        en="Do as `retry` in the answer says: query first, wait until `not_before`, or do not send "
        "again; do not change the number.",
    ),
    buyer=Text(
        zh="支付结果正在确认，请勿重复支付。",
        en="The payment's result is being confirmed; please do not pay again.",
    ),
    brief="is no rule: an earlier number of the order is open or over.",
)


@dataclass(frozen=True, slots=True)
class Guard:
    """The least that is asked of an order that was sent before."""

    action: Action
    reason: Reason
    wait: Wait | None = None

    @property
    def forbids_changes(self) -> bool:
        """Tell whether nothing about the order may be changed and sent before it is settled."""
        return self.action is Action.STOP or (self.wait is not None and self.wait.until is None)

    def is_told(self, hits: Iterable[RuleEntry], asked: Action) -> bool:
        """Tell whether the rules that fired say it already, and ask for no less."""
        if self.wait is None:
            return asked is self.action
        return self.wait.until is None and any(hit.waits == "query" for hit in hits)


def guard_of(retry: Retry | None, as_of_us: int) -> Guard | None:
    """Turn retry advice into the least action; None where the order may be sent now."""
    if retry is None:
        return None
    match retry.advice:
        case Advice.NEVER:
            return Guard(Action.STOP, _reason(retry, Severity.BLOCK))
        case Advice.QUERY_FIRST:
            return Guard(Action.WAIT, _reason(retry, Severity.WARN), _wait(retry, None))
        case Advice.SAME_ID | Advice.NEW_ID:
            if retry.not_before is None or to_us(retry.not_before) <= as_of_us:
                return None
            return Guard(Action.WAIT, _reason(retry, Severity.WARN), _wait(retry, retry.not_before))


def guarded(wait: Wait | None, guard: Guard) -> Wait | None:
    """Put what the guard waits for before what anything else waits for."""
    if guard.wait is None:
        return wait
    if wait is None:
        return guard.wait
    codes = (*guard.wait.codes, *wait.codes)
    if guard.wait.until is None or wait.until is None:
        return Wait(until=None, codes=codes, text=guard.wait.text)
    return Wait(until=max(guard.wait.until, wait.until), codes=codes, text=guard.wait.text)


def _wait(retry: Retry, until: datetime | None) -> Wait:
    """Say from when; what has to be queried first has no end that can be foreseen."""
    return Wait(until=until, codes=(SENT_BEFORE.code,), text=retry.text)


def _reason(retry: Retry, severity: Severity) -> Reason:
    return Reason(
        code=SENT_BEFORE.code,
        severity=severity,
        status=Status.HIT,
        outcome_class=retry.outcome_class,
        title=SENT_BEFORE.title,
        text=retry.text,
        buyer_text=SENT_BEFORE.buyer,
        advice=SENT_BEFORE.advice,
        basis=Basis.CHANNEL_RULE,
        source="S3 (OUT_TRADE_NO_EXIST, SYSTEM_ERROR: query), S6b, S12, S27; rule K1",
        grade="B",
    )
