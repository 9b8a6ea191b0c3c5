"""The parts of the simulator, each against something slow and obvious."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from training.simulate.chance import US, ranks_in
from training.simulate.memory import recent, seconds_since_flag
from training.simulate.numbers import account_numbers
from training.simulate.scenario import DEFAULT_SCENARIO, ScenarioError, load_scenario

EVENTS = st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 400)), min_size=1, max_size=40)


@given(st.lists(st.integers(0, 3)))
def test_ranks_number_equal_values_in_order(values: list[int]) -> None:
    slow = [values[:place].count(value) for place, value in enumerate(values)]
    assert ranks_in(np.array(values, dtype=np.int64)).tolist() == slow


@given(EVENTS)
def test_memory_counts_like_a_rate_limiter(events: list[tuple[int, int]]) -> None:
    ordered = sorted(events, key=lambda event: event[1])
    entity, at = np.array(ordered, dtype=np.int64).T
    width = 60
    assert recent(entity, at, width).tolist() == pytest.approx(
        [slow_recent(ordered, place, width) for place in range(len(ordered))]
    )


def slow_recent(events: list[tuple[int, int]], place: int, width: int) -> float:
    who, when = events[place]
    if who < 0:
        return 0.0
    bucket, elapsed = divmod(when, width)
    mine = [at // width for entity, at in events[:place] if entity == who]
    return mine.count(bucket) + mine.count(bucket - 1) * (1 - elapsed / width)


@given(EVENTS)
def test_time_since_a_flag_is_that_of_the_last_one(events: list[tuple[int, int]]) -> None:
    ordered = sorted(events, key=lambda event: event[1])
    entity, at = np.array(ordered, dtype=np.int64).T
    flagged = at % 3 == 0
    slow = []
    for place, (who, when) in enumerate(ordered):
        earlier = [t for p, (e, t) in enumerate(ordered[:place]) if e == who >= 0 and flagged[p]]
        slow.append(float(when - earlier[-1]) if earlier else np.inf)
    assert seconds_since_flag(entity, at * US, flagged).tolist() == slow


def test_made_up_account_numbers_pass_their_check_unless_they_are_wrong() -> None:
    entity = np.arange(50)
    right = account_numbers(3, entity, np.zeros(50, dtype=bool))
    wrong = account_numbers(3, entity, np.ones(50, dtype=bool))
    assert all(luhn.is_valid(number) and len(number) == 19 for number in right)
    assert not any(len(number) == 19 and luhn.is_valid(number) for number in wrong)
    assert {len(number) for number in wrong} == {12, 19}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("rate: 0.22", "rate: 2.2"), "shares.new_buyer.rate"),
        (("new_buyer:", "new_buyers:"), "new_buyers"),
        (("median_s: 1.2", "median_s: fast"), "delays.refusal.median_s"),
        (("groups:", "groups: ["), "cannot be used"),
    ],
)
def test_a_bad_scenario_is_refused_by_name(
    change: tuple[str, str], named: str, tmp_path: Path
) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(DEFAULT_SCENARIO.read_text("utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(ScenarioError, match=named):
        load_scenario(path)


def test_every_rate_of_the_default_scenario_states_its_basis() -> None:
    scenario = load_scenario()
    stated = [scenario.faults[name].basis for name in scenario.faults]
    stated += [getattr(scenario.shares, name).basis for name in scenario.shares.__struct_fields__]
    assert all(stated)
