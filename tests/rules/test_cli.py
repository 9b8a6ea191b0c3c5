"""The commands about rules and channels, as a person and as a script would call them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from features.errors import RuleError
from rules.cli import rules_app
from rules.cli_channels import channels_app

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
    rows = json.loads(RUN.invoke(channels_app, ["list", "--json"]).output)
    assert {"jd_pay", "lakala_payout", "wechat_transfer", "generic"} <= {r["channel"] for r in rows}
    shown = RUN.invoke(channels_app, ["show", "jd_pay"]).output
    assert "[3, 6, 12, 24]" in shown
    assert "unknown" in shown
    pack = json.loads(RUN.invoke(channels_app, ["show", "lakala_payout", "--json"]).output)
    assert pack["facts"]["payout_speeds"]["grade"] == "B"


def test_the_mutation_report_and_lint_find_nothing_in_the_shipped_book() -> None:
    report = json.loads(RUN.invoke(rules_app, ["test", "--mutate", "--json"]).output)
    assert report["noticed_share"] == 1
    assert report["unnoticed"] == []
    linted = json.loads(RUN.invoke(rules_app, ["lint", "--json"]).output)
    assert linted["claims"] == []


def test_what_is_found_in_a_book_of_ones_own_is_told_and_sets_the_status(tmp_path: Path) -> None:
    book = _twins(tmp_path)
    lint = RUN.invoke(rules_app, ["lint", book])
    assert lint.exit_code == 1
    assert "duplicate     FIRST_TWIN and SECOND_TWIN: both fire on the same orders" in lint.output
    assert "both fire: {" in lint.output
    mutations = RUN.invoke(rules_app, ["test", book, "--mutate"])
    assert mutations.exit_code == 1
    assert "unnoticed FIRST_TWIN" in mutations.output


def test_what_became_of_the_starter_library_is_told() -> None:
    told = RUN.invoke(rules_app, ["coverage"]).output.splitlines()
    assert told[-1] == "65 of 70 decided"
    assert any(line.startswith("K1") and "EARLIER_ATTEMPT_UNRESOLVED" in line for line in told)
    rows = json.loads(RUN.invoke(rules_app, ["coverage", "--json"]).output)
    assert rows["A12"]["undecidable"]


def test_the_pages_of_a_book_are_written(tmp_path: Path) -> None:
    out = tmp_path / "reasons"
    assert RUN.invoke(rules_app, ["docs", _twins(tmp_path), "--out", str(out)]).exit_code == 0
    assert {page.name for page in out.iterdir()} == {
        "README.md",
        "FIRST_TWIN.md",
        "SECOND_TWIN.md",
        "CHANNEL_STOPPED.md",
        "SENT_BEFORE.md",
    }


def test_a_rule_is_explained_part_by_part() -> None:
    facts = json.dumps({"amount_minor": 10_001, "record.amount_minor": 10_000})
    told = RUN.invoke(rules_app, ["explain", "AMOUNT_NOT_RECORD", facts]).output.splitlines()
    assert told[0].startswith("true ")
    assert any(line.split() == ["10001", "amount_minor"] for line in told)
    missing = RUN.invoke(rules_app, ["explain", "AMOUNT_NOT_RECORD", "{}", "--json"]).output
    assert json.loads(missing)[0]["value"] is None
    broken = RUN.invoke(rules_app, ["explain", "AMOUNT_NOT_RECORD", "amount"])
    assert isinstance(broken.exception, RuleError)


def _twins(folder: Path) -> str:
    rule = """  - code: {code}
    title: {{zh: 金额大, en: Large}}
    when: amount_minor > 500
    outcome_class: limit
    severity: warn
    basis: heuristic
    source: ours
    grade: H
    reason: {{zh: 金额很大, en: It is a large amount}}
    examples:
      fires: [{{amount_minor: 900}}]
      passes: [{{amount_minor: 100}}]
"""
    book = folder / "book"
    book.mkdir()
    twins = [rule.format(code=code) for code in ("FIRST_TWIN", "SECOND_TWIN")]
    (book / "own.yaml").write_text("rules:\n" + "".join(twins), "utf-8")
    return str(book)
