"""A user's own meanings of raw answers go before the shipped ones, the most precise first."""

import re
from pathlib import Path
from typing import Any

import pytest

from features.errors import RuleError
from rules.own_codes import COLUMNS
from rules.packs import Pack, load_packs

HEAD = "\t".join(COLUMNS)


def packs(tmp_path: Path, *rows: str) -> Any:
    path = tmp_path / "codes.tsv"
    path.write_text("\n".join([HEAD, *(row.replace(" | ", "\t") for row in rows)]), "utf-8")
    return load_packs(own_codes=path)


def of(
    pack: Pack, code: str, sub_code: str | None = None, message: str | None = None
) -> tuple[str, bool]:
    mapped = pack.map_outcome("pay", code, sub_code, message)
    return mapped.outcome_class.value, mapped.final


def test_an_own_row_goes_before_the_shipped_one(tmp_path: Path) -> None:
    row = "jd_pay |  | CASH0002 |  |  | risk_block | cash | yes | switch_method"
    pack = packs(tmp_path, row)["jd_pay"]
    assert of(pack, "cash-0002") == ("risk_block", True)
    mapped = pack.map_outcome(None, "CASH0002")
    assert (mapped.source, mapped.grade) == ("codes.tsv, line 2", "own")
    assert of(packs(tmp_path, row)["jd_baitiao"], "CASH0002")[0] == "unclassified"


def test_an_own_row_gives_an_unseen_code_a_meaning(tmp_path: Path) -> None:
    own = packs(tmp_path, "* |  | BT0001 |  |  | limit | quota | yes | later_or_switch")
    assert of(own["jd_baitiao"], "BT0001") == ("limit", True)
    assert of(own["unionpay"], "bt_0001") == ("limit", True)
    assert of(own["jd_baitiao"], "BT0002") == ("unknown", False)


def test_the_most_precise_row_speaks(tmp_path: Path) -> None:
    own = packs(
        tmp_path,
        "jd_pay |  | E1 |  |  | channel |  | no | query",
        "jd_pay | pay | E1 |  |  | validation |  | yes | fix_then_new",
        "jd_pay |  | E1 | S1 |  | limit |  | yes | later",
        "jd_pay |  | E1 |  | risk | risk_block |  | yes | stop",
    )
    pack = own["jd_pay"]
    assert of(pack, "E1") == ("validation", True)
    assert pack.map_outcome("refund", "E1").outcome_class == "channel"
    assert of(pack, "E1", "s_1") == ("limit", True)
    assert of(pack, "E1", message="high RISK") == ("risk_block", True)


def test_a_code_alone_proves_no_success_when_a_sub_code_came_with_it(tmp_path: Path) -> None:
    own = packs(
        tmp_path,
        "jd_pay |  | OK |  |  | accepted |  | yes | none",
        "jd_pay |  | GOOD | * |  | accepted |  | yes | none",
    )
    pack = own["jd_pay"]
    assert of(pack, "OK") == ("accepted", True)
    assert of(pack, "OK", "WHAT_IS_THIS") == ("unknown", False)
    assert of(pack, "GOOD", "ANYTHING") == ("accepted", True)


def test_no_answer_stays_unknown_whatever_a_user_wrote(tmp_path: Path) -> None:
    own = packs(tmp_path, "* |  | * |  |  | channel |  | yes | later")
    assert own["jd_pay"].map_outcome(None, None).subclass == "no_answer"
    assert of(own["jd_pay"], "NEVER_SEEN") == ("channel", True)


def test_own_rows_change_the_version_of_every_pack(tmp_path: Path) -> None:
    own = packs(tmp_path, "* |  | E1 |  |  | limit |  | yes | later")
    assert own["jd_pay"].version != load_packs()["jd_pay"].version


def test_without_a_file_there_are_no_own_rows(tmp_path: Path) -> None:
    assert load_packs(own_codes=tmp_path / "none.tsv")["jd_pay"].own.rows == ()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("jd_pay |  | E1 |  |  | limits |  | yes | later", "line 2: 'limits' is no class. Did you"),
        ("jd_pay |  | E1 |  |  | limit |  | true | later", "line 2: final is 'true'; write yes or"),
        ("jd_pay |  |  |  |  | limit |  | yes | later", "line 2: code is empty"),
        ("jd_pay |  | E1 |  |  | unknown |  | yes | query", "line 2: class unknown is never final"),
        ("jd_pay |  | E1 |  | (a | limit |  | yes | later", "line 2: message_pattern '(a' is no"),
    ],
)
def test_a_broken_row_is_refused_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(RuleError, match=re.escape(told)):
        packs(tmp_path, row)


def test_another_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "codes.tsv"
    path.write_text("channel,code\n", "utf-8")
    with pytest.raises(RuleError, match="line 1: the columns are channel,code; they must be"):
        load_packs(own_codes=path)
