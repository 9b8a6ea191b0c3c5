"""The parts of a backtest: prices by columns, sums, what became of an order, the cache."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import Catalog
from features.history import HistoryWriter
from rules.costs import Costs
from rules.decision import Action
from rules.lists.columnar import silenced_columns
from rules.lists.holdings import ListKind
from rules.lists.kept import Draft, Entry, encode_entry, written_files
from rules.lists.lists import NamedList
from rules.lists.table import Table
from rules.policy import action_of_costs, expected_costs
from training.backtest import cache
from training.backtest.cache import cached_features
from training.backtest.pricing import ACTIONS, cheapest
from training.backtest.result import Ratio
from training.backtest.summary import ratio
from training.backtest.tally import _together, fired
from training.backtest.truth import NO_TRUTH, NOT_FINAL, SUPERSEDED, Kind, kind_of, truth_of

START = datetime(2026, 3, 1, tzinfo=UTC)
SHARES = st.floats(0, 1)
MONEY = st.floats(0, 1e6)


@given(
    st.lists(st.tuples(st.integers(0, 10**12), SHARES), min_size=1, max_size=20),
    st.builds(
        Costs,
        refused_minor=MONEY,
        refused_share=SHARES,
        review_minor=MONEY,
        review_share=SHARES,
        review_catches=SHARES,
        stopped_minor=MONEY,
        stopped_share=SHARES,
    ),
)
def test_the_cheapest_action_is_that_of_the_policy(
    orders: list[tuple[int, float]], costs: Costs
) -> None:
    amounts, refused = (np.array(column) for column in zip(*orders, strict=True))
    found = cheapest(costs, amounts.astype(np.int64), refused)
    said = [
        action_of_costs(expected_costs(costs, amount, {"refused": chance}, after_fix=False))
        for amount, chance in orders
    ]
    assert [ACTIONS[code] for code in found] == said


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=12))
def test_overlap_counts_each_pair_of_rules_that_fired_together(rows: list[list[bool]]) -> None:
    hits = pl.DataFrame(rows, schema=list("abcd"), orient="row")
    row, code = fired(hits)
    pairs = Counter(
        (one, other)
        for fires in rows
        for one, first in enumerate(fires)
        for other, second in enumerate(fires)
        if first and second
    )
    assert _together(row, code, 4).tolist() == [[pairs[i, j] for j in range(4)] for i in range(4)]


@given(
    st.lists(st.tuples(st.sampled_from(["m1", "m2", "m3", None]), st.integers(0, 9)), min_size=1),
    st.dictionaries(
        st.sampled_from(["m1", "m2"]),
        st.tuples(
            st.none() | st.integers(0, 9),
            st.sampled_from([(), ("RULE_A",), ("RULE_A", "RULE_B")]),
        ),
    ),
)
def test_an_exempt_list_silences_the_same_rules_by_columns_as_order_by_order(
    orders: list[tuple[str | None, int]], entries: dict[str, tuple[int | None, tuple[str, ...]]]
) -> None:
    def at(hour: int) -> datetime:
        return START + timedelta(hours=hour)

    lines = {
        value: encode_entry(
            Entry(value=value, until=None if until is None else at(until), rules=rules)
        )
        for value, (until, rules) in entries.items()
    }
    head, files = written_files(Draft("calm", ListKind.EXEMPT, "merchant_id", ("RULE_B",), lines))
    named = NamedList(head, Table(files["table.bin"]))
    instants = [int(at(hour).timestamp()) * 1_000_000 for _, hour in orders]
    facts = pl.DataFrame({"merchant_id": pl.Series([who for who, _ in orders], dtype=pl.String)})
    found = silenced_columns(facts, pl.Series(instants), named, ["RULE_A", "RULE_B"])
    slow = [
        set() if who is None else set(named.silenced(who, us))
        for (who, _), us in zip(orders, instants, strict=True)
    ]
    for code in ("RULE_A", "RULE_B"):
        assert found[code].to_list() == [code in silenced for silenced in slow]


def written(folder: Path, orders: list[tuple[str, int]], outcomes: list[tuple[Any, ...]]) -> Path:
    """Write orders (id, hour) and outcomes (id, hour, class, final)."""
    with HistoryWriter(folder) as writer:
        writer.write_orders(
            pl.DataFrame(
                {
                    "order_id": [name for name, _ in orders],
                    "merchant_id": "m",
                    "channel": "generic",
                    "placed_at": [START + timedelta(hours=hour) for _, hour in orders],
                    "amount_minor": 100,
                    "currency": "CNY",
                }
            )
        )
        if outcomes:
            writer.write_outcomes(
                pl.DataFrame(
                    {
                        "order_id": [one[0] for one in outcomes],
                        "received_at": [START + timedelta(hours=one[1]) for one in outcomes],
                        "outcome_class": [one[2] for one in outcomes],
                        "final": [one[3] for one in outcomes],
                    }
                )
            )
    return folder


def test_an_order_is_what_its_last_final_outcome_says_and_fraud_stays(tmp_path: Path) -> None:
    orders = [("a", 0), ("b", 1), ("c", 2), ("d", 3), ("e", 4), ("e", 5), ("f", 6)]
    outcomes = [
        ("a", 7, "risk_block", True),
        ("a", 8, "accepted", True),
        ("b", 7, "unknown", False),
        ("c", 7, "fraud", True),
        ("c", 8, "accepted", True),
        ("d", 9, "limit", True),
        ("d", 10, "unknown", False),
        ("e", 9, "accepted", True),
    ]
    folder = written(tmp_path / "history", orders, outcomes)
    table = pl.read_parquet(folder / "orders" / "part-*.parquet")
    found = truth_of(folder).outcomes_of(table).to_list()
    assert found == ["accepted", NOT_FINAL, "fraud", "limit", SUPERSEDED, "accepted", NO_TRUTH]
    assert [kind_of(one) for one in found] == [
        Kind.GOOD, Kind.OPEN, Kind.BAD, Kind.BAD, Kind.OPEN, Kind.GOOD, Kind.OPEN,
    ]  # fmt: skip


def test_without_labels_dispersion_is_told_by_a_feature_and_an_accepting_channel(
    tmp_path: Path,
) -> None:
    orders = [("a", 0), ("b", 1), ("c", 2)]
    outcomes = [("a", 7, "accepted", True), ("b", 7, "risk_block", True)]
    folder = written(tmp_path / "history", orders, outcomes)
    table = pl.read_parquet(folder / "orders" / "part-*.parquet")
    truth = truth_of(folder)
    features = pl.DataFrame({"buyer_cities_24h": [4.0, 9.0, 4.0]})
    found = truth.dispersed(table, features, truth.outcomes_of(table))
    assert found.to_list() == [True, False, False]
    assert "nobody labelled" in truth.dispersion_said


def test_features_are_built_once_and_again_when_history_or_code_change(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "history", [("a", 0), ("b", 1)], [])
    runs = [cached_features(folder, catalog, tmp_path) for _ in range(2)]
    assert [run.was_built for run in runs] == [True, False]
    assert "as none are kept" in runs[0].said
    assert runs[0].path == runs[1].path
    monkeypatch.setattr(cache, "code_version", lambda: "other")
    again = cached_features(folder, catalog, tmp_path)
    assert again.was_built
    assert "another version of the code" in again.said
    other = written(tmp_path / "other", [("a", 0), ("b", 2)], [])
    assert cached_features(other, catalog, tmp_path).path != again.path


def test_a_share_has_an_interval_and_a_share_of_none_has_not() -> None:
    assert ratio(0, 0) == Ratio(count=0, of=0, share=None, interval=None)
    low, high = ratio(8, 10).interval or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.49, 0.943)


def test_stricter_actions_have_larger_codes() -> None:
    assert all(mild < strict for mild, strict in pairwise(ACTIONS))
    assert ACTIONS[0] is Action.SUBMIT
