"""The strategies of this folder, as one fixture: test files cannot import each other."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def random_language() -> ModuleType:
    path = Path(__file__).with_name("strategies.py")
    spec = importlib.util.spec_from_file_location("expression_strategies", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
