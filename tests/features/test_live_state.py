"""The live state says what the rescan says, however many records a key has, and frees the rest."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.live import LiveState
from tests.features.live_worlds import (
    CATALOG,
    Question,
    Step,
    ask,
    past,
    past_until,
    pasts,
    take,
    tiny_chunks,
)

FEW_AND_CHUNK = st.sampled_from([(32, 512), (0, 2), (0, 3), (2, 2), (4, 3)])


def hold_to_the_rescan(steps: Sequence[Step], few: int, chunk: int, sweeps: bool) -> None:
    with tiny_chunks(few, chunk):
        state = LiveState(CATALOG)
        for number, step in enumerate(steps):
            if not isinstance(step, Question):
                take(state, step)
                if sweeps:
                    state.sweep(step.at_us)
                continue
            expected = ask(CATALOG, step, past_until(steps[:number]))
            assert state.read(step.facts, step.as_of_us) == expected
            assert state.read(step.facts, step.as_of_us) == expected


@given(pasts(), FEW_AND_CHUNK, st.booleans())
@settings(max_examples=50)
def test_every_question_is_answered_as_by_the_rescan(
    steps: list[Step], sizes: tuple[int, int], sweeps: bool
) -> None:
    hold_to_the_rescan(steps, *sizes, sweeps)


def test_long_pasts_are_answered_as_by_the_rescan() -> None:
    hold_seeds_to_the_rescan(range(60))


@pytest.mark.slow
def test_a_hundred_thousand_questions_are_answered_as_by_the_rescan() -> None:
    assert hold_seeds_to_the_rescan(range(1_000, 7_000)) > 100_000


def hold_seeds_to_the_rescan(seeds: range) -> int:
    """Hold the pasts of some seeds to the rescan; gives how many questions were asked."""
    asked = 0
    for seed in seeds:
        random = Random(seed)
        sizes = random.choice([(32, 512), (0, 2), (0, 3), (2, 2), (4, 3)])
        steps = past(random.choice, 60)
        hold_to_the_rescan(steps, *sizes, random.random() < 0.5)
        asked += sum(isinstance(step, Question) for step in steps)
    return asked
