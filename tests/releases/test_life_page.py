"""The page about the life of a rule runs: its commands in their order, its costs, its files."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rules.cli import rules_app
from rules.cli_releases import costs_app
from rules.costs import Costs
from rules.releases.costs_file import load_costs
from rules.releases.kinds import BOOK

PAGE = (Path(__file__).parents[2] / "docs" / "life-of-a-rule.md").read_text("utf-8")
APPS = {"rules": rules_app, "costs": costs_app}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_commands_of_the_page_run_in_their_order(
    home: Path, monkeypatch: pytest.MonkeyPatch, seed: Any, book_folder: Path
) -> None:
    seed(BOOK, BOOK.files(book_folder))  # a small book runs
    monkeypatch.setenv("PREFLIGHT_HOME", str(home))
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    edited = home / "drafts" / "rules" / "careful" / "amounts.yaml"
    for number, line in enumerate(lines):
        _, group, *arguments = shlex.split(line)
        done = CliRunner().invoke(APPS[group], arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        if number == 0:  # the edit that a person makes now
            edited.write_text(f"# less\n{edited.read_text('utf-8')}", "utf-8")
    assert (home / "releases" / "current.json").is_file()
    assert (home / "drafts" / "costs" / "ours" / "costs.yaml").is_file()


def test_every_command_exists_and_every_one_is_on_the_page() -> None:
    named = set(re.findall(r"preflight (?:rules|channels|costs|routes) ([a-z]+)", PAGE))
    named |= set(re.findall(r"`([a-z]+)[ `]", "\n".join(re.findall(r"^\|.*$", PAGE, re.MULTILINE))))
    commands: set[Any] = {command.name for command in costs_app.registered_commands}
    assert commands <= named


def test_the_costs_of_the_page_are_costs(tmp_path: Path) -> None:
    (tmp_path / "costs.yaml").write_text(blocks("yaml")[0], "utf-8")
    own = Costs(refused_minor=3500, review_minor=800, review_catches=0.6)
    assert load_costs(tmp_path / "costs.yaml") == own
