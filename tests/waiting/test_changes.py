"""The live state foresees when its windows change as the rescan does, and looks at few records."""

from collections.abc import Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import parse_catalog
from features.kinds import Value
from features.live import LiveState
from features.live_changes import MOST_CHANGES
from features.live_facts import FactsOfCatalog
from features.rescan_changes import rescan_changes
from tests.features.live_worlds import (
    CATALOG,
    DAY_US,
    SECOND_US,
    Question,
    Step,
    past,
    past_until,
    pasts,
    take,
    tiny_chunks,
)

SIZES = st.sampled_from([(32, 512), (0, 2), (0, 3), (2, 2), (4, 3)])
NAMES = [
    ["merchant_orders_5s"],
    ["pair_orders_5s", "merchant_open_orders_3d", "no such feature"],
    ["merchant_refused_rate_5s", "pair_unknowns_5s", "merchant_orders_1d"],
]


def hold_to_the_rescan(steps: Sequence[Step], sizes: tuple[int, int], names: list[str]) -> int:
    features = [feature for feature in CATALOG.windows if feature.name in names]
    asked, settled_us = 0, 0
    with tiny_chunks(*sizes):
        state = LiveState(CATALOG)
        for number, step in enumerate(steps):
            if not isinstance(step, Question):
                take(state, step)
                settled_us = step.at_us
            elif step.as_of_us > settled_us:
                until_us = step.as_of_us + 4 * DAY_US
                facts = FactsOfCatalog(CATALOG).complete(step.facts)
                so_far = past_until(steps[:number])
                expected = rescan_changes(features, facts, step.as_of_us, until_us, so_far)
                found = state.changes_after(step.facts, names, step.as_of_us, until_us)
                assert found.instants == expected
                assert found.is_whole
                windows = {feature.name for feature in features}
                whole = state.read(step.facts, step.as_of_us)
                some = {name: whole[name] for name in windows & whole.keys()}
                assert state.read_windows(step.facts, windows, step.as_of_us) == some
                asked += bool(expected)
    return asked


@given(pasts(), SIZES, st.sampled_from(NAMES))
@settings(max_examples=50)
def test_changes_are_those_of_the_rescan(
    steps: list[Step], sizes: tuple[int, int], names: list[str]
) -> None:
    hold_to_the_rescan(steps, sizes, names)


def test_changes_of_long_pasts_are_those_of_the_rescan() -> None:
    asked = 0
    for seed in range(40):
        random = Random(seed)
        asked += hold_to_the_rescan(
            past(random.choice, 45), random.choice([(32, 512), (0, 2), (2, 2)]), NAMES[seed % 3]
        )
    assert asked > 50


CROWD = parse_catalog(
    "catalog: crowd\nentities: {merchant: merchant_id}\n"
    "windows: [{entity: merchant, measure: count, over: 1h}]\n"
    "derived: {busy: merchant_orders_1h / 60}"
)


def of_crowd(order_id: str, at_us: int) -> dict[str, Value]:
    return {"order_id": order_id, "merchant_id": "M", "placed_at": at_us}


def crowd(size: int, apart_us: int = SECOND_US) -> LiveState:
    state = LiveState(CROWD)
    for number in range(size):
        facts: dict[str, Value] = {
            "order_id": f"o{number}",
            "merchant_id": "M",
            "placed_at": number * apart_us,
        }
        state.apply_order(facts, number * apart_us)
    return state


def asked_of(state: LiveState, after_us: int, until_us: int) -> tuple[tuple[int, ...], bool]:
    facts = of_crowd("mine", after_us)
    return state.changes_after(facts, ["busy"], after_us, until_us)


def test_of_many_changes_the_first_the_last_and_some_between_are_given() -> None:
    state, now_us = crowd(3_000), 3_000 * SECOND_US
    instants, is_whole = asked_of(state, now_us, now_us + 2 * DAY_US)
    every = [number * SECOND_US + 3_600 * SECOND_US + 1 for number in range(3_000)]
    assert not is_whole
    assert len(instants) == MOST_CHANGES
    assert (instants[0], instants[-1]) == (every[0], every[-1])
    assert set(instants) <= set(every)


def test_between_two_of_them_the_rest_is_found_by_asking_again() -> None:
    state, now_us = crowd(3_000), 3_000 * SECOND_US
    instants, _ = asked_of(state, now_us, now_us + 2 * DAY_US)
    finer, is_whole = asked_of(state, instants[3], instants[4])
    assert is_whole
    assert len(finer) == (instants[4] - instants[3]) // SECOND_US
    assert finer[-1] == instants[4]


def test_many_at_one_instant_are_one_change() -> None:
    state = crowd(500, apart_us=0)
    instants, is_whole = asked_of(state, 1, DAY_US)
    assert instants == (3_600 * SECOND_US + 1,)
    assert not is_whole


def test_a_look_ahead_changes_nothing() -> None:
    state, now_us = crowd(100), 100 * SECOND_US
    facts = of_crowd("mine", now_us)
    before = state.read(facts, now_us)
    asked_of(state, now_us, now_us + DAY_US)
    assert state.read(facts, now_us) == before
