from collections.abc import Callable
from pathlib import Path

import pytest

from features.errors import BundleError
from models.bundle import Bundle, champion_folder, point_champion, read_bundle, write_bundle

Make = Callable[..., Bundle]


def test_a_bundle_is_read_as_it_was_written(make: Make, tmp_path: Path) -> None:
    bundle = make()
    assert read_bundle(write_bundle(bundle, tmp_path)) == bundle


def test_the_folder_is_named_by_the_content(make: Make, tmp_path: Path) -> None:
    same, other = make(), make(slope=2.0)
    assert write_bundle(same, tmp_path) == write_bundle(make(), tmp_path)
    assert write_bundle(other, tmp_path) != write_bundle(same, tmp_path)


def test_a_changed_head_is_refused(make: Make, tmp_path: Path) -> None:
    folder = write_bundle(make(), tmp_path)
    head = folder / "heads" / "refused.txt"
    head.write_text(head.read_text() + " ")
    with pytest.raises(BundleError, match=r"refused\.txt was changed"):
        read_bundle(folder)


@pytest.mark.parametrize("name", ["bundle.json", "catalog.yaml", "card.md", "heads/refused.txt"])
def test_a_missing_file_is_named(make: Make, tmp_path: Path, name: str) -> None:
    folder = write_bundle(make(), tmp_path)
    (folder / name).unlink()
    with pytest.raises(BundleError, match=name):
        read_bundle(folder)


def test_a_broken_manifest_says_train_again(make: Make, tmp_path: Path) -> None:
    folder = write_bundle(make(), tmp_path)
    (folder / "bundle.json").write_text("{")
    with pytest.raises(BundleError, match="train again"):
        read_bundle(folder)


def test_another_format_is_refused(make: Make, tmp_path: Path) -> None:
    folder = write_bundle(make(), tmp_path)
    manifest = folder / "bundle.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(BundleError, match="format 2"):
        read_bundle(folder)


def test_nothing_half_written_is_left_behind(make: Make, tmp_path: Path) -> None:
    folder = write_bundle(make(), tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == [folder.name]


def test_the_champion_is_the_bundle_last_pointed_to(make: Make, tmp_path: Path) -> None:
    first = write_bundle(make(), tmp_path / "bundles")
    second = write_bundle(make(slope=2.0), tmp_path / "bundles")
    point_champion(tmp_path, first.name)
    point_champion(tmp_path, second.name)
    assert champion_folder(tmp_path) == second


def test_without_a_champion_the_error_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="preflight train"):
        champion_folder(tmp_path)


def test_a_bundle_that_is_not_there_cannot_be_champion(tmp_path: Path) -> None:
    (tmp_path / "bundles").mkdir()
    with pytest.raises(BundleError, match="holds no bundle 'abc'"):
        point_champion(tmp_path, "abc")
