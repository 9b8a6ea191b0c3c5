"""A routing list is read strictly: every mistake names its line, the value and the way out."""

from pathlib import Path
from typing import Any

import pytest

from features.errors import RuleError
from rules.routes import Fee, Routes, load_routes

GOOD = """
alternatives:
  jd_pay: [wechat_pay, alipay]
  lakala_payout: [jd_payout]
fees:
  jd_pay: {basis_points: 60}
  alipay: {basis_points: 55, fixed_minor: 10}
"""


def read(text: str, packs: Any, folder: Path) -> Routes:
    (folder / "routes.yaml").write_text(text, encoding="utf-8")
    return load_routes(folder / "routes.yaml", packs)


def test_a_list_is_read_as_it_stands(packs: Any, tmp_path: Path) -> None:
    routes = read(GOOD, packs, tmp_path)
    assert routes.alternatives["jd_pay"] == ("wechat_pay", "alipay")
    assert routes.fees["alipay"] == Fee(basis_points=55, fixed_minor=10)


def test_a_fee_is_a_share_of_the_amount_and_a_fixed_part() -> None:
    assert Fee(basis_points=60, fixed_minor=10).of(10_000) == 70


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("alternatives: {jd_pay: [wechat]}", r"line 1: .*'wechat'.*Did you mean 'wechat_pay'"),
        ("alternatives: {jdpay: [alipay]}", r"line 1: .*'jdpay'.*Did you mean 'jd_pay'"),
        ("alternatives:\n  jd_pay: [jd_pay]", r"line 2: jd_pay is named as its own"),
        ("alternatives:\n  jd_pay: [alipay, alipay]", r"line 2: alipay stands here a second time"),
        ("alternatives:\n  jd_pay: [lakala_payout]", r"takes payouts, but jd_pay has orders"),
        ("fees: {jd: {fixed_minor: 1}}", r"line 1: .*'jd'"),
        ("fees: {jd_pay: {basis_points: -1}}", r"basis_points"),
        ("fees: {jd_pay: {fixed_minor: 0.5}}", r"fixed_minor"),
        ("fees: {jd_pay: {per_cent: 1}}", r"per_cent"),
        ("alternative: {}", r"alternative"),
    ],
)
def test_a_mistake_is_told_with_its_way_out(
    text: str, told: str, packs: Any, tmp_path: Path
) -> None:
    with pytest.raises(RuleError, match=told):
        read(text, packs, tmp_path)
