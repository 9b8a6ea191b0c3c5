"""One check-list over every channel pack, and what a pack's file may not hold."""

import re
from typing import Any

import pytest

from features.errors import RuleError
from rules.packs import Pack, load_packs

PACKS = load_packs()
EACH = pytest.mark.parametrize("pack", list(PACKS), ids=lambda pack: pack.channel)


@EACH
def test_a_stated_fact_has_a_source_and_a_grade(pack: Pack) -> None:
    for fact in pack.file.facts.values():
        assert fact.source
        assert (fact.value is None) == (fact.grade is None)


@EACH
def test_its_version_names_channel_and_content(pack: Pack) -> None:
    assert re.fullmatch(rf"{pack.channel}@[0-9a-f]{{12}}", pack.version)


@EACH
def test_an_answer_that_never_came_is_unknown(pack: Pack) -> None:
    assert pack.map_outcome(None, None).next_action == "query_keep_number"


PACK = """channel: mine
title: {zh: 我的渠道, en: Mine}
kinds: [order]
checked_on: 2026-11-22
code_tables: [JDPAY]
facts:
  instalments: {value: [3, 6], source: mine, grade: C}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("instalments:", "instalment:", "line 7: no fact is named 'instalment'. Did you mean"),
        ("[3, 6]", "[3, six]", "line 7: instalments is a set of numbers"),
        ("[3, 6]", "3", "line 7: instalments is a set of numbers"),
        (", grade: C", "", "line 7: instalments has a value, so it needs a grade"),
        ("source: mine", "sauce: mine", "line 7: facts.instalments.sauce: got an unknown field"),
        ("[JDPAY]", "[JD_PAY]", "line 5: no code table is named 'JD_PAY'. Did you mean 'JDPAY'?"),
        ("[order]", "[orders]", "line 3: kinds"),
    ],
)
def test_a_pack_is_loaded_strictly(old: Any, new: Any, told: Any, tmp_path: Any) -> None:
    (tmp_path / "mine.yaml").write_text(PACK.replace(old, new, 1), "utf-8")
    with pytest.raises(RuleError, match=re.escape(told)):
        load_packs(tmp_path)


def test_a_pack_of_ones_own_uses_the_shipped_code_table(tmp_path: Any) -> None:
    (tmp_path / "mine.yaml").write_text(PACK, "utf-8")
    assert (
        load_packs(tmp_path)["mine"].map_outcome(None, "JMPT200019").outcome_class == "risk_block"
    )
