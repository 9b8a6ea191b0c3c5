"""What is said of an order whose channel is stopped: wait, why, and until when if that is known."""

from datetime import datetime

from features.outcome import OutcomeClass
from rules.decision import Basis, Paused, Reason, Severity, Status, Text, Wait
from rules.holds import Hold
from rules.own_reasons import OwnReason

STOPPED = OwnReason(
    code="CHANNEL_STOPPED",
    title=Text(zh="渠道已停用", en="The channel is stopped"),
    meaning=Text(
        zh="商户自己停用了这个渠道，例如渠道故障或大促当日流量过大。订单本身未必有问题："
        "建议至少是等待，其他规则更严时以其为准。",
        en="The merchant has stopped this channel, such as in an outage or when a peak day "
        "overruns it. Nothing need be wrong with the order: the advice is at least to wait, and "
        "stricter where a rule asks for more.",
    ),
    origin=Text(
        zh="不是规则，而是 `preflight channels stop CHANNEL` "
        "或接口 `POST /v1/holds/channels/CHANNEL`。谁、何时、为何停用，以及何时恢复，"
        "都写在审计里；`preflight holds` 可查看。"
        "用 `preflight channels start CHANNEL` 恢复。",
        en="No rule: `preflight channels stop CHANNEL` or `POST /v1/holds/channels/CHANNEL`. Who "
        "did it, when, why and until when is in the audit; `preflight holds` shows it. "
        "`preflight channels start CHANNEL` ends it.",
    ),
    advice=Text(
        zh="保留订单，等渠道恢复后再提交，或改走路由表中的其他渠道；结果未知的订单先查询，不要换号重发。",
        en="Keep the order and send it once the channel is started again, or by another channel of "
        "your routing list. Query what has no answer yet; do not send it again under a new number.",
    ),
    buyer=Text(
        zh="该支付方式暂时不可用，请稍后再试或换一种方式。",
        en="This way to pay is not available at the moment; try later or choose another.",
    ),
    brief="is no rule: a channel is switched off.",
)
"""A reason that no rule gives: the merchant has stopped the channel."""
CHANNEL_STOPPED = STOPPED.code


def stop_reason(channel: str, hold: Hold) -> Reason:
    """Give the reason, as a rule's hit is given."""
    return Reason(
        code=CHANNEL_STOPPED,
        severity=Severity.WARN,
        status=Status.HIT,
        outcome_class=OutcomeClass.CHANNEL.value,
        title=STOPPED.title,
        text=Text(
            zh=f"商户已停用渠道 {channel}：{hold.why}",
            en=f"The merchant has stopped channel {channel}: {hold.why}",
        ),
        buyer_text=STOPPED.buyer,
        advice=STOPPED.advice,
        basis=Basis.MERCHANT,
        source=f"stopped by {hold.by}, {hold.since.isoformat()}",
        grade="-",
    )


def stop_wait(hold: Hold, expires_at: datetime | None = None) -> Wait:
    """Say until when to wait: to the end of the hold, or until somebody starts the channel.

    An order that expires before that end is told so: to wait for it would lose the order.
    """
    if hold.until is None:
        text = Text(zh="等渠道恢复后再提交。", en="Send it once the channel is started again.")
    elif expires_at is not None and expires_at <= hold.until:
        text = _expiring(hold.until, expires_at)
    else:
        end = hold.until.isoformat()
        text = Text(
            zh=f"渠道计划于 {end} 恢复，届时再提交。",
            en=f"The channel is to start again at {end}; send it then.",
        )
    return Wait(until=hold.until, codes=(CHANNEL_STOPPED,), text=text)


def _expiring(until: datetime, expires_at: datetime) -> Text:
    end, expiry = until.isoformat(), expires_at.isoformat()
    return Text(
        zh=f"渠道计划于 {end} 恢复，但订单在 {expiry} 就到期："
        "等不到，请改走其他渠道，或请买家重新下单。",
        en=f"The channel is to start again at {end}, but the order expires at {expiry}: waiting "
        "loses it. Send it by another channel, or let the buyer order anew.",
    )


def paused_rule(code: str, hold: Hold) -> Paused:
    """Say that a rule fired, and that it is paused."""
    return Paused(code=code, since=hold.since, until=hold.until, why=hold.why)
