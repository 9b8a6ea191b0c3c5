"""What a reason's page says by severity, basis, grade and class of outcome; zh and en."""

from collections.abc import Mapping

from features.outcome import OutcomeClass
from rules.decision import Basis, Severity, Text
from rules.entries import RuleEntry

SEVERITIES: Mapping[Severity, Text] = {
    Severity.BLOCK: Text(
        zh="拦下：建议停止提交（STOP）；能给出修正方案时建议修正后提交（FIX）。",
        en="Block: stop (STOP), or correct it first where a repair is offered (FIX).",
    ),
    Severity.CONFIRM: Text(
        zh="确认：交人工核实后再提交（REVIEW）。",
        en="Confirm: a person looks at it before it is sent (REVIEW).",
    ),
    Severity.WARN: Text(
        zh="提醒：只给出原因，不改变建议动作。",
        en="Warn: a reason is given; the action stays as it is.",
    ),
    Severity.INFO: Text(
        zh="告知：只说明情况，不改变建议动作。",
        en="Inform: this is said, and the action stays as it is.",
    ),
    Severity.SCORE: Text(
        zh="计分：只作为特征，不显示给操作人员。",
        en="Score: counted as a feature, not shown with the order.",
    ),
}

BASES: Mapping[Basis, Text] = {
    Basis.CHANNEL_RULE: Text(zh="渠道规则", en="channel rule"),
    Basis.REGULATION: Text(zh="监管规定（只告知）", en="regulation (informs only)"),
    Basis.HEURISTIC: Text(
        zh="经验规则（单独不会停止订单）", en="heuristic (never stops an order alone)"
    ),
    Basis.MERCHANT: Text(zh="商户自己的开关", en="the merchant's own switch"),
}

GRADES: Mapping[str, Text] = {
    "A": Text(zh="渠道自己的公开页面或 SDK", en="the channel's own public page or SDK"),
    "B": Text(zh="渠道文档的第三方副本", en="a third party's copy of the channel's document"),
    "C+": Text(zh="多个独立集成方一致", en="several independent integrators agree"),
    "C": Text(zh="一个集成方的代码或笔记", en="one integrator's code or notes"),
    "D": Text(zh="新闻、博客或二手页面", en="news, a blog or a secondary page"),
    "H": Text(
        zh="我们的初始猜测，请用自己的历史校准", en="our first guess; calibrate it on your history"
    ),
}

_ENGINEERS = Text(
    zh="商户的工程师和数据负责人", en="the merchant's engineers, and who owns the data"
)
_RISK = Text(
    zh="商户的风控人员；必要时渠道客服", en="the merchant's risk staff; the channel where needed"
)

_ON_DUTY = Text(zh="值班人员：查询和对账", en="who is on duty: query and reconcile")

ACTORS: Mapping[OutcomeClass, Text] = {
    OutcomeClass.VALIDATION: _ENGINEERS,
    OutcomeClass.INTEGRATION: Text(zh="商户的工程师", en="the merchant's engineers"),
    OutcomeClass.RISK_BLOCK: _RISK,
    OutcomeClass.FRAUD: _RISK,
    OutcomeClass.LIMIT: Text(
        zh="商户财务（向渠道申请额度）或付款人", en="the merchant's finance staff, or the payer"
    ),
    OutcomeClass.ACCOUNT_STATE: Text(
        zh="付款人、收款人或商户财务", en="the payer, the payee or the merchant's finance staff"
    ),
    OutcomeClass.CHANNEL: Text(
        zh="值班人员：等待或改走其他渠道", en="who is on duty: wait, or use another channel"
    ),
    OutcomeClass.UNKNOWN: _ON_DUTY,
    OutcomeClass.UNCLASSIFIED: _ON_DUTY,
    OutcomeClass.PAYER_ACTION: Text(zh="付款人", en="the payer"),
    OutcomeClass.ACCEPTED: Text(zh="无需处理", en="nobody needs to"),
    OutcomeClass.CANCELLED: Text(
        zh="商户的订单系统或买家", en="the merchant's order system, or the buyer"
    ),
}

_FIX_FIRST = Text(
    zh="未提交过的订单改好后直接提交；渠道已明确拒绝的，按决定中的重试建议用新单号。",
    en="An order never sent is sent once it is right; after a clear refusal take the number that "
    "the decision's retry advice names.",
)
_NOT_UNTIL_CLEARED = Text(
    zh="核实清楚前不要重试；连续重试本身会提高风险等级。",
    en="Do not try again until it is cleared; repeats raise the risk by themselves.",
)

_QUERY = Text(
    zh="先查询并保留原单号；未明不等于失败，换号重发可能重复扣款。",
    en="Query first and keep the number. Unresolved is no failure; a new number may pay twice.",
)

RETRIES: Mapping[OutcomeClass, Text] = {
    OutcomeClass.VALIDATION: _FIX_FIRST,
    OutcomeClass.INTEGRATION: Text(
        zh="修好接入配置后再提交；在此之前所有订单都会失败。",
        en="Send again once the integration is repaired; until then every order fails.",
    ),
    OutcomeClass.RISK_BLOCK: _NOT_UNTIL_CLEARED,
    OutcomeClass.FRAUD: _NOT_UNTIL_CLEARED,
    OutcomeClass.LIMIT: Text(
        zh="额度恢复或调整之后再提交。", en="Send again once the limit is restored or raised."
    ),
    OutcomeClass.ACCOUNT_STATE: Text(
        zh="账户问题解决后再提交，不要用同样的信息重试。",
        en="Send again once the account is in order, and not with the same details before.",
    ),
    OutcomeClass.CHANNEL: Text(
        zh="稍后用原单号再试；状态未明时先查询。",
        en="Try later under the same number; where the state is unclear, query first.",
    ),
    OutcomeClass.UNKNOWN: _QUERY,
    OutcomeClass.UNCLASSIFIED: _QUERY,
    OutcomeClass.PAYER_ACTION: _QUERY,
    OutcomeClass.ACCEPTED: Text(zh="不要再次提交。", en="Do not send it again."),
    OutcomeClass.CANCELLED: Text(
        zh="不要再次提交；先同步订单状态。",
        en="Do not send it again; synchronise the order's state first.",
    ),
}
"""How to try again, by the class of outcome that a rule foresees."""

_LATER = Text(
    zh="该订单暂时无法完成支付，请稍后再试或联系客服。",
    en="This order cannot be paid just now; please try later, or contact customer service.",
)
_SUPPORT = Text(
    zh="款项正在处理，如有疑问请联系客服。",
    en="It is being looked after; please contact customer service with any question.",
)
_BEING_CONFIRMED = Text(
    zh="支付结果正在确认，请勿重复支付。",
    en="The payment's result is being confirmed; please do not pay again.",
)


def buyer_sentence(entry: RuleEntry) -> Text:
    """Give what customer service may say to the buyer: the rule's own sentence, or a plain one.

    The plain ones say nothing of the reason, so they hold no detail of risk control.
    """
    if entry.buyer is not None:
        return entry.buyer
    if entry.outcome_class is OutcomeClass.UNKNOWN:
        return _BEING_CONFIRMED
    holds_back = entry.severity in (Severity.BLOCK, Severity.CONFIRM)
    return _LATER if holds_back and "order" in entry.kinds else _SUPPORT
