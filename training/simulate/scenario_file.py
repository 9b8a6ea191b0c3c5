"""Reads a scenario from YAML; every fault carries its line and what is allowed there."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from features.errors import suggest
from features.plain_yaml import NotPlain, read_plain
from rules.packs import load_packs
from training.simulate.scenario import Scenario, ScenarioError
from training.simulate.scenario_codes import find_strange_codes
from training.simulate.scenario_faults import find_contradictions, find_faults

SCENARIOS = Path(__file__).with_name("scenarios")
DEFAULT_SCENARIO = SCENARIOS / "default.yaml"
_LIKE = "like"


def shipped_scenarios() -> tuple[str, ...]:
    """Name the scenarios that come with the product."""
    return tuple(sorted(path.stem for path in SCENARIOS.glob("*.yaml")))


@cache
def load_scenario(which: Path | str = DEFAULT_SCENARIO) -> Scenario:
    """Read a scenario: a file, or a shipped one by its name.

    `like: NAME` at the top of a file takes everything that it does not say from a shipped one.
    Raises ScenarioError with the line of each bad entry and what is allowed there.
    """
    path = _find(which)
    raw, lines = _read(path)
    like = raw.pop(_LIKE, None)
    if like is not None:
        raw = _overlaid(_base(path, lines, like), raw)
    found = (
        list(find_faults(raw, Scenario))
        or list(find_contradictions(raw))
        or list(find_strange_codes(raw["answers"], load_packs()))
    )
    if found:
        told = [f"line {_line(lines, at)}: {problem}" for at, problem in found]
        raise ScenarioError(f"scenario {path}, " + "; ".join(told))
    return msgspec.convert(raw, Scenario)


def _find(which: Path | str) -> Path:
    if isinstance(which, Path) and which.exists():
        return which
    if str(which) in shipped_scenarios():
        return SCENARIOS / f"{which}.yaml"
    if Path(which).exists():
        return Path(which)
    known = shipped_scenarios()
    raise ScenarioError(
        f"scenario {which}: no such file, and none is shipped by that name."
        f"{suggest(str(which), known)} Shipped: {', '.join(known)}"
    )


def _read(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        text = path.read_text(encoding="utf-8")
        root, raw = read_plain(text, f"scenario {path}")
    except NotPlain as error:
        raise ScenarioError(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"scenario {path} cannot be used: {error}") from error
    if not isinstance(raw, dict):
        raise ScenarioError(f"scenario {path}, line 1: expected keys such as name and groups")
    return raw, dict(_places(root, ""))


def _base(path: Path, lines: Mapping[str, int], like: object) -> dict[str, Any]:
    known = shipped_scenarios()
    if like not in known or like == path.stem:
        raise ScenarioError(
            f"scenario {path}, line {_line(lines, _LIKE)}: like is {like!r}, allowed: "
            f"{', '.join(known)} (another than itself)"
        )
    base, _ = _read(SCENARIOS / f"{like}.yaml")
    further = base.pop(_LIKE, None)
    return base if further is None else _overlaid(_base(path, lines, further), base)


def _overlaid(base: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Lay mappings over mappings, key by key; anything else replaces what was there."""
    merged = dict(base)
    for key, value in raw.items():
        under = merged.get(key)
        both = isinstance(under, dict) and isinstance(value, dict)
        merged[key] = _overlaid(dict(under or {}), value) if both else value
    return merged


def _places(node: yaml.Node | None, path: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{path}.{key.value}" if path else str(key.value)
            yield inner, key.start_mark.line + 1
            yield from _places(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield f"{path}[{number}]", value.start_mark.line + 1
            yield from _places(value, f"{path}[{number}]")


def _line(lines: Mapping[str, int], path: str) -> int:
    """Find an entry's line, or that of the nearest entry above it."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path, 1)
