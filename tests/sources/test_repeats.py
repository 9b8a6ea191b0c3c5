"""Repeated ids are found exactly, batch after batch."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from training.sources.repeats import SeenIds

batches = st.lists(st.lists(st.sampled_from([f"id-{n}" for n in range(40)]), max_size=15))


@given(batches)
def test_an_id_is_known_exactly_when_a_batch_before_had_it(drawn: list[list[str]]) -> None:
    seen, oracle = SeenIds(), set[str]()
    for batch in drawn:
        ids = pl.Series("id", batch, pl.String)
        known = seen.known(ids).to_list()
        assert known == [name in oracle for name in batch]
        fresh = [name for name in dict.fromkeys(batch) if name not in oracle]
        seen.add(pl.Series("id", fresh, pl.String))
        oracle |= set(batch)
