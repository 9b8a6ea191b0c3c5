"""Live and columnar links equal the slow rescan, on every awkward world."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.links.worlds import (
    HALF_DAY_US,
    World,
    by_columns,
    by_live,
    by_rescan,
    linked,
    linked_by_days,
    worlds,
)

CATALOG = linked()
DAYS = linked_by_days()


@given(worlds())
@settings(max_examples=80)
def test_the_columns_equal_the_rescan(world: World) -> None:
    assert by_columns(world, CATALOG) == by_rescan(world, CATALOG)


@given(worlds(), st.booleans(), st.booleans())
@settings(max_examples=80)
def test_the_live_links_equal_the_rescan(world: World, patient: bool, sweep: bool) -> None:
    assert by_live(world, CATALOG, patient=patient, sweep=sweep) == by_rescan(world, CATALOG)


@given(worlds(HALF_DAY_US), st.booleans())
@settings(max_examples=50)
def test_freeing_memory_leaves_every_link_as_it_is(world: World, sweep: bool) -> None:
    assert by_live(world, DAYS, patient=True, sweep=sweep) == by_rescan(world, DAYS)


@pytest.mark.slow
@given(worlds(), st.booleans(), st.booleans())
@settings(max_examples=5_000)
def test_they_agree_on_very_many_worlds(world: World, patient: bool, sweep: bool) -> None:
    slow = by_rescan(world, CATALOG)
    assert by_columns(world, CATALOG) == slow
    assert by_live(world, CATALOG, patient=patient, sweep=sweep) == slow
