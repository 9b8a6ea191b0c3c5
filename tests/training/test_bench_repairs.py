"""The benchmark of repairs holds every offered patch against the true order."""

import json
from dataclasses import replace

import msgspec
import pytest
from typer.testing import CliRunner

from features.order import Order
from rules.book import load_book
from rules.decision import Action, Fix, PatchOperation, Text
from training.bench import repair_report
from training.bench.cli import app
from training.bench.repair_count import FaultCount, RepairCount, count_repairs, together
from training.bench.repair_plants import PLANTS, Planted, is_put_right
from training.bench.repair_play import Group, Offered, Repaired, apply, with_right
from training.bench.repair_report import RepairReport, measure_repairs
from training.simulate.scenario_file import load_scenario

RIGHT = Offered(is_right=True, stands=True, asks=False, is_silent=False)
WRONG = replace(RIGHT, is_right=False)
ONE = Repaired(
    group=Group.FAULT,
    fault="wrong_unit",
    action=Action.FIX,
    is_certain=False,
    offered=(RIGHT,),
    holding=("AMOUNT_NOT_RECORD",),
)


@pytest.fixture(scope="module")
def report() -> RepairReport:
    return measure_repairs(load_book(), [load_scenario("payout_heavy")], 400, 5)


def test_the_shipped_book_puts_right_what_it_should(report: RepairReport) -> None:
    counted = report.scenarios[0]
    assert counted.of(Group.FAULT).orders > 5
    assert counted.of(Group.PLANTED).orders > 200
    assert set(counted.groups[Group.PLANTED]) == set(PLANTS)
    assert counted.of(Group.STRIPPED).first < counted.of(Group.STRIPPED).orders
    assert counted.offers.standing == counted.offers.offered > 200
    assert report.meets_targets


def test_only_the_first_candidate_counts_as_first() -> None:
    counted = count_repairs("s", [ONE, replace(ONE, offered=(WRONG, RIGHT))])
    assert counted.of(Group.FAULT).first == 1
    assert counted.of(Group.FAULT).listed == 2
    assert not counted.meets_targets


@pytest.mark.parametrize("spoilt", [replace(RIGHT, stands=False), replace(RIGHT, is_silent=True)])
def test_a_patch_that_falls_or_is_silent_misses_the_target(spoilt: Offered) -> None:
    assert count_repairs("s", [ONE]).meets_targets
    sound = replace(ONE, group=Group.NOTHING, offered=(spoilt,))
    assert not count_repairs("s", [ONE, sound]).meets_targets


def test_a_certain_repair_that_is_wrong_is_told() -> None:
    counted = count_repairs("s", [replace(ONE, is_certain=True, offered=(WRONG,))])
    assert counted.of(Group.FAULT).certain_wrong == 1


def test_what_no_record_could_tell_stands_apart() -> None:
    counted = count_repairs("s", [replace(ONE, group=Group.UNDECIDABLE, offered=())])
    assert counted.of(Group.FAULT).orders == 0
    assert counted.groups == {Group.UNDECIDABLE: {"wrong_unit": FaultCount(orders=1)}}


def test_scenarios_add_up() -> None:
    every = together([count_repairs("s", [ONE]), count_repairs("t", [ONE, ONE])])
    assert every.of(Group.FAULT).first == 3
    assert every.offers.offered == 3
    assert RepairCount("none").meets_targets


def test_a_patch_is_applied_as_it_stands(order: Order) -> None:
    operation = PatchOperation(op="test", path="/amount_minor", value=1)
    fix = Fix(
        repair="x",
        patch=(operation,),
        equation="",
        text=Text(zh="", en=""),
        changes_what_buyer_pays=False,
        certain=False,
    )
    assert apply(order, fix) is None
    assert apply(order, msgspec.structs.replace(fix, patch=())) == order


def test_right_values_are_put_in(order: Order) -> None:
    right = with_right(order, {"/discount_minor": 3, "/items/1/unit_price_minor": 4})
    assert (right.discount_minor, right.items[1].unit_price_minor) == (3, 4)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_mistake_is_one_and_its_right_order_is_right(name: str, order: Order) -> None:
    planted = PLANTS[name](order)
    if planted is not None:
        assert planted.sent != planted.right
        assert is_put_right(planted.right, planted)
        assert not is_put_right(planted.sent, planted)


def test_another_number_is_right_only_if_nothing_else_changed(order: Order) -> None:
    dashed = msgspec.structs.replace(order, order_id="A-1")
    planted = Planted(dashed, order)
    renumbered = msgspec.structs.replace(order, order_id="A1234567890")
    assert is_put_right(renumbered, planted)
    assert not is_put_right(msgspec.structs.replace(renumbered, amount_minor=1), planted)


def test_it_is_told_for_people_and_for_scripts(
    report: RepairReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair_report, "measure_repairs", lambda *_: report)
    said = CliRunner().invoke(app, ["repairs"])
    assert said.exit_code == 0
    assert "put right by the first candidate" in said.output
    told = CliRunner().invoke(app, ["repairs", "--json"])
    assert json.loads(told.stdout) == json.loads(json.dumps(report.as_json()))


def test_a_missed_target_is_status_one(monkeypatch: pytest.MonkeyPatch) -> None:
    missed = count_repairs("s", [replace(ONE, offered=())])
    report = RepairReport("book", 1, 1, (missed,))
    monkeypatch.setattr(repair_report, "measure_repairs", lambda *_: report)
    assert CliRunner().invoke(app, ["repairs"]).exit_code == 1
