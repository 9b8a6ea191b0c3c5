"""Documents keep their promises: links lead somewhere, commands exist, every decision is listed."""

import re
from pathlib import Path

import pytest

import preflight

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
COMMAND = re.compile(r"\bpreflight ([a-z]+)(?= [A-Za-z-]|`|$)", re.MULTILINE)


def page_ids(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_ids)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=page_ids)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    code = re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", page.read_text("utf-8"), re.DOTALL)
    named = {name for parts in code for part in parts for name in COMMAND.findall(part)}
    assert named - set(preflight.COMMANDS) == set()


@pytest.mark.parametrize("page", PAGES, ids=page_ids)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    code = re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", page.read_text("utf-8"), re.DOTALL)
    named = {n for parts in code for part in parts for n in re.findall(r"\bmake ([a-z]+)", part)}
    assert named - targets == set()


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    listed = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {page.name for page in folder.glob("0*.md")}


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("0*.md")), ids=page_ids)
def test_every_decision_is_one_page_with_context_decision_and_consequences(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    number = int(page.name[:4])
    assert text.startswith(f"# {number}. ")
    for part in ("## Context", "## Decision", "## Consequences"):
        assert part in text
    assert len(text.split()) < 700
