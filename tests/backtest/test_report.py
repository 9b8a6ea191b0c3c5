"""From the command line to the page: what is counted adds up, and the page needs nothing else."""

import json
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import preflight
from features.catalog import Catalog
from features.history import read_history
from features.ledger import sqlite_url
from features.ledger_import import import_history
from features.times import to_us
from rules.decision import Action
from tests.backtest.conftest import DAYS, END, ORDERS, court_over
from training.backtest.asked import Asked, plan_of
from training.backtest.cache import cached_features
from training.backtest.decided import decide_slice
from training.backtest.errors import BacktestError
from training.backtest.ledger import ledger_history
from training.backtest.result import Backtest
from training.backtest.run import Bench, Plan, in_this_process, no_sums, run_backtest
from training.backtest.setting import Setting, Sources
from training.backtest.shares import InProcesses
from training.backtest.slices import Slice, Span, cuts, read_slice
from training.backtest.truth import Kind, kind_of, truth_of
from training.simulate.history import simulate_history
from training.simulate.scenario_file import load_scenario

_ACTIONS = [one.value for one in Action]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("told") / "history"
    simulate_history(ORDERS, DAYS, 11, place, end=END, scenario=load_scenario("gift_season"))
    return place


@pytest.fixture(scope="module")
def plan(
    history: Path,
    shipped: Setting,
    edited_setting: Setting,
    catalog: Catalog,
    tmp_path_factory: pytest.TempPathFactory,
) -> Plan:
    home = tmp_path_factory.mktemp("home")
    return Plan(history, home, catalog, shipped, edited_setting)


@pytest.fixture(scope="module")
def found(plan: Plan) -> Backtest:
    return run_backtest(plan)


def ran(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], *words: object
) -> tuple[int, bytes, bytes]:
    monkeypatch.setattr(sys, "argv", ["preflight", "backtest", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        preflight.main()
    return int(ended.value.code or 0), *capsysbinary.readouterr()


def test_every_order_is_counted_once(found: Backtest) -> None:
    cells = [cell.orders for row in found.matrix.values() for cell in row.values()]
    assert sum(cells) == found.orders == ORDERS
    assert sum(found.outcomes.values()) == ORDERS
    assert sum(day.orders for day in found.days) == ORDERS
    stopped = sum(found.matrix["SUBMIT"][new].orders for new in _ACTIONS if new != "SUBMIT")
    assert sum(one.orders for one in found.newly_stopped) == stopped
    assert sum(day.newly_stopped for day in found.days) == stopped > 0


def test_the_figures_of_a_rule_are_those_of_a_plain_count(
    found: Backtest, plan: Plan, history: Path
) -> None:
    """The slow way: features of the cache, the rows one by one, Python's own sums."""
    kept, truth = cached_features(history, plan.catalog, plan.home), truth_of(history)
    counts: Counter[tuple[str, str]] = Counter()
    money: Counter[str] = Counter()
    for cut in cuts(history, Span(), at_once=60):
        part = read_slice(history, kept, plan.catalog, Span(), cut)
        old, new = decide_slice(part, court_over(plan.old, plan.new, plan.catalog))
        ends = truth.outcomes_of(part.orders)
        for row, hits in enumerate(new.ruling.hits.iter_rows(named=True)):
            counts.update((code, str(kind_of(ends[row]))) for code, hit in hits.items() if hit)
            if old.actions[row] == 0 < new.actions[row]:
                money[ends[row]] += part.orders["amount_minor"][row]
    for rule in found.rules:
        if rule.new is not None:
            told = (rule.new.caught.bad, rule.new.caught.good, rule.new.caught.open)
            assert told == tuple(counts[rule.code, str(kind)] for kind in Kind), rule.code
    assert {one.outcome: one.money_minor.get("CNY") for one in found.newly_stopped} == dict(money)


def test_changed_rules_come_first_and_say_what_they_are(found: Backtest) -> None:
    status = {rule.code: rule.status for rule in found.rules if rule.status != "same"}
    assert status == {"ADDRESS_DISPERSION": "changed", "SUBJECT_OF_ANOTHER_ORDER": "removed"}
    assert [rule.status == "same" for rule in found.rules[:3]] == [False, False, True]


def test_gift_senders_stand_apart(found: Backtest, history: Path) -> None:
    groups = pl.read_parquet(history / "truth.parquet")["group"]
    assert found.dispersion.orders == groups.is_in(["gift_sender", "reseller"]).sum() > 0
    assert found.dispersion.held_new.count > found.dispersion.held_old.count


def test_examples_say_what_each_rule_read(found: Backtest) -> None:
    assert found.examples
    for one in found.examples:
        fired = {reason.code: reason for reason in one.new.reasons}
        if one.moved == "newly_stopped" and "ADDRESS_DISPERSION" in fired:
            assert fired["ADDRESS_DISPERSION"].facts["buyer_cities_24h"] in (3.0, 4.0, 5.0, 6.0)
    assert {one.moved for one in found.examples} >= {"newly_stopped"}


def test_a_period_is_half_open_and_an_empty_one_is_refused(plan: Plan, history: Path) -> None:
    instants = read_history(history).orders["as_of"].to_list()
    part = run_backtest(replace(plan, span=Span(instants[10], instants[40])))
    assert part.orders == 30
    assert (part.first, part.last) == (instants[10], instants[39])
    with pytest.raises(BacktestError, match="widen --from and --to"):
        run_backtest(replace(plan, span=Span(END, None)))


def test_orders_of_a_channel_without_a_pack_are_left_out_and_counted(
    plan: Plan, found: Backtest
) -> None:
    packs = plan.new.packs
    without = type(packs)({n: p for n, p in packs.by_channel.items() if n != "generic"})
    part = run_backtest(replace(plan, new=replace(plan.new, packs=without)))
    assert part.left_out["generic"] == ORDERS - part.orders > 0
    assert found.left_out == {}


def test_the_command_writes_a_page_that_needs_nothing_else(
    history: Path,
    edited_book: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    words = ["--history", history, "--book", edited_book, "--out", tmp_path, "--home", tmp_path]
    code, out, _ = ran(monkeypatch, capsysbinary, *words, "--json")
    assert code == 0
    told: dict[str, Any] = json.loads(out)
    assert json.loads((tmp_path / "backtest.json").read_text("utf-8")) == told
    page = (tmp_path / "backtest.html").read_text("utf-8")
    assert page.count("<svg") == 5
    assert re.findall(r"(?:src|href)=[\"'](?!#|data:)", page) == []
    assert "新拦截" in page
    assert told["examples"][0]["order_id"] in page


def test_neither_a_history_nor_a_ledger_is_one_line_that_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    code, _, said = ran(monkeypatch, capsysbinary, "--out", tmp_path)
    assert code == 2
    assert b"--history or --ledger" in said


def test_a_ledger_is_laid_out_as_the_history_that_it_was(history: Path, tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "ledger.sqlite")
    import_history(history, url, to_us(END))
    before, after = read_history(history), read_history(ledger_history(url, tmp_path / "again"))
    shared = [name for name in before.orders.columns if name in after.orders.columns]
    lost = set(before.orders.columns) - set(shared)
    assert before.orders.select(shared).equals(after.orders.select(shared))
    assert all(before.orders[name].null_count() == ORDERS for name in lost)
    assert before.outcomes.drop("occurred_at").equals(after.outcomes.drop("occurred_at"))


@pytest.mark.slow
def test_several_processes_count_what_one_counts(
    history: Path, edited_book: Path, tmp_path: Path
) -> None:
    asked = Asked(tmp_path, Sources(book=edited_book), Sources(), history=history, model="none")
    plan = plan_of(asked)
    kept = cached_features(history, plan.catalog, tmp_path)
    some = cuts(history, Span(), at_once=60)
    alone, together = no_sums(plan), no_sums(plan)
    for sums in in_this_process(Bench(plan, kept), some):
        alone.add(sums)
    for sums in InProcesses(asked, 2)(Bench(plan, kept), some):
        together.add(sums)
    assert len(some) > 1
    assert together.orders == alone.orders == ORDERS
    assert together.tally.moves.equals(alone.tally.moves)
    assert together.tally.days.equals(alone.tally.days)
    assert list(together.examples.all()) == list(alone.examples.all())
    for one, other in zip(together.tally.rules, alone.tally.rules, strict=True):
        assert one.hits.tolist() == other.hits.tolist()
        assert one.overlap.tolist() == other.overlap.tolist()


def test_a_slice_gives_rows_by_number(found: Backtest) -> None:
    frame = pl.DataFrame({"order_id": ["a", "b", "c"]})
    assert Slice(frame, frame).gather([2, 0]).orders["order_id"].to_list() == ["c", "a"]
    assert found.peak_bytes > 0
