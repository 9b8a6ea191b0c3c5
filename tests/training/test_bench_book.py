"""The benchmark of a rule book counts every simulated order once, and as what it truly is."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from features.history import History, read_history
from features.outcome import REFUSALS
from rules.book import Book, load_book
from rules.decision import Action, Severity
from rules.packs import load_packs
from training.bench import book_report
from training.bench.book_count import BookCount, count
from training.bench.book_play import Judged, Part, part_of, play
from training.bench.book_report import BookReport, measure_book
from training.bench.book_share import Share
from training.bench.cli import app
from training.simulate.history import simulate_history
from training.simulate.scenario import Scenario, ScenarioError
from training.simulate.scenario_file import load_scenario, shipped_scenarios

ORDERS, SEED = 400, 77
SIZE = ["--orders", str(ORDERS), "--seed", str(SEED)]
WITHOUT_PAYOUTS = """
like: default
name: goods_only
groups: {payout: {rate: 0}}
faults: {other_subject: {rate: 0}, clock_slip: {rate: 0}}
"""
REFUSED_LATELY = """
rules:
  - code: REFUSED_LATELY
    title: {zh: 近期被拒, en: Refused lately}
    when: buyer_refusals_30d > 0
    outcome_class: risk_block
    severity: confirm
    basis: heuristic
    source: a test
    grade: H
    reason: {zh: 近期被拒。, en: Refused lately.}
    examples:
      fires: [{buyer_refusals_30d: 1}]
      passes: [{buyer_refusals_30d: 0}]
"""
CLEAN = {"fault": None, "cause": None, "decidable": None, "group": "ordinary"}


@pytest.fixture(scope="module")
def report() -> BookReport:
    return measure_book(load_book(), [load_scenario("payout_heavy")], ORDERS, SEED)


@pytest.fixture(scope="module")
def counted(report: BookReport) -> BookCount:
    return report.scenarios[0]


@pytest.fixture
def no_rules(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "none.yaml").write_text("rules: []\n", "utf-8")
    return folder


def test_every_order_is_counted_once(counted: BookCount) -> None:
    assert sum(actions.orders for actions in counted.parts.values()) == ORDERS
    for part, causes in counted.causes.items():
        assert sum(found.orders for found in causes.values()) == counted.parts[part].orders > 0


def test_the_hits_of_a_rule_add_up(counted: BookCount) -> None:
    assert all(r.hits == r.faulty + r.query_first + r.false_alarms for r in counted.rules)
    blocking = [rule for rule in counted.rules if rule.severity is Severity.BLOCK]
    held = sum(counted.parts[part].held.count for part in Part)
    certain = sum(counted.parts[part].certain.count for part in Part)
    assert 0 < max(rule.hits for rule in blocking) <= held
    assert certain <= sum(rule.hits for rule in counted.rules if rule.holds)


def test_the_shipped_book_catches_most_and_holds_what_is_unresolved(counted: BookCount) -> None:
    caught = counted.parts[Part.DECIDABLE].certain
    assert caught.of > 20
    assert caught.count > 0.7 * caught.of
    unresolved = counted.parts[Part.QUERY_FIRST]
    assert unresolved.held.count == unresolved.orders > 0


def test_a_book_without_rules_holds_only_what_was_sent_before(
    no_rules: Path, counted: BookCount
) -> None:
    nothing = measure_book(load_book(no_rules), [load_scenario("payout_heavy")], ORDERS, SEED)
    without = nothing.scenarios[0]
    assert without.rules == ()
    assert {part: found.orders for part, found in without.parts.items()} == {
        part: found.orders for part, found in counted.parts.items()
    }
    asked_first = without.parts[Part.QUERY_FIRST]
    assert asked_first.held.count == asked_first.orders > 0
    assert without.parts[Part.CLEAN].held.count == 0
    assert without.parts[Part.DECIDABLE].held.count < 0.2 * without.parts[Part.DECIDABLE].orders
    assert without.touches_little
    assert not without.catches_enough


@pytest.mark.parametrize(
    ("fault", "cause", "decidable", "group", "is_open", "part"),
    [
        ("wrong_unit", "wrong_unit", True, "ordinary", True, Part.DECIDABLE),
        (None, "risk_policy", False, "gift_sender", True, Part.QUERY_FIRST),
        (None, None, None, "gift_sender", True, Part.QUERY_FIRST),
        (None, "risk_policy", False, "gift_sender", False, Part.PROBABLE),
        ("wrong_unit", None, None, "ordinary", False, Part.UNNOTICED),
        (None, None, None, "gift_sender", False, Part.DISPERSED),
        (None, None, None, "ordinary", False, Part.CLEAN),
    ],
)
def test_the_truth_says_what_an_order_is(
    fault: str | None,
    cause: str | None,
    decidable: bool | None,
    group: str,
    is_open: bool,
    part: Part,
) -> None:
    truth = {"fault": fault, "cause": cause, "decidable": decidable, "group": group}
    assert part_of(truth, is_open=is_open) is part


def test_an_order_over_a_limit_that_waits_is_stopped_but_a_mere_wait_is_not() -> None:
    over = (("OVER", Severity.BLOCK),)
    busy = (("BUSY", Severity.WARN),)
    found = count(
        "made up",
        [
            Judged(Part.DECIDABLE, "over_day_limit", Action.WAIT, over),
            Judged(Part.DECIDABLE, "over_day_limit", Action.REROUTE, over),
            Judged(Part.DECIDABLE, "closed_payee", Action.WAIT, busy),
        ],
    )
    caught = found.parts[Part.DECIDABLE]
    assert (caught.certain, caught.held.count) == (Share(2, 3), 3)
    assert found.causes[Part.DECIDABLE]["over_day_limit"].certain == Share(2, 2)


def test_precision_is_of_what_was_held_without_a_decidable_fault() -> None:
    hit = (("NOISY", Severity.CONFIRM),)
    found = count(
        "made up",
        [
            Judged(Part.DECIDABLE, "wrong_unit", Action.FIX, (("SURE", Severity.BLOCK),)),
            Judged(Part.DECIDABLE, "closed_payee", Action.REVIEW, hit),
            Judged(Part.PROBABLE, "risk_policy", Action.REVIEW, hit),
            Judged(Part.PROBABLE, "risk_policy", Action.SUBMIT, (("TELLS", Severity.WARN),)),
            Judged(Part.QUERY_FIRST, None, Action.STOP, hit),
            Judged(Part.DISPERSED, None, Action.REVIEW, hit),
            Judged(Part.CLEAN, None, Action.REVIEW, hit),
            Judged(Part.CLEAN, None, Action.SUBMIT, ()),
        ],
    )
    assert [rule.code for rule in found.rules] == ["NOISY", "SURE", "TELLS"]
    assert found.rules[0].precision == Share(2, 4)
    assert found.rules[0].query_first == 1
    assert found.precision == Share(1, 3)
    assert found.parts[Part.DECIDABLE].certain == Share(1, 2)
    assert found.parts[Part.DECIDABLE].held == Share(2, 2)
    assert found.parts[Part.CLEAN].held == Share(1, 2)
    assert not found.catches_enough
    assert not found.touches_little


def test_the_interval_of_a_share_stays_within_nought_and_one() -> None:
    assert Share(0, 0).interval is None
    low, high = Share(0, 50).interval or (-1, -1)
    assert (low, round(high, 4)) == (0.0, 0.0713)
    low, high = Share(50, 50).interval or (-1, -1)
    assert (round(low, 4), round(high, 4), high <= 1) == (0.9287, 1.0, True)


def test_an_attempt_is_unresolved_until_a_final_answer_has_arrived(
    tmp_path: Path, no_rules: Path
) -> None:
    simulate_history(200, 60, SEED, tmp_path / "history")
    history = read_history(tmp_path / "history")
    retried = history.orders.filter(pl.col("attempts").list.len() > 0)
    assert retried.height > 1
    clean = {"fault": None, "cause": None, "decidable": None, "group": "ordinary"}
    truth = dict.fromkeys(history.orders["order_id"], clean)
    for wait, expected in ((timedelta(minutes=-1), 0), (timedelta(minutes=1), retried.height)):
        answered = _answered(history, retried, wait)
        judged = play(answered, truth, load_book(no_rules), load_packs())
        assert sum(order.part is Part.QUERY_FIRST for order in judged) == expected


def test_the_rules_see_the_refusals_that_had_arrived_and_no_others(tmp_path: Path) -> None:
    simulate_history(ORDERS, 60, SEED, tmp_path / "history")
    history = read_history(tmp_path / "history")
    (tmp_path / "own.yaml").write_text(REFUSED_LATELY, "utf-8")
    truth = dict.fromkeys(history.orders["order_id"], CLEAN)
    judged = play(history, truth, load_book(tmp_path), load_packs())
    fired = [bool(order.hits) for order in judged]
    assert fired == list(_refused_lately(history))
    assert 0 < sum(fired) < ORDERS


def _refused_lately(history: History) -> Iterator[bool]:
    """Tell for each order whether a refusal of its buyer's had arrived in the 30 days before."""
    refused = history.outcomes.filter(
        pl.col("final"), pl.col("outcome_class").is_in(sorted(REFUSALS))
    ).join(history.orders.select("order_id", "buyer.id"), on="order_id")
    known = list(refused.select("buyer.id", "received_at").iter_rows())
    for buyer, as_of in history.orders.select("buyer.id", "as_of").iter_rows():
        yield buyer is not None and any(
            who == buyer and as_of - timedelta(days=30) <= at < as_of for who, at in known
        )


def _answered(history: History, orders: pl.DataFrame, wait: timedelta) -> History:
    """Answer some orders so long after they were to be sent again, and no others."""
    answers = orders.select(
        "order_id",
        pl.col("as_of").add(wait).alias("received_at"),
        pl.lit("accepted").alias("outcome_class"),
        pl.lit(value=True).alias("final"),
    )
    return History(history.folder, history.orders, answers.sort("received_at"), history.manifest)


def test_it_is_told_for_people_and_for_scripts(report: BookReport) -> None:
    plain = json.loads(json.dumps(report.as_json()))
    (one,) = plain["scenarios"]
    shown = "\n".join(report.lines())
    assert one["scenario"] == "payout_heavy"
    for part in ("decidable", "probable", "clean", "dispersed", "query_first", "unnoticed"):
        assert f": {one['parts'][part]['orders']}: " in shown
    assert f"{one['parts']['decidable']['stopped_or_repaired']['share']:.2%}" in shown
    false_alarms = [rule["false_alarms"] for rule in one["rules"] if rule["code"] in shown]
    assert false_alarms == sorted(false_alarms, reverse=True)


def test_all_shipped_scenarios_are_played_and_a_missed_target_is_status_one(
    no_rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(_: Book, worlds: Sequence[Scenario], orders: int, *__: object) -> BookReport:
        missed = [Judged(Part.DECIDABLE, "wrong_unit", Action.SUBMIT, ())]
        played = tuple(count(world.name, missed) for world in worlds)
        return BookReport("fake", orders, SEED, played)

    monkeypatch.setattr(book_report, "measure_book", measured)
    answer = CliRunner().invoke(app, ["book", "--book", str(no_rules), "--json"])
    assert answer.exit_code == 1
    found = json.loads(answer.stdout)
    assert found["orders"] == 4_000
    assert found["meets_targets"] is False
    assert {one["scenario"] for one in found["scenarios"]} == set(shipped_scenarios())


def test_met_targets_are_status_zero(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(WITHOUT_PAYOUTS, "utf-8")
    answer = CliRunner().invoke(app, ["book", *SIZE, "--scenario", str(own)])
    assert answer.exit_code == 0, answer.output
    assert "target 99%: met" in answer.stdout
    assert "target 0.1%: met" in answer.stdout


def test_an_unknown_scenario_is_refused_by_name() -> None:
    answer = CliRunner().invoke(app, ["book", "--scenario", "peak_dat"])
    assert isinstance(answer.exception, ScenarioError)
    assert "Did you mean 'peak_day'?" in str(answer.exception)
