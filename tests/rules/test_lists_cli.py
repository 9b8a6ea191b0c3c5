"""The commands about lists, as a person and as a script would call them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from features.errors import RuleError
from rules.cli import rules_app
from rules.cli_lists import lists_app

CARD = "6222021234567894"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Call a command against a data folder of the test's own."""

    def call(*arguments: str, status: int = 0) -> Result:
        environment = {"PREFLIGHT_HOME": str(tmp_path / "home"), "PREFLIGHT_BY": "ana"}
        result = CliRunner().invoke(lists_app, list(arguments), env=environment)
        if status != 2:
            assert result.exit_code == status, result.output
        else:
            assert isinstance(result.exception, RuleError)
        return result

    return call


def _json(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_list_is_imported_shown_changed_and_rolled_back(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("value\nB1\nB2\n", "utf-8")
    nature = ("--file", str(file), "--kind", "block", "--fact", "buyer.id")
    imported = _json(run("import", "blocked", *nature, "--json"))
    assert (imported["rows"], imported["entries"], imported["rejects"]) == (2, 2, None)
    added = _json(run("add", "blocked", "B3", "--reason", "why", "--json"))
    assert added["entries"] == 3
    assert _json(run("show", "blocked", "--value", "B3", "--json"))["shown"] == [
        {"value": "B3", "reason": "why", "by": "ana"}
    ]
    run("show", "blocked", "--value", "B4", status=1)
    assert "… 2 more" in run("show", "blocked", "--most", "1").output
    run("remove", "blocked", "B1")
    back = _json(run("rollback", "blocked", "--to", imported["version"], "--json"))
    assert back["version"] == imported["version"]
    told = _json(run("versions", "blocked", "--json"))
    assert [change["by"] for change in told["changes"]] == ["ana"] * 4
    assert told["current"] == imported["version"]
    assert "* " + imported["version"] in run("versions", "blocked").output
    assert [row["list"] for row in _json(run("list", "--json"))] == ["blocked"]
    assert "blocked" in run("list").output


def test_refused_rows_are_counted_and_written(run: Run, tmp_path: Path) -> None:
    file, rejects = tmp_path / "f.csv", tmp_path / "r.csv"
    file.write_text(f"value,until\n{CARD},\n{CARD}x!,\n", "utf-8")
    nature = ("--file", str(file), "--kind", "block", "--fact", "buyer.card.hash")
    told = _json(run("import", "cards", *nature, "--rejects", str(rejects), "--json", status=1))
    assert (told["entries"], told["refused"]) == (1, 1)
    assert rejects.read_text("utf-8").splitlines()[1].startswith("3,,")
    strict = run("import", "cards", *nature, "--strict", status=2)
    assert "nothing was changed" in str(strict.exception)


def test_a_card_given_whole_is_found_and_nowhere_kept(run: Run, tmp_path: Path) -> None:
    run("add", "cards", CARD, "--kind", "block", "--fact", "buyer.card.hash")
    assert len(_json(run("show", "cards", "--value", CARD, "--json"))["shown"]) == 1
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert CARD.encode() not in path.read_bytes()


def test_an_empty_file_and_an_empty_folder_are_told(run: Run, tmp_path: Path) -> None:
    assert "no lists" in run("list").output
    file = tmp_path / "f.csv"
    file.write_text("value\n", "utf-8")
    nature = ("--file", str(file), "--kind", "block", "--fact", "buyer.id")
    assert "has no rows" in str(run("import", "blocked", *nature, status=2).exception)
    assert "no list is named" in str(run("show", "blocked", status=2).exception)


def test_an_exempt_list_must_name_heuristics(run: Run) -> None:
    nature = ("--kind", "exempt", "--fact", "buyer.id")
    refused = run("add", "vip", "B1", *nature, "--rule", "AMOUNT_NOT_RECORD", status=2)
    assert "only a heuristic" in str(refused.exception)
    run("add", "vip", "B1", *nature, "--rule", "BUYER_VELOCITY")
    assert "silences BUYER_VELOCITY" in run("add", "vip", "B2", "--rule", "IP_VELOCITY").output
    assert _json(run("list", "--json"))[0]["rules"] == ["BUYER_VELOCITY", "IP_VELOCITY"]


def test_checking_the_book_says_which_lists_are_not_there(run: Run, tmp_path: Path) -> None:
    run("add", "blocked_buyers", "B1", "--kind", "block", "--fact", "buyer.id")
    home = ["--home", str(tmp_path / "home")]
    told = CliRunner().invoke(rules_app, ["check", *home]).output
    assert "list blocked_devices: is not here, so it is empty" in told
    assert "list blocked_buyers: version " in told
    run("add", "forbidden_words", "B1", "--kind", "block", "--fact", "buyer.id")
    wrong = CliRunner().invoke(rules_app, ["check", *home])
    assert isinstance(wrong.exception, RuleError)
