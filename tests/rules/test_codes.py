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
PACKS = load_packs()


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
