"""Answers that no pack knows are counted and listed, with a row to complete."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from features.errors import LedgerError
from features.ledger import OUTCOMES, LedgerReader, create_schema, open_engine, sqlite_url
from rules.cli_channels import channels_app
from rules.own_codes import COLUMNS
from rules.packs import load_packs
from rules.unseen import unseen_answers

RUN = CliRunner()
ANSWERS = [
    ("o1", "jd_pay", "pay", "JMPT200019", None, None),
    ("o1", "jd_pay", "pay", "BT0001", None, "card 6222020000001234 refused"),
    ("o2", "jd_pay", "pay", "BT0001", None, None),
    ("o2", "jd_pay", "pay", "000000", "NOBODY_KNOWS", None),
    ("o3", "gone_channel", None, "X1", None, None),
    ("o4", "jd_pay", "pay", None, None, None),
]


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    url = sqlite_url(tmp_path / "ledger.sqlite")
    engine = open_engine(url)
    create_schema(engine)
    rows: list[dict[str, Any]] = [
        {
            "seq": seq, "answer_digest": str(seq), "order_id": order_id,
            "received_us": seq * 1_000_000, "channel": channel, "api": api, "raw_code": code,
            "raw_sub_code": sub_code, "raw_message": message, "outcome_class": "unknown",
            "final": False, "origin": "reported",
        }
        for seq, (order_id, channel, api, code, sub_code, message) in enumerate(ANSWERS)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(OUTCOMES), rows)
    engine.dispose()
    return url


def test_the_most_frequent_unseen_answer_comes_first(ledger: str) -> None:
    found = unseen_answers(LedgerReader(open_engine(ledger)), load_packs())
    assert [(one.raw_code, one.raw_sub_code, one.answers, one.orders) for one in found] == [
        ("BT0001", None, 2, 2),
        ("X1", None, 1, 1),
        ("000000", "NOBODY_KNOWS", 1, 1),
    ]
    assert (found[0].first_us, found[0].last_us) == (1_000_000, 2_000_000)


def test_no_card_number_of_a_message_is_shown(ledger: str) -> None:
    shown = RUN.invoke(channels_app, ["unseen", "--ledger", ledger]).output
    assert "6222020000001234" not in shown
    assert "…1234 refused" in shown


def test_a_completed_row_gives_the_answer_a_meaning(ledger: str, tmp_path: Path) -> None:
    template = RUN.invoke(channels_app, ["unseen", "--ledger", ledger, "--template"]).output
    head, *rows = template.splitlines()
    assert head.split("\t") == list(COLUMNS)
    row = rows[0].split("\t")
    row[5:9] = ["limit", "quota", "yes", "later_or_switch"]
    (tmp_path / "codes.tsv").write_text(head + "\n" + "\t".join(row) + "\n", "utf-8")
    arguments = ["unseen", "--ledger", ledger, "--home", str(tmp_path), "--json"]
    left = json.loads(RUN.invoke(channels_app, arguments).output)
    assert [one["raw_code"] for one in left] == ["X1", "000000"]


def test_a_ledger_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    result = RUN.invoke(channels_app, ["unseen", "--ledger", sqlite_url(tmp_path / "no.sqlite")])
    assert isinstance(result.exception, LedgerError)
    assert list(tmp_path.iterdir()) == []
