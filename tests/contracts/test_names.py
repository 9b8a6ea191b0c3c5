"""Flat packages ask for guards: we alone own our top-level names, and the wheel imports bare."""

import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("features", "models", "rules", "serving", "training", "preflight")


@pytest.mark.parametrize("name", OURS)
def test_we_alone_own_this_top_level_name(name: str) -> None:
    owners = set(packages_distributions().get(name, [])) - {"preflight-orders"}
    assert owners == set()


@pytest.mark.slow
def test_the_wheel_imports_bare(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    source, wheels, site = (tmp_path / name for name in ("source", "wheels", "site"))
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "build", "*.egg-info"))
    wheel = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(source)]
    subprocess.run(wheel, check=True, cwd=tmp_path)
    install = [*pip, "install", "--no-deps", "--target", str(site)]
    subprocess.run([*install, *map(str, wheels.glob("*.whl"))], check=True, cwd=tmp_path)
    seen = subprocess.run(
        [sys.executable, "-I", "-S", "-c", BARE, str(site), sysconfig.get_path("purelib")],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert set(seen.stdout.split()) == {str(site)}


BARE = """
import sys
sys.path[:0] = sys.argv[1:2]
sys.path.append(sys.argv[2])
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
import features, models, rules, serving, training, preflight
for room in (features, models, rules, serving, training):
    for module in walk_packages(room.__path__, room.__name__ + "."):
        import_module(module.name)
    print(Path(room.__file__).parent.parent)
print(Path(preflight.__file__).parent)
import features.catalog, rules.book
features.catalog.load_catalog()
rules.book.load_book()
"""
