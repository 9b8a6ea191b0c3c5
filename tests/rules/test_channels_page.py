"""The page about channels does what it says: its pack loads, its commands print what it shows."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rules.cli_channels import channels_app
from rules.packs import load_pack, load_packs

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "channels.md").read_text("utf-8")
CHANGE = re.compile(r"<!-- change (\S+) -->\n```diff\n(.*?)```", re.DOTALL)
RUNS = re.findall(
    r"<!-- run -->\n```console\n\$ preflight channels (.*?)\n(.*?)```", PAGE, re.DOTALL
)
VERSION = re.compile(r" \(\w+@[0-9a-f]{12}\)")


def changed(tmp_path: Path) -> Path:
    """Make the file that the page changes, line by line."""
    found = CHANGE.search(PAGE)
    assert found is not None
    text = (ROOT / found[1]).read_text("utf-8")
    removed = [line[1:] for line in found[2].splitlines() if line.startswith("-")]
    added = [line[1:] for line in found[2].splitlines() if line.startswith("+")]
    for old, new in zip(removed, added, strict=True):
        assert f"{old}\n" in text
        text = text.replace(f"{old}\n", f"{new}\n", 1)
    path = tmp_path / "mine.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(("command", "shown"), RUNS)
def test_the_doctors_tutorial_prints_what_the_page_shows(
    command: str, shown: str, tmp_path: Path
) -> None:
    mine = changed(tmp_path)
    arguments = [
        str(mine) if part == "mine.yaml" else str(ROOT / part) if "/" in part else part
        for part in shlex.split(command)
    ]
    result = CliRunner().invoke(channels_app, arguments)
    printed = VERSION.sub("", result.output).splitlines()
    assert result.exit_code == (0 if " 0 blocking" in shown else 1)
    missing = [line for line in shown.splitlines() if line not in printed]
    assert missing == []


def test_the_page_shows_two_runs() -> None:
    assert len(RUNS) == 2


def test_the_pack_of_the_page_loads_with_both_of_its_values(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    (tmp_path / "jd_pay.yaml").write_text(found[1], "utf-8")
    pack = load_pack(tmp_path / "jd_pay.yaml")
    (start,) = pack.starts
    assert pack.at(start - 1).value("max_amount_minor") == 5_000_000
    assert pack.at(start).value("max_amount_minor") == 2_000_000


def test_the_page_names_every_channel() -> None:
    table = PAGE.split("## A pack of your own")[0]
    assert all(f"`{name}`" in table for name in load_packs().names)
