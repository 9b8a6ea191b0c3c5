"""Every row of the code table resolves to its class, however its code is spelled."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import RuleError
from features.outcome import OutcomeClass
from rules.code_names import expanded
from rules.codes import CodeRow, load_codes
from rules.packs import SHIPPED_CHANNELS, load_packs

TABLE = load_codes(SHIPPED_CHANNELS / "codes.tsv")
STATES = SHIPPED_CHANNELS / "states.tsv"
PACKS = load_packs()
DAY_LIMIT = "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"
MONTH_LIMIT = "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR"


def test_the_table_has_every_row_with_source_and_grade() -> None:
    assert len(TABLE.rows) == 235
    assert all(row.mapped.source and row.mapped.grade for row in TABLE.rows)


@pytest.mark.parametrize("row", TABLE.rows, ids=lambda row: f"{row.table}:{row.code[:40]}")
def test_a_row_resolves_to_its_class(row: CodeRow) -> None:
    for code in expanded(row.code):
        assert TABLE.find(row.table, row.api, code) == row.mapped
        assert TABLE.find(row.table, row.api, code.lower().replace("_", "")) == row.mapped


def test_a_retry_modifier_is_no_outcome() -> None:
    found = TABLE.find("MASTERCARD", "MAC", "26")
    assert found is not None
    assert (found.outcome_class, found.final) == (OutcomeClass.UNKNOWN, False)
    assert found.next_action == "timed_retry"


@pytest.mark.parametrize(
    ("channel", "code", "sub_code", "expected"),
    [
        ("jd_pay", "JMPT200002", None, OutcomeClass.CHANNEL),
        ("jd_pay", "jmpt200055", None, OutcomeClass.ACCOUNT_STATE),
        ("jd_pay", "0000", None, OutcomeClass.ACCEPTED),
        ("jd_pay", "EER0001", None, OutcomeClass.RISK_BLOCK),
        ("jd_pay", "status=4", None, OutcomeClass.CANCELLED),
        ("jd_pay", None, None, OutcomeClass.UNKNOWN),
        ("jd_pay", "JMPT999999", None, OutcomeClass.UNKNOWN),
        ("jd_pay", "000000", "NOBODY_KNOWS", OutcomeClass.UNKNOWN),
        ("jd_pay", "000000", "JMPT200019", OutcomeClass.RISK_BLOCK),
        ("lakala_payout", "BBS10000", None, OutcomeClass.UNKNOWN),
        ("lakala_payout", "DEAL", None, OutcomeClass.UNKNOWN),
        ("lakala_payout", "BBS11184", None, OutcomeClass.ACCOUNT_STATE),
        ("generic", "risk_block", None, OutcomeClass.RISK_BLOCK),
        ("generic", "ACCEPTED", None, OutcomeClass.ACCEPTED),
        ("generic", "JMPT200019", None, OutcomeClass.UNKNOWN),
        ("jd_pay", "status=3", None, OutcomeClass.UNCLASSIFIED),
        ("lakala_payout", "trade_state=SUCCESS", None, OutcomeClass.ACCEPTED),
        ("wechat_pay", "trade_state=SUCCESS", None, OutcomeClass.ACCEPTED),
        ("wechat_pay", "SUCCESS", "trade_state=NOTPAY", OutcomeClass.UNKNOWN),
        ("wechat_pay", "SUCCESS", None, OutcomeClass.UNKNOWN),
        ("lakala_collect", "SUCCESS", None, OutcomeClass.UNKNOWN),
        ("jd_payout", "0000", "FINI", OutcomeClass.ACCEPTED),
        ("alipay_payout", "40004", "PAYEE_NOT_EXIST", OutcomeClass.ACCOUNT_STATE),
        ("alipay_payout", "20000", None, OutcomeClass.UNKNOWN),
        ("wechat_transfer", "SYSTEM_ERROR", None, OutcomeClass.UNKNOWN),
        ("unionpay", "38", None, OutcomeClass.RISK_BLOCK),
        ("jd_baitiao", "EER0001", None, OutcomeClass.UNKNOWN),
    ],
)
def test_a_raw_answer_means(channel: Any, code: Any, sub_code: Any, expected: Any) -> None:
    assert PACKS[channel].map_outcome(None, code, sub_code).outcome_class is expected


@given(st.text(), st.none() | st.text(), st.sampled_from(PACKS.names))
def test_what_nobody_has_seen_is_unknown_not_final_and_to_be_queried(
    code: Any, sub_code: Any, name: Any
) -> None:
    mapped = PACKS[name].map_outcome(None, code, sub_code)
    if mapped.source is None:
        assert mapped.outcome_class is OutcomeClass.UNKNOWN
        assert not mapped.final
        assert mapped.next_action == "query_keep_number"


def test_a_code_cut_to_32_characters_is_found() -> None:
    whole = "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"
    for cut in (whole[:32], whole.removeprefix("ACQ."), whole.removeprefix("ACQ.")[:32]):
        found = TABLE.find("ALIPAY", None, cut)
        assert found is not None
        assert found.subclass == "daily_amount", cut


def test_rows_that_disagree_without_an_api_are_unknown() -> None:
    row = next(one for one in TABLE.rows if one.code == "JMPT200019")
    other = replace(row, api="other", mapped=TABLE.rows[0].mapped)
    key = ("JDPAY", "JMPT200019")
    table = replace(TABLE, _by_code={key: (row, other)})
    found = table.find("JDPAY", None, "JMPT200019")
    assert found is not None
    assert found.outcome_class is OutcomeClass.UNKNOWN
    assert table.find("JDPAY", "pay", "JMPT200019") == row.mapped


def test_a_broken_table_is_refused_with_its_line(tmp_path: Any) -> None:
    text = (SHIPPED_CHANNELS / "codes.tsv").read_text("utf-8")
    (tmp_path / "codes.tsv").write_text(text.replace("\trisk_block\t", "\trisk\t", 1), "utf-8")
    with pytest.raises(RuleError, match=r"codes\.tsv, line 6: 'risk' is no class"):
        load_codes(tmp_path / "codes.tsv")


@pytest.mark.parametrize(
    ("channel", "spelled", "code"),
    [
        ("jd_pay", "jmpt200019", "JMPT200019"),
        ("jd_pay", " JMPT200019 ", "JMPT200019"),
        ("jd_pay", "JMPT-200019", "JMPT200019"),
        ("jd_pay", "ＪＭＰＴ２０００１９", "JMPT200019"),
        ("jd_pay", "Cash_0002", "CASH0002"),
        ("jd_pay", "0000", "000000"),
        ("jd_pay", "STATUS=2", "status=2"),
        ("jd_pay", "eer 0002", "EER0002"),
        ("jd_payout", "OutTradeNoExist", "OUT_TRADE_NO_EXIST"),
        ("jd_payout", "out-trade-no-exist", "OUT_TRADE_NO_EXIST"),
        ("jd_payout", "acc3030007", "ACC3030007"),
        ("lakala_payout", "bbs-10000", "BBS10000"),
        ("lakala_payout", "deal", "trade_state=DEAL"),
        ("lakala_payout", "tradeState=DEAL", "trade_state=DEAL"),
        ("wechat_pay", "SYSTEMERROR", "SYSTEM_ERROR"),
        ("wechat_pay", "SystemError", "SYSTEM_ERROR"),
        ("wechat_pay", "RULELIMIT", "RULE_LIMIT"),
        ("wechat_pay", "NO_AUTH", "NOAUTH"),
        ("wechat_pay", "order_not_exist", "ORDERNOTEXIST"),
        ("wechat_pay", "BANK_ERROR", "BANKERROR"),
        ("wechat_pay", "FrequencyLimited", "FREQUENCY_LIMITED"),
        ("wechat_transfer", "notenough", "NOT_ENOUGH"),
        ("alipay", "SYSTEM_ERROR", "ACQ.SYSTEM_ERROR"),
        ("alipay", "acq.system_error", "ACQ.SYSTEM_ERROR"),
        ("alipay", "ACQ_SYSTEM_ERROR", "ACQ.SYSTEM_ERROR"),
        ("alipay", "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIM", "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"),
        (
            "alipay",
            "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_L",
            "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
        ),
        ("alipay", "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LI", "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT"),
        ("alipay", "ACQ.NO_PAYMENT_INSTRUMENTS_AVAIL", "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE"),
        ("alipay", "ACQ.ERROR_BALANCE_PAYMENT_DISABL", "ACQ.ERROR_BALANCE_PAYMENT_DISABLE"),
        ("unionpay", "a6", "A6"),
    ],
)
def test_a_spelling_variant_means_what_its_code_means(
    channel: str, spelled: str, code: str
) -> None:
    stated = PACKS[channel].map_outcome(None, code)
    assert stated.source is not None, "the code itself is known"
    assert PACKS[channel].map_outcome(None, spelled) == stated


def test_a_code_that_stands_for_several_causes_says_so() -> None:
    for channel, code in (
        ("jd_pay", "CASH0002"),
        ("unionpay", "01"),
        ("wechat_transfer", "TRANSFER_QUOTA_EXCEED"),
        ("alipay", "ACQ.PAYMENT_FAIL"),
    ):
        assert PACKS[channel].map_outcome(None, code).is_ambiguous
    assert not PACKS["jd_pay"].map_outcome(None, "JMPT200019").is_ambiguous


def test_states_stand_apart_from_the_codes_and_change_none() -> None:
    joined = PACKS["jd_pay"].codes
    assert len(joined.rows) == len(TABLE.rows) + len(load_codes(STATES).rows)
    for row in TABLE.rows:
        for code in expanded(row.code):
            assert joined.find(row.table, row.api, code) == row.mapped
