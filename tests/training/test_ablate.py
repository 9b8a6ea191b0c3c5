import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from training.ablate import run_ablation
from training.ablate_report import draw, markdown
from training.ablate_result import Ablation
from training.cli import app
from training.errors import ExperimentError
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
  - {entity: buyer, measure: rate, outcome: refused, over: [7d]}
derived: {dear: amount_minor > 70000}
families: {mismatch: dear}
"""


@pytest.fixture
def plan(make_history: Make, tmp_path: Path) -> Plan:
    (tmp_path / "catalog.yaml").write_text(CATALOG)
    return Plan(
        history=make_history(),
        target="refused",
        **PERIODS,
        catalog=tmp_path / "catalog.yaml",
        bootstrap=20,
    )


@pytest.fixture
def found(plan: Plan) -> Ablation:
    return run_ablation(plan)


def test_each_family_is_left_out_and_stands_alone(found: Ablation) -> None:
    families = {share.family: share.features for share in found.shares}
    assert families == {
        "order": ("amount_minor", "channel"),
        "velocity": ("shop_orders_1d",),
        "mismatch": ("dear",),
        "outcomes": ("buyer_refused_rate_7d",),
    }
    assert {share.without.inputs for share in found.shares} == {3, 4}
    assert [share.alone.inputs for share in found.shares if share.alone] == [3, 3, 3]


def test_only_what_tells_refusals_apart_adds_anything(found: Ablation) -> None:
    shares = {share.family: share for share in found.shares}
    assert shares["order"].last["auc"].low > 0.05
    assert shares["outcomes"].last["auc"].low < 0.02
    assert found.all.metrics.auc > 0.85 > shares["order"].without.metrics.auc


def test_what_is_added_has_the_sign_of_the_metrics(found: Ablation) -> None:
    order = next(share for share in found.shares if share.family == "order")
    gained = found.all.metrics.auc - order.without.metrics.auc
    assert order.last["auc"].low < gained < order.last["auc"].high
    assert order.without.less_than_all == order.last


def test_the_same_plan_gives_the_same_ablation(plan: Plan, found: Ablation) -> None:
    assert run_ablation(plan) == found


def test_the_figures_of_the_table_are_those_of_the_arms(found: Ablation) -> None:
    rows = [line for line in markdown(found).splitlines() if line.startswith("| order |")]
    order = next(share for share in found.shares if share.family == "order")
    assert f"{order.without.metrics.average_precision:.4f}" in rows[0]
    assert f"{order.without.metrics.auc:.4f}" in rows[1]
    assert len(draw(found).axes) == 2


def test_a_catalog_without_fields_has_no_order_to_stand_beside(plan: Plan, tmp_path: Path) -> None:
    catalog = tmp_path / "windows.yaml"
    catalog.write_text(CATALOG.replace("fields: [amount_minor, channel]\n", ""))
    found = run_ablation(replace(plan, catalog=catalog))
    assert found.base is None
    assert [share.alone for share in found.shares] == [None] * 3
    assert "| velocity |" in markdown(found)


def test_one_family_alone_cannot_be_compared(plan: Plan, tmp_path: Path) -> None:
    catalog = tmp_path / "fields.yaml"
    catalog.write_text("{catalog: t, fields: [amount_minor, channel]}")
    with pytest.raises(ExperimentError, match="order alone; an ablation needs two families"):
        run_ablation(replace(plan, catalog=catalog))


def test_the_command_writes_table_figures_and_picture(plan: Plan, tmp_path: Path) -> None:
    words = [f"--{name.replace('_', '-')}={value}" for name, value in PERIODS.items()]
    said = [f"--history={plan.history}", f"--catalog={plan.catalog}", "--target=refused", *words]
    out = tmp_path / "found"
    ran = CliRunner().invoke(app, ["ablate", *said, f"--out={out}", "--bootstrap=10", "--json"])
    printed = json.loads(ran.stdout)
    assert json.loads((out / "ablation.json").read_bytes()) == printed
    assert (out / "ablation.md").read_text().count("| velocity |") == 2
    assert (out / "ablation.png").read_bytes().startswith(b"\x89PNG")
