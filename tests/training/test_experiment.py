import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from features.errors import CatalogError
from features.history import read_history
from training.cli import app
from training.dataset import build_dataset, open_catalog
from training.errors import ExperimentError
from training.experiment import run_experiment
from training.plan import Plan

Make = Callable[..., Path]

PERIODS: dict[str, Any] = {
    "train_from": "2026-01-01",
    "train_until": "2026-02-10",
    "embargo": "1d",
    "test_from": "2026-02-11",
    "test_until": "2026-03-10",
}
CATALOG = """
catalog: test
entities: {shop: [channel], buyer: [buyer.id]}
fields: [amount_minor, channel]
windows:
  - {entity: shop, measure: count, over: [1d]}
  - {entity: shop, measure: rate, outcome: refused, over: [7d]}
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    (tmp_path / "catalog.yaml").write_text(CATALOG)
    return tmp_path / "catalog.yaml"


def plan(folder: Path, catalog: Path, **changes: Any) -> Plan:
    base = Plan(history=folder, target="refused", **PERIODS, catalog=catalog, bootstrap=20)
    return replace(base, **changes)


def test_an_experiment_finds_what_refuses_orders(make_history: Make, catalog: Path) -> None:
    report = run_experiment(plan(make_history(), catalog))
    assert report.seeds[0].metrics.auc > 0.85
    assert report.train_rows == 40 * 24
    assert report.test_rows == (1500 - 41 * 24)


def test_the_same_plan_gives_the_same_figures(make_history: Make, catalog: Path) -> None:
    folder = make_history()
    first, again = (run_experiment(plan(folder, catalog, entity="buyer")) for _ in range(2))
    assert (first.seeds, first.intervals) == (again.seeds, again.intervals)


def test_what_follows_the_test_changes_nothing(make_history: Make, catalog: Path) -> None:
    until = {"test_until": "2026-02-25"}
    short = run_experiment(plan(make_history(count=1320, name="short"), catalog, **until))
    long = run_experiment(plan(make_history(count=1320, name="long"), catalog, **until))
    assert short.seeds == long.seeds


def test_labels_that_arrive_after_the_embargo_are_not_learned(
    make_history: Make, catalog: Path
) -> None:
    late = make_history(delay=timedelta(days=11))
    report = run_experiment(plan(late, catalog))
    assert (report.train_rows, report.train_censored) == (30 * 24, 10 * 24)
    assert report.test_censored == 0


def test_late_labels_are_learned_only_when_asked_for(make_history: Make, catalog: Path) -> None:
    late = make_history(delay=timedelta(days=11))
    report = run_experiment(plan(late, catalog, late_labels=True))
    assert (report.train_rows, report.train_censored) == (40 * 24, 0)
    assert report.late_labels


def test_raw_features_need_no_state(make_history: Make, catalog: Path) -> None:
    report = run_experiment(plan(make_history(), catalog, features="raw"))
    assert report.features == ("amount_minor", "channel")


def test_a_feature_known_only_after_submission_is_refused(
    make_history: Make, tmp_path: Path
) -> None:
    leaking = tmp_path / "leaking.yaml"
    leaking.write_text("{catalog: t, fields: [amount_minor, attributes.answer]}")
    with pytest.raises(CatalogError, match=r"attributes\.answer.*only after submission"):
        run_experiment(plan(make_history(), leaking))


def test_an_entity_of_what_is_known_only_later_is_refused(
    make_history: Make, tmp_path: Path
) -> None:
    leaking = tmp_path / "leaking.yaml"
    leaking.write_text(
        "{catalog: t, entities: {by: [attributes.answer]}, "
        "windows: [{entity: by, measure: count, over: [1d]}]}"
    )
    with pytest.raises(CatalogError, match="only after submission"):
        run_experiment(plan(make_history(), leaking))


def test_without_a_catalog_no_late_attribute_is_used(make_history: Make) -> None:
    folder = make_history()
    report = run_experiment(replace(plan(folder, folder), catalog=None, features="raw"))
    assert "amount_minor" in report.features
    assert "attributes.answer" not in report.features


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"target": "validation"}, "all are labelled 0"),
        ({"target": "fraud"}, "all are labelled 0"),
        ({"filter": "amount_minor < 0"}, "train period has no order that the filter keeps"),
        ({"test_filter": "amount_minor < 0"}, "test period has no order that the filter keeps"),
        ({"train_from": "2020-01-01", "train_until": "2020-02-01"}, "train period has no order"),
        ({"entity": "buyers"}, "Did you mean 'buyer'"),
        ({"features": "some"}, "--features is raw or all"),
    ],
)
def test_what_measures_nothing_is_said(
    make_history: Make, catalog: Path, changes: dict[str, str], text: str
) -> None:
    with pytest.raises(ExperimentError, match=text):
        run_experiment(plan(make_history(), catalog, **changes))


def test_filters_choose_rows_and_not_what_features_see(make_history: Make, catalog: Path) -> None:
    folder = make_history()
    one = run_experiment(plan(folder, catalog, filter="channel = 'b'"))
    two = run_experiment(plan(folder, catalog, test_filter="channel = 'b'"))
    assert one.test_rows == two.test_rows < 1500 - 41 * 24
    assert one.train_rows < two.train_rows == 40 * 24


def test_an_ordering_id_gives_a_report_without_times(make_history: Make, catalog: Path) -> None:
    ids = {
        "train_from": "0",
        "train_until": "960",
        "embargo": "24",
        "test_from": "984",
        "test_until": "1500",
    }
    report = run_experiment(plan(make_history(ordering="sequence"), catalog, **ids, entity="buyer"))
    assert (report.train_rows, report.test_rows) == (960, 516)
    assert report.seeds[0].metrics.precision_at_100 is not None


def test_the_command_prints_the_promised_json(make_history: Make, catalog: Path) -> None:
    words = [f"--{name.replace('_', '-')}={value}" for name, value in PERIODS.items()]
    said = [f"--history={make_history()}", f"--catalog={catalog}", "--target=refused", *words]
    ran = CliRunner().invoke(
        app, ["experiment", *said, "--seeds=2", "--entity=buyer", "--bootstrap=10", "--json"]
    )
    printed = json.loads(ran.stdout)
    assert {"auc", "average_precision", "precision_at_100", "ece", "intervals"} <= printed.keys()
    assert {"train_rows", "train_positives", "test_rows", "test_positives"} <= printed.keys()
    assert printed["seconds"].keys() == {"features", "training"}
    assert [seed["seed"] for seed in printed["per_seed"]] == [1, 2]


def test_an_ordering_id_has_no_calendar(make_history: Make, tmp_path: Path) -> None:
    catalog = tmp_path / "calendar.yaml"
    catalog.write_text(
        "{catalog: t, fields: [amount_minor, calendar.hour], "
        "derived: {night: calendar.hour < 6, late_night: night and amount_minor > 5}}"
    )
    by_time, by_id = (
        read_history(make_history(ordering=ordering, name=ordering))
        for ordering in ("time", "sequence")
    )
    kept = [
        build_dataset(history, open_catalog(history, catalog), "all").names
        for history in (by_time, by_id)
    ]
    assert kept == [("amount_minor", "calendar.hour", "night", "late_night"), ("amount_minor",)]
