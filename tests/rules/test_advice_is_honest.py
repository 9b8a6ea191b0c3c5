"""No text that we show suggests splitting, relabelling or disguising an order."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from rules import repair, retry
from rules.book import load_book
from rules.packs import load_packs
from rules.reason_pages import pages
from rules.repair import proposals

ZH = [
    "拆分",
    "拆单",
    "分拆",
    "分笔",
    "化整为零",
    "换个名目",
    "伪装",
    "规避",
    "绕过",
    "绕开",
    "躲避",
]
ZH += ["改名", "改写品名", "虚构", "隐瞒", "掩盖", "混淆风控", "更换设备", "换设备", "换IP", "凑单"]
EN = ["split", "smaller amounts", "several orders instead", "relabel", "rename", "disguis", "hide"]
EN += ["conceal", "evade", "avoid detection", "bypass", "circumvent", "work around", "structur"]
EN += [
    "another device",
    "different device",
    "vpn",
    "proxy",
    "under the threshold",
    "below the limit",
]
FORBIDDEN = re.compile("|".join(map(re.escape, [*ZH, *EN])), re.IGNORECASE)


def texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_of(one)


def test_the_word_list_sees_what_it_should() -> None:
    assert FORBIDDEN.search("请将订单拆分为多笔")
    assert FORBIDDEN.search("Split the payout into two")
    assert not FORBIDDEN.search("缩短商品名称")


def test_the_book_never_suggests_a_disguise() -> None:
    for rule in load_book():
        for text in texts_of(msgspec.to_builtins(rule.entry)):
            assert not FORBIDDEN.search(text), (rule.code, text)


def test_repairs_and_retries_never_suggest_a_disguise(make_order: Any) -> None:
    order = make_order(amount_minor=31_100)
    fixes = proposals(order, ["amount_to_record", "amount_to_basket"])
    assert fixes
    shown = [*texts_of(msgspec.to_builtins(fixes)), *texts_of(msgspec.to_builtins(retry._TEXTS))]
    assert not [text for text in shown if FORBIDDEN.search(text)]
    assert not FORBIDDEN.search(repair.__doc__ or "")


def test_the_code_table_never_suggests_a_disguise() -> None:
    for row in load_packs()["jd_pay"].codes.rows:
        assert not FORBIDDEN.search(row.mapped.next_action), row


def test_the_pages_of_the_reasons_never_suggest_a_disguise() -> None:
    for name, text in pages(load_book()).items():
        assert not FORBIDDEN.search(text), name
