"""Retry advice: nothing may lead to a second payment."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.outcome import OutcomeClass
from rules.codes import MappedOutcome, load_codes
from rules.decision import Advice
from rules.packs import SHIPPED_CHANNELS, load_packs
from rules.retry import advise

ROWS = load_codes(SHIPPED_CHANNELS / "codes.tsv").rows


@pytest.mark.parametrize(
    ("channel", "code", "advice"),
    [
        ("jd_pay", None, Advice.QUERY_FIRST),
        ("jd_pay", "JMPT200062", Advice.QUERY_FIRST),
        ("jd_pay", "never seen", Advice.QUERY_FIRST),
        ("jd_pay", "JMPT200056", Advice.NEW_ID),
        ("jd_pay", "JMPT200019", Advice.NEVER),
        ("jd_pay", "JMPT200071", Advice.NEVER),
        ("jd_pay", "JMPT200033", Advice.SAME_ID),
        ("jd_pay", "JMPT200039", Advice.QUERY_FIRST),
        ("jd_pay", "CASH0002", Advice.QUERY_FIRST),
        ("lakala_payout", "000101", Advice.QUERY_FIRST),
    ],
)
def test_after_an_answer_we_advise(channel: Any, code: Any, advice: Any) -> None:
    assert advise(load_packs()[channel].map_outcome(None, code)).advice is advice


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.table}:{row.code[:30]}")
def test_a_new_number_is_advised_only_after_a_final_no(row: Any) -> None:
    retry = advise(row.mapped)
    if retry.advice is Advice.NEW_ID:
        assert row.mapped.final
        assert row.mapped.outcome_class not in {OutcomeClass.ACCEPTED, OutcomeClass.UNKNOWN}
    if row.mapped.outcome_class is OutcomeClass.UNKNOWN:
        assert retry.advice in {Advice.QUERY_FIRST, Advice.NEVER}


@given(
    st.sampled_from(OutcomeClass),
    st.booleans(),
    st.sampled_from(sorted({row.mapped.next_action for row in ROWS})),
)
def test_no_combination_invites_a_second_payment(
    outcome_class: Any, final: Any, next_action: Any
) -> None:
    mapped = MappedOutcome(
        outcome_class=outcome_class,
        subclass=None,
        final=final,
        next_action=next_action,
        source=None,
        grade=None,
    )
    if outcome_class in {OutcomeClass.UNKNOWN, OutcomeClass.ACCEPTED} or not final:
        assert advise(mapped).advice is not Advice.NEW_ID
