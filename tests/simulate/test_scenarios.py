"""Scenarios: five that are shipped, and those that somebody else writes, right or wrong."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest
import yaml

from features.history import read_history
from training.simulate.history import simulate_history
from training.simulate.scenario import Scenario, ScenarioError
from training.simulate.scenario_file import (
    DEFAULT_SCENARIO,
    SCENARIOS,
    load_scenario,
    shipped_scenarios,
)


def test_five_scenarios_are_shipped_and_none_shares_its_seed() -> None:
    seeds = {load_scenario(name).seed for name in shipped_scenarios()}
    assert len(seeds) == len(shipped_scenarios()) == 5


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_scenario_makes_a_history_that_is_refused_now_and_then(
    name: str, tmp_path: Path
) -> None:
    report = simulate_history(3_000, 40, 5, tmp_path / "history", scenario=load_scenario(name))
    assert report.orders == 3_000
    assert 0.03 < report.refused / report.orders < 0.35
    assert len(report.causes) > 10
    assert read_history(tmp_path / "history").orders.height == 3_000


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_policy_drifts_somewhere(name: str) -> None:
    assert any(policy.drift for policy in load_scenario(name).policies.values())


@pytest.mark.parametrize(
    ("old", "new", "line", "allowed"),
    [
        ("new_buyer: {rate: 0.22", "new_buyer: {rate: 2.2", "new_buyer:", "a number from 0 to 1"),
        ("  new_buyer:", "  new_buyers:", "new_buyers:", "Did you mean 'new_buyer'"),
        ("median_s: 1.2", "median_s: fast", "refusal:", "a number above 0"),
        ("    noise: 0.65\n", "", "  jd_pay:", "policies.jd_pay.noise is missing"),
        ("      spread: {", "      dispersion: {", "dispersion:", "account_pace, device_sharing"),
        ("  payout: {rate: 0.060", "  payout: {rate: [1]", "payout:", "a number from 0 to 1"),
        ('starts: "06-17 20:00"', "starts: june", "starts: june", "of the form"),
        (
            "smallest: 5, largest: 22",
            "smallest: 5, largest: 2",
            "  ring: {small",
            "from smallest, 5",
        ),
        ('starts: "06-17 20:00"', 'starts: "06-31 20:00"', "06-31", "a date and time that exist"),
        (
            "  wrong_unit: {rate: 0.0040",
            "  wrong_units: {rate: 0.0040",
            "units:",
            "Allowed: wrong_u",
        ),
        (
            "    outage: {rate: 0.35",
            "    aml_review: {rate: 0.35",
            "    aml_review:",
            "Allowed: wrong_unit",
        ),
        ("[{code: JMPT200012}]", "[{code: JMPT20012}]", "order_limit: [{code", "Did you mean"),
        ("[{code: JMPT200012}]", "[{code: XX}]", "{code: XX}", "JMPT200012, JMPT200013"),
        ("{code: cancelled}", "{code: cancelled, unseen: true}", "unseen: true", "allowed: false"),
    ],
)
def test_a_bad_scenario_is_refused_with_its_line_and_what_is_allowed(
    old: str, new: str, line: str, allowed: str, tmp_path: Path
) -> None:
    text = DEFAULT_SCENARIO.read_text("utf-8")
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    lines = path.read_text("utf-8").splitlines()
    places = [f"line {number}: " for number, text in enumerate(lines, 1) if line in text]
    assert any(place in str(caught.value) for place in places)
    assert allowed in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("groups: [", "is not YAML"),
        ("a: &a [1]\nb: [*a, *a]\n", "the alias \\*a is not read"),
        ("- a list", "expected keys such as name"),
        ("like: defualt\n", "line 1: like is 'defualt', allowed: default"),
        ("like: default\naml: {review_share: 3}\n", "line 2: aml.review_share is 3"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=said):
        load_scenario(path)


def test_a_name_that_is_not_shipped_is_refused_with_those_that_are() -> None:
    with pytest.raises(ScenarioError, match="Did you mean 'peak_day'"):
        load_scenario("peak_days")


def test_a_scenario_of_ones_own_need_only_say_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("like: default\nname: mine\nfaults: {wrong_unit: {rate: 0.2}}\n", "utf-8")
    mine = load_scenario(path)
    assert mine.faults["wrong_unit"].rate == 0.2
    assert mine.faults["wrong_unit"].caught == load_scenario().faults["wrong_unit"].caught
    assert mine.policies == load_scenario().policies


def test_a_code_that_is_unseen_on_purpose_is_answered_and_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    codes = "answers: {jd_pay: {risk: [{code: JMPT299999, unseen: true}]}}"
    path.write_text(f"like: default\nname: mine\n{codes}\n", "utf-8")
    simulate_history(3_000, 20, 5, tmp_path / "history", scenario=load_scenario(path))
    outcomes = read_history(tmp_path / "history").outcomes
    unseen = outcomes.filter(outcomes["raw_code"] == "JMPT299999")
    assert len(unseen) > 50
    assert set(unseen["outcome_class"]) == {"unknown"}
    assert not unseen["final"].any()


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_drift_states_its_own_basis(name: str) -> None:
    raw = yaml.safe_load((SCENARIOS / f"{name}.yaml").read_text("utf-8"))
    drifts = [one for policy in raw.get("policies", {}).values() for one in policy.get("drift", [])]
    assert drifts
    assert all(drift.get("basis") for drift in drifts)


def test_the_page_on_the_simulator_names_every_key_and_its_example_loads(tmp_path: Path) -> None:
    page = Path("docs/simulator.md").read_text("utf-8")
    named = set(re.findall(r"[a-z][a-z_0-9]+", page))
    assert set(keys_of(Scenario)) - named == set()
    example = page.split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "night_owls.yaml"
    path.write_text(example, encoding="utf-8")
    assert load_scenario(path).policies["jd_pay"].drift[0].weights == {"spread": 2}


def keys_of(kind: Any) -> Iterator[str]:
    """Yield every key and every allowed word of a scenario."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for name, hint in get_type_hints(kind).items():
            yield name
            yield from keys_of(hint)
    elif get_origin(kind) is Literal:
        yield from get_args(kind)
    else:
        for part in get_args(kind):
            yield from keys_of(part)
