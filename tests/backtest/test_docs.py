"""The page on backtests runs: its books load, its commands print what it says, in other figures."""

import re
import shlex
import sys
from pathlib import Path

import pytest

import preflight
from rules.book import load_book
from rules.packs import load_packs
from rules.proof import check_book

PAGE = (Path(__file__).parents[2] / "docs" / "backtest.md").read_text("utf-8")
BOOK = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
PREPARED = re.findall(r"```sh\n(.*?)\n```", PAGE)
COMMAND, PRINTED = re.findall(r"```console\n\$ (.*?)\n(.*?)```", PAGE, re.DOTALL)[0]


def run(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    with pytest.raises(SystemExit) as ended:
        preflight.main()
    assert ended.value.code == 0


def without_figures(text: str) -> list[str]:
    masked = re.sub(r"\b[0-9a-f]{16}\b", "#", text)
    return re.sub(r"[\d.,]*\d", "#", masked).split()


def heads(text: str) -> list[list[str]]:
    """How the lines begin that are not about one outcome."""
    told = [line.split(":")[0] for line in text.splitlines() if not line.startswith(" ")]
    return [without_figures(line)[:3] for line in told]


def test_the_example_runs_and_says_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFLIGHT_HOME", "home")
    for name, text in (("old", BOOK), ("new", BOOK.replace("value: 6", "value: 3"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "book.yaml").write_text(text, "utf-8")
        check_book(load_book(tmp_path / name), load_packs())
    for command in PREPARED:
        run(command.replace("--orders 2000", "--orders 1000"), monkeypatch)
    capsys.readouterr()
    run(COMMAND, monkeypatch)
    said = capsys.readouterr().out
    assert without_figures(said)[:30] == without_figures(PRINTED)[:30]
    assert heads(said) == heads(PRINTED)
    assert (tmp_path / "report" / "backtest.html").is_file()
