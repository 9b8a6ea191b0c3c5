"""No text that we show suggests splitting, relabelling or disguising an order.

What patches do is held to the same in tests/repairs/test_patches_are_honest.py.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from rules.book import load_book
from rules.packs import load_packs
from rules.reason_pages import pages

RULES = Path(__file__).parents[2] / "rules"
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


def texts_in(source: str) -> Iterator[str]:
    """Every literal inside a call of `Text(…)`, those in f-strings too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text":
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def test_the_word_list_sees_what_it_should() -> None:
    assert FORBIDDEN.search("请将订单拆分为多笔")
    assert FORBIDDEN.search("Split the payout into two")
    assert not FORBIDDEN.search("缩短商品名称")


def test_texts_in_the_code_are_found() -> None:
    found = list(texts_in('X = {1: Text(zh="拆单", en=f"Split {it} up")}\nY = "split"'))
    assert found == ["拆单", "Split ", " up"]


def test_the_book_never_suggests_a_disguise() -> None:
    for rule in load_book():
        for text in texts_of(msgspec.to_builtins(rule.entry)):
            assert not FORBIDDEN.search(text), (rule.code, text)


@pytest.mark.parametrize("room", ["repairs", "retry", ""])
def test_no_text_of_repairs_waits_routes_and_retries_suggests_a_disguise(room: str) -> None:
    shown = [
        (path.name, text)
        for path in sorted((RULES / room).glob("*.py"))
        for text in texts_in(path.read_text(encoding="utf-8"))
    ]
    assert len(shown) > 5
    assert [one for one in shown if FORBIDDEN.search(one[1])] == []


def test_the_code_table_never_suggests_a_disguise() -> None:
    for row in load_packs()["jd_pay"].codes.rows:
        assert not FORBIDDEN.search(row.mapped.next_action), row


def test_the_pages_of_the_reasons_never_suggest_a_disguise() -> None:
    for name, text in pages(load_book()).items():
        assert not FORBIDDEN.search(text), name
