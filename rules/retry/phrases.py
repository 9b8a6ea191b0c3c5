"""What the retry advice says: what has to happen first, and which number to use; zh and en."""

from rules.decision import Text

ASK = Text(
    zh="结果未知，不等于失败",
    en="The result is unknown, which is not failed",
)
READ_STATE = Text(
    zh="调用已受理，但还不知道是否成交：读取交易状态",
    en="The call was taken, which is no payment yet: read the trade's state",
)
VAGUE = Text(
    zh="渠道只说失败、没有说明原因：查询确认之前还不算失败",
    en="The channel said no without a reason: until a query confirms it, it has not failed",
)
RECONCILE = Text(
    zh="接口已不能说明结果：用渠道对账单核对",
    en="A query can no longer tell: check the channel's reconciliation file",
)
NOT_FOUND = Text(
    zh="渠道说查无此单：请求可能仍在途中，这还不能证明失败",
    en="The channel does not know the number: the request may still be under way, so this is no "
    "proof of failure yet",
)
LOST = Text(
    zh="隔了足够时间、多次查询都查无此单：请求应未到达",
    en="Several queries over enough time did not find it: the request seems never to have arrived",
)
SAYS_SAME = Text(
    zh="渠道要求用相同参数再次调用",
    en="The channel asks for another call with the same parameters",
)
CROWDED = Text(
    zh="请求过于频繁或系统繁忙，渠道没有受理",
    en="Too many requests or a busy system: the channel did not take it",
)
CLOSED_NOW = Text(
    zh="渠道或银行此时不受理",
    en="The channel or the bank does not take it at this hour",
)
CONFIG = Text(
    zh="请求在接入层被拒：先修好签名、密钥、权限或绑定",
    en="It was refused at the door: repair signature, key, permission or binding first",
)
TOP_UP = Text(
    zh="付款账户余额不足：先充值",
    en="The paying account lacks funds: top it up first",
)
MEND = Text(
    zh="内容有误：先按商户自己的记录改正",
    en="The content is wrong: correct it by the merchant's own record first",
)
LIMIT = Text(
    zh="超出渠道限额：先申请额度，或改走限额合适的渠道；金额以商户自己的记录为准",
    en="Outside the channel's limit: ask for a higher one, or take a channel whose limit fits; "
    "the amount stays what the merchant's own record says",
)
LIMIT_RESETS = Text(
    zh="当期限额已用完：等额度恢复，或换付款方式",
    en="The period's limit is used up: wait until it is restored, or take another method",
)
ISSUER = Text(
    zh="发卡行拒绝，可以稍后再试",
    en="The issuer declined; it may be tried later",
)
ONCE = Text(
    zh="渠道允许再试一次，之后请换付款方式",
    en="The channel allows one more try, and then another method",
)
CONTACT = Text(
    zh="账户、额度或权限受限：先联系渠道处理",
    en="Account, limit or permission is restricted: have the channel lift it first",
)
PAYER = Text(
    zh="需要付款人先处理",
    en="The payer has to act first",
)
PAYEE = Text(
    zh="需要收款人先处理，或更正其收款账户",
    en="The payee has to act first, or the payee's account has to be corrected",
)
METHOD = Text(
    zh="这种付款方式不可用：请付款人选择另一种付款方式",
    en="This method cannot be used: let the payer choose another method of payment",
)
CLOSED = Text(
    zh="这个单号已关闭",
    en="This number is closed",
)
READ_REASON = Text(
    zh="渠道已明确失败：先读出失败原因并解决",
    en="The channel has finally failed it: read the reason, and remove it first",
)
CAUSE = Text(
    zh="渠道已明确拒绝：先解决原因",
    en="The channel has finally refused: remove the cause first",
)
STOP = Text(
    zh="渠道要求不要再试",
    en="The channel asks for no further try",
)
RISK = Text(
    zh="风控已明确拒绝：联系渠道核实，重复提交会提高风险等级",
    en="Risk control has finally refused: clear it with the channel; repeats raise the risk",
)
PAID = Text(
    zh="渠道已受理成功（或已扣款），再次提交就是重复支付",
    en="The channel has accepted it (or taken the money); sending again would pay twice",
)
USED_UP = Text(
    zh="可以再试的次数已用完：由人工决定",
    en="The number of further tries is used up: a person decides",
)
SEVERAL_OPEN = Text(
    zh="这笔订单有多个单号的结果不明",
    en="Several numbers of this order are unresolved",
)
AGAIN_OPEN = Text(
    zh="同一单号提交过多次，这次失败未必是最后一次提交的结果",
    en="The number was sent more than once, and this refusal need not be about the last call",
)

QUERY_THEN = Text(
    zh="先查询；查到明确结果之前保留原订单号，不要换号重发。",
    en="Query first, and keep the number until the answer is clear.",
)
SAME_THEN = Text(
    zh="再用原订单号、原参数（含下单时间）提交，不要换号。",
    en="Then send again with the same number and the same parameters (the order's time among "
    "them); do not change the number.",
)
NEW_THEN = Text(
    zh="以前用过的单号都已明确失败：渠道支持关单的先关闭旧单号，再用新订单号提交。",
    en="Every number used before has finally failed: close the old one where the channel can, then "
    "send with a new number.",
)
NEVER_THEN = Text(
    zh="不要再次提交这笔订单。",
    en="Do not send this order again.",
)
STILL_OPEN = Text(
    zh="不要再次提交；尚无结果的单号仍要查询。",
    en="Do not send it again; still query the number that is unresolved.",
)


def said(what: Text, then: Text) -> Text:
    """Join what is the matter and what to do.

    >>> said(CLOSED, NEW_THEN).zh
    '这个单号已关闭。以前用过的单号都已明确失败：渠道支持关单的先关闭旧单号，再用新订单号提交。'
    """
    return Text(zh=f"{what.zh}。{then.zh}", en=f"{what.en}. {then.en}")
