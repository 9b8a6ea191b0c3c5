"""The commands about rules and channels, as a person and as a script would call them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from features.errors import RuleError
from rules.cli import channels_app, rules_app

RUN = CliRunner()


def test_rules_are_listed_for_people_and_for_scripts() -> None:
    assert "AMOUNT_NOT_RECORD" in RUN.invoke(rules_app, ["list"]).output
    rows = json.loads(RUN.invoke(rules_app, ["list", "--json"]).output)
    assert {"code", "severity", "basis", "title"} <= rows[0].keys()


def test_a_rule_is_shown_whole() -> None:
    shown = json.loads(RUN.invoke(rules_app, ["show", "AMOUNT_UNIT_SLIP", "--json"]).output)
    assert shown["examples"]["fires"]
    assert "when: " in RUN.invoke(rules_app, ["show", "AMOUNT_UNIT_SLIP"]).output


def test_an_unknown_code_gets_the_nearest() -> None:
    result = RUN.invoke(rules_app, ["show", "AMOUNT_UNIT"])
    assert isinstance(result.exception, RuleError)
    assert "Did you mean 'AMOUNT_UNIT_SLIP'?" in str(result.exception)


@pytest.mark.parametrize("command", ["check", "test"])
def test_the_shipped_book_passes(command: str) -> None:
    assert RUN.invoke(rules_app, [command]).exit_code == 0
    assert json.loads(RUN.invoke(rules_app, [command, "--json"]).output)


def test_a_folder_without_rules_fails(tmp_path: Path) -> None:
    result = RUN.invoke(rules_app, ["check", str(tmp_path)])
    assert isinstance(result.exception, RuleError)


def test_channels_are_listed_and_shown() -> None:
    assert "jd_pay" in RUN.invoke(channels_app, ["list"]).output
    assert (
        json.loads(RUN.invoke(channels_app, ["list", "--json"]).output)[0]["channel"] == "generic"
    )
    shown = RUN.invoke(channels_app, ["show", "jd_pay"]).output
    assert "[3, 6, 12, 24]" in shown
    assert "unknown" in shown
    pack = json.loads(RUN.invoke(channels_app, ["show", "lakala_payout", "--json"]).output)
    assert pack["facts"]["payout_speeds"]["grade"] == "B"
