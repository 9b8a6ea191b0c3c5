from pathlib import Path

import pytest

from features.errors import BundleError
from serving.settings import Settings
from serving.wiring import build_rooms, build_service, champion_bundle, horizon_us


def test_without_a_champion_the_rules_decide(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert champion_bundle(settings) is None
    assert build_service(settings).model is None


def test_a_champion_whose_folder_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "bundles").mkdir()
    (tmp_path / "bundles" / "champion").write_text("0123456789abcdef\n")
    with pytest.raises(BundleError, match="0123456789abcdef"):
        build_service(Settings(home=tmp_path))


def test_the_state_remembers_as_far_as_the_widest_window(tmp_path: Path) -> None:
    catalog = build_rooms(Settings(home=tmp_path)).catalog
    assert horizon_us(catalog) > max(feature.width_us for feature in catalog.windows)
