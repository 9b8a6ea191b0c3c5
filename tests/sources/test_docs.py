"""The tutorial runs: its command prints what it says, and every mapping in it can be read."""

import re
import shlex
import sys
from pathlib import Path

import pytest

import preflight
from features.leaves import order_leaves
from training.sources.mapping import SourceMapping
from training.sources.mapping_file import load_mapping
from training.sources.mapping_targets import secrets

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "import.md").read_text("utf-8")
MAPPINGS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = re.findall(r"```console\n\$ (.*?)\n(.*?)```", TEXT, re.DOTALL)


def without_seconds(text: str) -> list[str]:
    return re.sub(r"in \d+\.\d s", "in some time", text).split()


@pytest.mark.parametrize(("command", "printed"), COMMANDS)
def test_a_command_of_the_tutorial_prints_what_it_says(
    command: str,
    printed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PREFLIGHT_HOME", str(tmp_path / "home"))
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    with pytest.raises(SystemExit) as ended:
        preflight.main()
    assert ended.value.code == 0
    assert without_seconds(capsys.readouterr().out) == without_seconds(printed)


@pytest.mark.parametrize("text", MAPPINGS)
def test_a_mapping_of_the_tutorial_can_be_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    assert isinstance(load_mapping(tmp_path / "mapping.yaml"), SourceMapping)


def test_the_tutorial_names_every_place_for_a_secret() -> None:
    assert [path for path in secrets() if f"`{path}`" not in TEXT] == []


def test_the_tutorial_names_every_field_of_an_item() -> None:
    assert [leaf.path for leaf in order_leaves()["items"].lines if leaf.path not in TEXT] == []


def test_a_user_error_is_one_line_and_exit_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PREFLIGHT_HOME", str(tmp_path / "home"))
    arguments = ["preflight", "import", "none.csv", "--mapping", "none.yaml", "--out", "out"]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        preflight.main()
    assert ended.value.code == 2
    assert "mapping none.yaml cannot be read" in capsys.readouterr().err
