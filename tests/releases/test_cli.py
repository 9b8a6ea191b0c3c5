"""The commands: one life from the draft to the rollback, for a person and for a script."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from features.errors import PreflightError
from rules.cli import rules_app
from rules.cli_channels import channels_app
from rules.cli_releases import costs_app, routes_app
from rules.releases.kinds import BOOK

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def in_a_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFLIGHT_HOME", str(home))


def run(app: Any, *arguments: object) -> Any:
    """Run a command with --json; gives what it printed."""
    done = RUNNER.invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def said(app: Any, *arguments: object) -> str:
    done = RUNNER.invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_book_goes_from_draft_to_rollback(home: Path, book_folder: Path) -> None:
    begun = run(rules_app, "draft", "two", "--from", book_folder, "--by", "ana", "--why", "less")
    assert begun["folder"] == str(home / "drafts" / "rules" / "two")
    checked = run(rules_app, "check", "two", "--by", "ana")
    assert (checked["rules"], checked["content"]) == (2, begun["content"])
    opinion = run(rules_app, "opinion", "two", "--by", "ana")
    assert (opinion["status"], opinion["hearing"]["engine"]) == ("agrees", "durable")
    assert run(rules_app, "approve", "two", "--by", "bo")["evidence"]["opinion"]
    done = run(rules_app, "publish", "two", "--by", "ana")
    assert (done["version"], done["approved_by"]) == (begun["content"], "bo")
    assert "LARGE_ORDER" in said(rules_app, "diff", "shipped", "current")
    back = said(rules_app, "rollback", "--by", "dee", "--why", "too many stops")
    assert back.startswith(f"book shipped runs since now, before it {begun['content']} (")
    history = run(rules_app, "history", "--verify")
    assert [step["verb"] for step in history["steps"]] == [
        "draft", "check", "opinion", "approve", "publish", "rollback"
    ]  # fmt: skip
    assert [step["by"] for step in history["steps"]] == ["ana", "ana", "ana", "bo", "ana", "dee"]


def test_a_changed_audit_is_exit_2(home: Path, book_folder: Path) -> None:
    said(rules_app, "draft", "two", "--from", book_folder, "--by", "ana")
    said(rules_app, "check", "two", "--by", "ana")
    log = home / "releases" / "audit.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"ana"', b'"eve"', 1))
    assert "check" in said(rules_app, "history")
    with pytest.raises(PreflightError, match="line 2 does not follow line 1"):
        said(rules_app, "history", "--verify")


def test_drafts_are_listed_with_what_was_done(book_folder: Path) -> None:
    assert "begin one: preflight rules draft NAME" in said(rules_app, "drafts")
    said(rules_app, "draft", "mine", "--adopt", book_folder, "--by", "ana")
    assert "nothing was done with it yet" in said(rules_app, "drafts")
    said(rules_app, "check", "mine", "--by", "ana")
    (row,) = run(rules_app, "drafts")
    assert (row["checked"], row["folder"], row["approved_by"]) == (True, str(book_folder), [])
    assert said(rules_app, "discard", "mine", "--by", "ana") == "mine is closed\n"


def test_a_draft_whose_folder_is_gone_is_still_listed_and_can_be_closed(book_folder: Path) -> None:
    said(rules_app, "draft", "mine", "--adopt", book_folder, "--by", "ana")
    shutil.rmtree(book_folder)
    assert "its files are gone" in said(rules_app, "drafts")
    with pytest.raises(PreflightError, match="holds none of"):
        said(rules_app, "check", "mine", "--by", "ana")
    said(rules_app, "discard", "mine", "--by", "ana")


def test_costs_have_nothing_to_have_an_opinion_on() -> None:
    said(costs_app, "draft", "ours", "--by", "ana")
    with pytest.raises(PreflightError, match="costs hold no rules"):
        said(costs_app, "opinion", "ours", "--by", "ana")


@pytest.mark.parametrize(
    ("app", "file", "text"),
    [
        (costs_app, "costs.yaml", "review_minor: 7\n"),
        (routes_app, "routes.yaml", "alternatives: {jd_pay: [alipay]}\n"),
    ],
)
def test_costs_and_routes_have_the_same_commands(
    home: Path, app: Any, file: str, text: str
) -> None:
    begun = run(app, "draft", "ours", "--by", "ana", "--why", "our contract")
    Path(begun["folder"], file).write_text(text, "utf-8")
    said(app, "check", "ours", "--by", "ana")
    said(app, "approve", "ours", "--by", "bo")
    assert run(app, "publish", "ours", "--by", "ana")["second_opinion"] == ""
    assert run(app, "diff", "shipped", "current")["changed"]
    assert run(app, "rollback", "--by", "ana", "--why", "wrong")["version"] == "shipped"


def test_packs_have_them_too_and_keep_their_own_check_and_diff(
    seed: Any, book_folder: Path
) -> None:
    seed(BOOK, BOOK.files(book_folder))
    begun = run(channels_app, "draft", "ours", "--by", "ana")
    Path(begun["folder"], "channels", "mine.yaml").write_text(
        "channel: mine\nextends: generic\ntitle: {zh: 我方, en: Mine}\nkinds: [order]\n"
        "checked_on: 2026-11-22\n", "utf-8",
    )  # fmt: skip
    assert run(channels_app, "diff", "current", "ours")["added"] == ["mine"]
    assert "may run" in said(channels_app, "check", "ours", "--by", "ana")
