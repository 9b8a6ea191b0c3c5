"""The page about lists runs: its file, its commands, its rule."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rules.book import load_book
from rules.cli_lists import lists_app
from rules.lists.lists import load_lists
from rules.lists.store import store_of
from rules.packs import load_packs
from rules.proof import check_book

PAGE = (Path(__file__).parents[2] / "docs" / "lists.md").read_text("utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFLIGHT_HOME", str(tmp_path / "home"))
    Path("buyers.csv").write_text(_blocks("csv")[0], "utf-8")
    commands = [shlex.split(line) for block in _blocks("sh") for line in block.splitlines()]
    runner = CliRunner()
    statuses = [
        runner.invoke(lists_app, command[2:], catch_exceptions=False).exit_code
        for command in commands
    ]
    assert statuses == [1, 0]
    assert "no zone" not in Path("buyers.rejects.csv").read_text("utf-8")
    assert "4,B-3333" in Path("buyers.rejects.csv").read_text("utf-8")
    lists = load_lists(store_of(tmp_path / "home"))
    assert {name: one.head.entries for name, one in lists.by_name.items()} == {
        "blocked_buyers": 2,
        "vip": 1,
    }


def test_every_command_of_the_page_exists() -> None:
    named = set(re.findall(r"preflight lists ([a-z]+)", PAGE))
    assert named == {command.name for command in lists_app.registered_commands}


def test_the_rule_of_the_page_proves_itself(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(_blocks("yaml")[0], "utf-8")
    book = load_book(tmp_path)
    assert len(check_book(book, load_packs())) == 3
    assert book.asked_lists == ("trusted_devices",)


def test_the_page_names_the_lists_of_the_shipped_book() -> None:
    book = load_book()
    for name in book.asked_lists:
        assert f"`{name}`" in PAGE
