"""What no window reaches any more is freed, little by little, and nothing that one reaches."""

from pathlib import Path

import pytest

from features.catalog import load_catalog, parse_catalog
from features.kinds import Value
from features.live import LATE_READ_US, LiveState
from features.windows import OUTCOME_WAIT_US
from tests.features.live_worlds import DAY_US, SECOND_US, tiny_chunks

SIXTY = Path(__file__).parents[2] / "bench" / "catalog_60.yaml"
START_US = 1_000 * DAY_US
CATALOG = parse_catalog("""
catalog: forgets
entities: {buyer: buyer.id}
windows:
  - {entity: buyer, measure: count, over: 1d}
  - {entity: buyer, measure: distinct, of: receiver.city, over: 1d}
  - {entity: buyer, measure: open, over: 1d}
  - {entity: buyer, measure: outcomes, outcome: any, over: 1d}
  - {entity: buyer, measure: unknowns, over: 1d}
""")
ANSWERS = parse_catalog("""
catalog: answers
entities: {buyer: buyer.id}
windows:
  - {entity: buyer, measure: outcomes, outcome: any, over: 1d}
  - {entity: buyer, measure: rate, outcome: accepted, over: 1d}
  - {entity: buyer, measure: mean_latency, over: 1d}
  - {entity: buyer, measure: open, over: 1d}
""")
GONE_US = 3 * (DAY_US + LATE_READ_US)
"""Longer than anything of a window of one day is kept, once others come."""


def order(number: int, buyer: str, at_us: int) -> dict[str, Value]:
    city = f"C{number % 5}"
    return {
        "order_id": f"o{number}",
        "placed_at": at_us,
        "buyer.id": buyer,
        "receiver.city": city,
    }


def held(state: LiveState) -> dict[str, int]:
    return {name: sum(1 for _ in population) for name, population in state.populations()}


def keys(state: LiveState) -> int:
    return sum(len(population) for _, population in state.populations())


@pytest.fixture
def state() -> LiveState:
    """One hundred buyers, each with one open order."""
    state = LiveState(CATALOG)
    for number in range(100):
        at_us = START_US + number * SECOND_US
        state.apply_order(order(number, f"b{number}", at_us), at_us)
    return state


def test_the_orders_of_others_free_what_is_over(state: LiveState) -> None:
    for number in range(100, 160):
        at_us = START_US + GONE_US + number * SECOND_US
        state.apply_order(order(number, "b-new", at_us), at_us)
    assert keys(state) == 2  # the new buyer's orders and open orders
    assert held(state)["buyer orders"] == 60


def test_a_sweep_frees_what_is_over_and_says_how_much(state: LiveState) -> None:
    assert state.sweep(START_US + DAY_US) == 0
    assert state.sweep(START_US + GONE_US) == 200
    assert keys(state) == 0


def test_a_sweep_looks_at_a_bounded_number_of_keys(state: LiveState) -> None:
    for number in range(100, 1_500):
        at_us = START_US + number * SECOND_US
        state.apply_order(order(number, f"b{number}", at_us), at_us)
    assert [state.sweep(START_US + GONE_US) for _ in range(3)] == [2_000, 1_000, 0]


def test_nothing_is_freed_that_a_late_read_still_sees(state: LiveState) -> None:
    last_us = START_US + 99 * SECOND_US
    asked_us = START_US + DAY_US
    now_us = asked_us + LATE_READ_US
    state.apply_order(order(100, "b-new", now_us), now_us)
    state.sweep(now_us)
    told = state.read(order(101, "b0", asked_us), asked_us)
    assert (told["buyer_orders_1d"], last_us < asked_us) == (1, True)


@pytest.mark.parametrize("few", [0, 32])
def test_a_key_that_never_rests_keeps_its_window_and_no_more(few: int) -> None:
    with tiny_chunks(few, 8):
        state = LiveState(CATALOG)
        for number in range(2_000):
            at_us = START_US + number * DAY_US // 50
            state.apply_order(order(number, "b", at_us), at_us)
        end_us = START_US + 2_000 * DAY_US // 50
        told = state.read(order(-1, "b", end_us), end_us)
    reachable = 50 * (DAY_US + LATE_READ_US) // DAY_US
    assert told["buyer_orders_1d"] == 50
    assert reachable <= held(state)["buyer orders"] <= reachable + 40


def test_an_order_that_is_closed_and_opened_by_turns_leaves_nothing_behind() -> None:
    state = LiveState(CATALOG)
    for number in range(500):
        at_us = START_US + number * DAY_US
        state.apply_order(order(number, "b", at_us), at_us)
        state.apply_outcome(f"o{number}", "accepted", True, at_us + SECOND_US)
    assert held(state) == {
        "buyer orders": 4,
        "buyer open": 0,
        "buyer answers": 4,
        "buyer unknowns": 0,
    }


def test_an_outcome_counts_for_an_order_that_no_window_reaches_any_more(state: LiveState) -> None:
    late_us = START_US + OUTCOME_WAIT_US
    for number in range(200, 400):
        state.apply_order(order(number, "b-new", late_us), late_us)
    assert state.apply_outcome("o0", "accepted", True, late_us)
    assert state.read(order(-1, "b0", late_us + 1), late_us + 1)["buyer_any_outcomes_1d"] == 1


def test_an_order_is_forgotten_once_no_outcome_can_count_for_it(state: LiveState) -> None:
    later_us = START_US + OUTCOME_WAIT_US + 2 * LATE_READ_US
    for number in range(200, 300):
        state.apply_order(order(number, "b-new", later_us), later_us)
    assert not state.apply_outcome("o0", "accepted", True, later_us)
    assert len(state.orders_kept()) == 100


def test_an_order_that_came_again_does_not_hold_up_what_came_after_it(state: LiveState) -> None:
    again_us = START_US + OUTCOME_WAIT_US
    state.apply_order(order(0, "b0", again_us), again_us)
    later_us = START_US + OUTCOME_WAIT_US + 2 * LATE_READ_US
    for number in range(200, 300):
        state.apply_order(order(number, "b-new", later_us), later_us)
    assert len(state.orders_kept()) == 101
    assert state.apply_outcome("o0", "accepted", True, later_us)


@pytest.mark.parametrize(
    ("outcome_class", "final", "counts"),
    [
        ("accepted", True, [True, False]),
        ("unknown", True, [True, False]),
        ("unknown", False, [True, False]),
        ("accepted", False, [False, False]),
    ],
)
def test_what_an_answer_counts_for_is_said(
    state: LiveState, outcome_class: str, final: bool, counts: list[bool]
) -> None:
    at_us = START_US + 200 * SECOND_US
    told = [state.apply_outcome("o1", outcome_class, final, at_us + n) for n in range(2)]
    assert told == counts
    assert not state.apply_outcome("nobody", outcome_class, final, at_us)
    assert not state.apply_outcome("o2", outcome_class, final, START_US)
    assert not state.apply_outcome("o3", outcome_class, final, at_us + OUTCOME_WAIT_US)


@pytest.mark.parametrize("classes", [("accepted", "risk_block"), ("accepted", "accepted")])
def test_answers_that_are_reported_in_another_order_count_alike(classes: tuple[str, str]) -> None:
    answers = [(name, START_US + n * SECOND_US) for n, name in enumerate(classes, start=1)]
    told = []
    for reported in (answers, answers[::-1]):
        state = LiveState(ANSWERS)
        state.apply_order(order(0, "b", START_US), START_US)
        for outcome_class, received_us in reported:
            state.apply_outcome("o0", outcome_class, True, received_us)
        asked_us = START_US + 10 * SECOND_US
        told.append(state.read(order(1, "b", asked_us), asked_us))
    assert told[0] == told[1]
    assert told[0]["buyer_any_outcomes_1d"] == 1


def test_sixty_features_are_sixty_windows_over_eight_entities() -> None:
    windows = load_catalog(SIXTY).windows
    assert len(windows) == 60
    assert len({feature.entity.key for feature in windows}) == 8
