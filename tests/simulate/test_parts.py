"""The parts of the simulator, each against something slow and obvious."""

from collections.abc import Iterator

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.masking import Masker
from training.simulate.chance import US
from training.simulate.columns import numbered
from training.simulate.memory import earlier_in_group, first_of, recent, seconds_since_flag
from training.simulate.numbers import Damage, account_columns
from training.simulate.scenario_file import load_scenario

EVENTS = st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 400)), min_size=1, max_size=40)


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
def test_a_value_is_new_once_in_a_bucket(events: list[tuple[int, int]]) -> None:
    ordered = sorted(events, key=lambda event: event[1])
    entity, at = np.array(ordered, dtype=np.int64).T
    value = (at * 7 + entity) % 4 - 1
    seen: set[tuple[int, int, int]] = set()
    slow = []
    for row in zip(entity.tolist(), value.tolist(), (at // 60).tolist(), strict=True):
        slow.append(row not in seen and row[1] >= 0)
        seen.add(row)
    assert first_of(entity, value, at, 60).tolist() == slow


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


def account_cells(damage: Damage) -> pl.DataFrame:
    return pl.DataFrame(account_columns(3, "card", np.arange(50), damage))


def test_account_references_look_as_the_edge_would_make_them() -> None:
    edge = Masker(b"k" * 32).account("6222020000000001234")
    row = account_cells(Damage.none(50)).rename(lambda name: name.removeprefix("card."))
    assert set(row.columns) == set(edge)
    assert row.select(pl.struct(pl.all())).to_series()[0]["length"] == edge["length"]
    assert row["hash"].str.contains(r"^[0-9a-f]{32}$").all()
    assert row["hash"].is_unique().all()


def test_transposed_digits_are_another_number_whose_check_digit_fails() -> None:
    no, yes = np.zeros(50, dtype=bool), np.ones(50, dtype=bool)
    right, wrong = account_cells(Damage.none(50)), account_cells(Damage(no, yes))
    assert (right["card.hash"] != wrong["card.hash"]).all()
    assert (right["card.bin"] == wrong["card.bin"]).all()
    assert right["card.luhn_valid"].all()
    assert not wrong["card.luhn_valid"].any()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), max_size=30))
def test_earlier_in_a_group_is_what_a_loop_counts(rows: list[tuple[int, int]]) -> None:
    group, amount = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    counts, sums = earlier_in_group(group, amount)
    for place, (who, _) in enumerate(rows):
        before = [value for other, value in rows[:place] if other == who]
        assert (counts[place], sums[place]) == (len(before), sum(before))


@given(st.lists(st.integers(0, 10**14)))
def test_numbers_are_written_with_leading_zeros(numbers: list[int]) -> None:
    written = numbered("U", np.array(numbers, dtype=np.int64), 15).to_list()
    assert written == [f"U{number:015d}" for number in numbers]


def test_every_rate_of_the_default_scenario_states_its_basis() -> None:
    scenario = load_scenario()
    parts = msgspec.to_builtins(scenario)
    del parts["answers"]  # one comment above them says that all their weights are assumed
    assert list(without_basis(parts, "scenario")) == []


def without_basis(part: object, path: str) -> Iterator[str]:
    """Yield the paths of mappings that hold a number and do not say where it comes from."""
    if isinstance(part, list):
        for number, inner in enumerate(part):
            yield from without_basis(inner, f"{path}[{number}]")
    elif isinstance(part, dict):
        numbers = [key for key, value in part.items() if isinstance(value, float)]
        if numbers and not part.get("basis"):
            yield path
        for key, inner in part.items():
            if "basis" not in part:
                yield from without_basis(inner, f"{path}.{key}")
