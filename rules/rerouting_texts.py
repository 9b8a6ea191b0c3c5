"""What is said of an alternative channel, and of looking for one."""

from collections.abc import Mapping
from enum import Enum

from rules.decision import Text


class Why(Enum):
    """Why a channel is taken, or is not."""

    TAKEN = "taken"
    NONE_WILL_DO = "none will do"
    RISK = "risk"
    UNRESOLVED = "unresolved"
    OFFERED = "offered"
    OTHER_KIND = "other kind"
    STOPPED_TOO = "stopped too"
    RULES = "rules"
    NOT_KNOWN = "not known"
    NO_SUCH_PLAN = "no such plan"
    NO_PATCH = "no patch"
    LIKELY_REFUSED = "likely refused"
    NOT_WORTH_IT = "not worth it"


TEXTS: Mapping[Why, Text] = {
    Why.TAKEN: Text(
        zh="应用补丁后改走该渠道，提交前请再评一次；同一笔订单不要再向原渠道提交。",
        en="Apply the patch and send it by that channel; ask again before you do, and do not send "
        "the same order by the first channel any more.",
    ),
    Why.NONE_WILL_DO: Text(
        zh="路由表中没有合适的渠道，原因见各备选渠道。",
        en="No channel of your routing list will do; each says why.",
    ),
    Why.RISK: Text(
        zh="订单触发了风险类规则或曾被风控拒绝：不改走其他渠道，请先人工核实。",
        en="A rule about risk has fired, or risk control has refused it: it is not sent elsewhere; "
        "let a person look at it first.",
    ),
    Why.UNRESOLVED: Text(
        zh="该订单可能已在原渠道提交且结果未明，改走其他渠道可能重复付款：先查询。",
        en="The order may be under way here with no clear result; to send it elsewhere could pay "
        "it twice. Query first.",
    ),
    Why.OFFERED: Text(zh="可以改走该渠道。", en="The order can be sent there."),
    Why.OTHER_KIND: Text(
        zh="该渠道不处理这一类订单。", en="The channel does not take this kind of order."
    ),
    Why.STOPPED_TOO: Text(zh="该渠道也已停用。", en="The channel is stopped as well."),
    Why.RULES: Text(
        zh="该渠道的规则不允许现在提交，见规则代码。",
        en="Its rules do not let the order be sent now; see their codes.",
    ),
    Why.NOT_KNOWN: Text(
        zh="挡住订单的问题在该渠道无法判断，见规则代码。",
        en="Whether what holds the order here holds it there as well is not known; see the codes.",
    ),
    Why.NO_SUCH_PLAN: Text(
        zh="该渠道是否提供这一分期方案未知，改走会改变用户的付款方式。",
        en="That channel is not known to offer the plan of instalments; the buyer would pay in "
        "another way.",
    ),
    Why.NO_PATCH: Text(
        zh="无法用补丁得到该渠道的订单。", en="No patch makes it an order of that channel."
    ),
    Why.LIKELY_REFUSED: Text(
        zh="模型预计该渠道很可能拒绝。",
        en="The model foresees that the channel may well refuse it.",
    ),
    Why.NOT_WORTH_IT: Text(
        zh="按商户成本计算，改走该渠道并不更划算。",
        en="By your own costs it is worth no more there than here.",
    ),
}
