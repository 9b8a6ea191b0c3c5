"""What is said of a wait: why, what is assumed, and that the order is to be asked about again."""

from collections.abc import Iterable

from rules.decision import Text
from rules.entries import RuleEntry
from rules.holds import Hold

QUERY_TEXT = Text(
    zh="上一次提交的结果还不知道：先用原订单号查询，查到明确结果之前不要再次提交。",
    en="The result of the last attempt is not known yet: query it by the same number, and do not "
    "send again before the answer is clear.",
)
_TIME = Text(
    zh="保留原订单号，到 `until` 再提交：按目前所知，届时所列规则都不再触发，"
    "已用当时的状态重新判断。提交前请再评一次。",
    en="Keep the number and send it from `until` on: as far as is known by now none of the rules "
    "fires then; the order was judged again as of then. Ask again before you send it.",
)
_DAY = Text(
    zh="当日额度次日零点重新计算：保留原订单号，到 `until` 再提交。这里假定届时当日已用额度为零，"
    "请更新账户用量后再评一次。",
    en="The daily limit begins again at midnight: keep the number and send it from `until` on. It "
    "is assumed that nothing of the day's limit is used then; state the account's use and ask "
    "again.",
)
_STOPPED = Text(
    zh="渠道已停用，预计按计划恢复：保留原订单号，到 `until` 再提交，提交前请再评一次。",
    en="The channel is stopped and is to start again as planned: keep the number and send it from "
    "`until` on. Ask again before you send it.",
)


def text_of(hits: Iterable[RuleEntry], stop: Hold | None) -> Text:
    """Choose the text of a wait that has an end."""
    if any(hit.waits == "day" for hit in hits):
        return _DAY
    return _TIME if stop is None else _STOPPED
