"""A merchant's own costs: one YAML file with the fields of `rules.costs.Costs`."""

import math
from pathlib import Path

import msgspec

from rules.costs import DEFAULT_COSTS, Costs
from rules.yaml_file import Lines, read_yaml

COSTS_FILE = "costs.yaml"
_SHARES = frozenset({"refused_share", "review_share", "review_catches", "stopped_share"})
_HEAD = (
    "# What a mistake costs this merchant. *_minor: minor units of the order's currency (fen);\n"
    "# *_share: a share of the order's amount, and review_catches a share of the coming refusals,\n"
    "# all in [0, 1]. A field that is left out has the shipped value.\n"
)


def load_costs(path: Path) -> Costs:
    """Read costs; raises RuleError that names the file, the line, the value and what may stand."""
    costs, lines = read_yaml(path, Costs)
    for name, value in msgspec.structs.asdict(costs).items():
        _check(name, value, lines)
    return costs


def written(costs: Costs = DEFAULT_COSTS) -> bytes:
    """Write costs as the file that `load_costs` reads."""
    return _HEAD.encode() + msgspec.yaml.encode(costs)


def _check(name: str, value: float, lines: Lines) -> None:
    if not math.isfinite(value) or value < 0:
        raise lines.error(name, f"{name} is {value:g}; write a number from 0 on")
    if name in _SHARES and value > 1:
        raise lines.error(name, f"{name} is {value:g}; it is a share, from 0 to 1")
