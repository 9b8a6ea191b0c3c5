"""Lints of our own, each for a convention that no ready-made linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("features", "models", "rules", "serving", "training")
MAX_LINES = 400
CLOCK_MODULE = Path("features/times.py")
CLOCKS = {
    ("time", "time"),
    ("time", "time_ns"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
}
"""Wall clocks. `perf_counter` and `monotonic` measure durations and are free to use."""
PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
WORKPLACE = re.compile(r"/work/|\.\./shared|\bissues (?:show|note|resolved)\b|/root/")
MEASURING = {"Makefile", ".ci/measure", "docs/experiment.md"}
"""The only places that may name the folder of measuring sets that can lie beside a checkout."""


def sources() -> list[Path]:
    folders = [ROOT / room for room in ROOMS] + [ROOT / "tests", ROOT / "bench"]
    found = [path for folder in folders for path in folder.rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in [*found, ROOT / "preflight.py"])


def product_sources() -> list[Path]:
    return [path for path in sources() if path.parts[0] != "tests"]


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def clock_reads(module: ast.Module) -> Iterator[int]:
    imported = {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if alias.name in {"time", "time_ns"}
    }
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in imported:
            yield node.lineno
        if isinstance(node.func, ast.Attribute) and owner(node.func) in CLOCKS:
            yield node.lineno


def owner(attribute: ast.Attribute) -> tuple[str, str]:
    value = attribute.value
    name = value.id if isinstance(value, ast.Name) else getattr(value, "attr", "")
    return name, attribute.attr


def imported_modules(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.split(".")[0]


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import time\ntime.time()", [2]),
        ("from time import time_ns as ns\nns()", [2]),
        ("import datetime\ndatetime.datetime.now()", [2]),
        ("from datetime import datetime\ndatetime.now(None)", [2]),
        ("import time\ntime.perf_counter()", []),
        ("from features.times import now_us\nnow_us()", []),
    ],
)
def test_the_clock_lint_sees_every_way_to_read_the_clock(code: str, lines: list[int]) -> None:
    assert list(clock_reads(ast.parse(code))) == lines


def test_one_module_reads_the_clock() -> None:
    found = {
        f"{path}:{line}"
        for path in product_sources()
        if path != CLOCK_MODULE
        for line in clock_reads(tree(path))
    }
    assert not found, "ask features.times.now_us, or take the instant as an argument"


def test_nothing_is_pickled() -> None:
    found = {
        f"{path}: {name}"
        for path in sources()
        for name in PICKLES.intersection(imported_modules(tree(path)))
    }
    assert not found, "a pickle names our import paths and runs code; write text or JSON"


def test_durable_rules_has_one_door() -> None:
    found = {
        str(path)
        for path in sources()
        if {"durable", "durable_rules_engine"}.intersection(imported_modules(tree(path)))
    }
    assert found == {"rules/engines/durable_door.py"}


def test_no_file_grows_beyond_its_limit() -> None:
    lengths = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in sources()}
    assert {str(path): n for path, n in lengths.items() if n > MAX_LINES} == {}


def test_tests_are_no_packages() -> None:
    found = list((ROOT / "tests").rglob("__init__.py"))
    assert found == [], "tests/features/__init__.py would shadow our own features"


def test_importing_a_room_imports_nothing_else() -> None:
    packages = [Path(room) / "__init__.py" for room in ROOMS]
    assert {str(path) for path in packages if list(imported_modules(tree(path)))} == set()


def test_every_folder_of_a_room_is_a_package() -> None:
    folders = {path.parent for path in product_sources() if path.parts[0] in ROOMS}
    assert {
        str(folder) for folder in folders if not (ROOT / folder / "__init__.py").is_file()
    } == set()


def texts() -> list[Path]:
    kinds = {".py", ".md", ".yaml", ".yml", ".toml", ".json", ".svg", ".html"}
    skipped = {".venv", ".git", ".preflight", ".mypy_cache", ".ruff_cache", ".hypothesis", "build"}
    every = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    kept = [path for path in every if not skipped.intersection(path.parts)]
    return [path for path in kept if path.suffix in kinds or path.parts[0] in {".ci", "Makefile"}]


def test_the_product_speaks_only_of_itself() -> None:
    me = Path(__file__).resolve().relative_to(ROOT)
    found = {
        str(path)
        for path in texts()
        if path != me
        and str(path) not in MEASURING
        and WORKPLACE.search((ROOT / path).read_text(encoding="utf-8"))
    }
    assert found == set()
