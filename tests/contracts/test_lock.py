"""The lock: every pin hashed, no registry's address, and what pyproject asks for is in it."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
BLOCK = re.compile(r"^(?P<pin>\S+==.+?) \\\n(?P<rest>(?:^ {4}.*\n?)+)", re.MULTILINE)
PINS = [Requirement(match["pin"].strip()) for match in BLOCK.finditer(LOCK)]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def wanted() -> list[Requirement]:
    project = PYPROJECT["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return [Requirement(line) for line in lines]


def test_the_lock_names_no_address() -> None:
    assert not re.search(r"https?://|--index|--find-links|file:|git\+", LOCK)


def test_every_pin_has_hashes() -> None:
    unhashed = [m["pin"] for m in BLOCK.finditer(LOCK) if "--hash=sha256:" not in m["rest"]]
    assert unhashed == []
    assert len(PINS) == len(re.findall(r"^\S+==", LOCK, re.MULTILINE)) > 100


@pytest.mark.parametrize("requirement", wanted(), ids=lambda requirement: requirement.name)
@pytest.mark.parametrize("python", ["3.11", "3.12"])
def test_the_lock_satisfies_what_pyproject_asks_for(requirement: Requirement, python: str) -> None:
    here = {name: str(value) for name, value in default_environment().items()}
    here |= {"python_version": python, "python_full_version": f"{python}.0"}
    if requirement.marker is not None and not requirement.marker.evaluate(here):
        return
    names = canonical(requirement.name)
    pins = [p for p in PINS if canonical(p.name) == names and applies(p, here)]
    assert len(pins) == 1
    version = str(pins[0].specifier).removeprefix("==")
    assert requirement.specifier.contains(version)


def applies(pin: Requirement, here: dict[str, str]) -> bool:
    return pin.marker is None or pin.marker.evaluate(here)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
