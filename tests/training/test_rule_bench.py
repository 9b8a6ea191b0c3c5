"""The engines that `preflight bench rules` compares are asked the same and must say the same."""

import random
from importlib.util import find_spec

import pytest

from features.errors import PreflightError
from features.kinds import Value
from training.bench.rule_books import bound_book, seeded_rules
from training.bench.rule_report import RuleReport
from training.bench.rule_rivals import CONTESTANTS, OURS, Ask
from training.bench.rule_speed import compare_engines, speed_of_book

NAMES = [f"n{at}" for at in range(12)]
MODULES = {
    "durable-rules, our door": "durable_rules_engine",
    "durable-rules": "durable",
    "zen-engine": "zen",
    "zen-engine, table": "zen",
    "common-expression-language": "cel",
    "rule-engine": "rule_engine",
    "business-rules": "business_rules",
}


def _rows() -> list[dict[str, Value]]:
    chance = random.Random(3)
    return [{name: round(chance.expovariate(0.1), 3) for name in NAMES} for _ in range(40)]


ROWS = _rows()
COLUMNS = {name: [float(row[name]) for row in ROWS] for name in NAMES}


def test_a_seeded_book_is_the_same_for_the_same_seed_and_fires() -> None:
    rules = seeded_rules(30, COLUMNS, 1)
    assert rules == seeded_rules(30, COLUMNS, 1)
    assert rules != seeded_rules(30, COLUMNS, 2)
    hits = [CONTESTANTS[OURS](rules)(row) for row in ROWS]
    assert 0 < sum(map(len, hits)) < 30 * len(ROWS)


def test_whatever_is_installed_agrees_and_the_rest_is_left_out_by_name() -> None:
    compared = compare_engines(ROWS, 20, 1, 1, list(CONTESTANTS))
    absent = {name for name, module in MODULES.items() if find_spec(module) is None}
    assert set(compared.left_out) == absent
    assert {one.name for one in compared.speeds} == CONTESTANTS.keys() - absent
    assert compared.times_slower(compared.speeds[0]) == 1.0


def test_an_engine_that_disagrees_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def liar(rules: object) -> Ask:
        return lambda _: frozenset({"R0", "R1", "R2"})

    monkeypatch.setitem(CONTESTANTS, "liar", liar)
    with pytest.raises(PreflightError, match=r"liar and preflight differ on R\d: \(n"):
        compare_engines(ROWS, 20, 1, 1, [OURS, "liar"])


def test_a_report_is_told_in_lines_and_as_json() -> None:
    live = compare_engines(ROWS, 5, 1, 1, [OURS])
    shipped = speed_of_book("shipped", bound_book(seeded_rules(5, COLUMNS, 1)), ROWS, 1)
    report = RuleReport((live,), shipped, ())
    assert report.as_json()["live"][0]["times_slower"] == {OURS: 1.0}
    assert any("5 rules, all hits of one order" in line for line in report.lines())
