"""Loading what runs: of each kind what was published, or what is shipped; never half of a thing."""

from pathlib import Path
from typing import Any

import pytest

from features.catalog import load_catalog
from features.errors import RuleError
from models.bundle import champion_folder
from rules.costs import DEFAULT_COSTS
from rules.releases.desk import champion_catalog
from rules.releases.kinds import BOOK, COSTS, PACKS, ROUTES
from rules.releases.loading import released
from rules.releases.store import store_of

CATALOG = load_catalog()


@pytest.fixture
def small(seed: Any, book_folder: Path) -> str:
    version: str = seed(BOOK, BOOK.files(book_folder))
    return version


def test_where_nothing_was_published_everything_is_shipped(home: Path) -> None:
    found = released(home, CATALOG)
    assert set(found.versions.values()) == {"shipped"}
    assert (len(found.book.rules) > 100, found.costs, found.stamp) == (True, DEFAULT_COSTS, b"")
    assert found.routes.alternatives == {}


def test_every_kind_is_loaded_in_the_version_that_was_published(
    home: Path, seed: Any, small: str
) -> None:
    costs = seed(COSTS, {"costs.yaml": b"review_minor: 7"})
    routes = seed(ROUTES, {"routes.yaml": b"alternatives: {jd_pay: [alipay]}"})
    found = released(home, CATALOG)
    assert found.versions == {"book": small, "packs": "shipped", "costs": costs, "routes": routes}
    assert [rule.code for rule in found.book] == ["LARGE_ORDER", "CLOSED_ORDER"]
    assert (found.costs.review_minor, found.routes.alternatives["jd_pay"]) == (7, ("alipay",))
    assert found.stamp == store_of(home).stamp()


@pytest.mark.usefixtures("small")
def test_what_has_not_changed_is_the_same_object(home: Path, seed: Any) -> None:
    before = released(home, CATALOG)
    seed(COSTS, {"costs.yaml": b"review_minor: 7"})
    after = released(home, CATALOG, before)
    assert after.book is before.book
    assert after.packs is before.packs
    assert after.costs != before.costs
    assert released(home, load_catalog(), before).book is not before.book


@pytest.mark.usefixtures("small")
def test_a_release_that_was_changed_on_the_disk_is_refused(home: Path, seed: Any) -> None:
    version = seed(COSTS, {"costs.yaml": b"review_minor: 7"})
    (home / "releases" / "costs" / version / "costs.yaml").write_text("review_minor: 8")
    with pytest.raises(RuleError, match=r"costs\.yaml was changed after it was published"):
        released(home, CATALOG)


@pytest.mark.usefixtures("small")
def test_routes_that_name_a_channel_without_a_pack_are_refused(home: Path, seed: Any) -> None:
    seed(ROUTES, {"routes.yaml": b"alternatives: {jd_pay: [mine]}"})
    with pytest.raises(RuleError, match=r"the routes do not fit the packs.*'mine'"):
        released(home, CATALOG)


@pytest.mark.usefixtures("small")
def test_own_files_are_told_of_only_where_they_are_not_what_runs(home: Path, seed: Any) -> None:
    (home / "codes.tsv").write_text("nobody reads this", "utf-8")
    seed(PACKS, {"codes.tsv": b"nobody reads this"})
    store = store_of(home)
    version = store.current("packs")
    assert version is not None
    with pytest.raises(RuleError, match=r"codes\.tsv"):  # the very file that is published is bad
        released(home, CATALOG)
    seed(PACKS, {})
    (note,) = released(home, CATALOG).notes
    assert note.startswith(f"codes.tsv in {home} are not what runs")


def test_rules_are_read_over_the_catalog_of_the_model_that_answers(home: Path) -> None:
    assert champion_catalog(home) is None
    bundle = home / "bundles" / "v1"
    bundle.mkdir(parents=True)
    (home / "bundles" / "champion").write_text("v1\n")
    with pytest.raises(RuleError, match="names v1"):
        champion_catalog(home)
    (bundle / "catalog.yaml").write_text("")
    assert champion_catalog(home) == champion_folder(home) / "catalog.yaml"
