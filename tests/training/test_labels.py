from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from features.history import History
from features.times import to_us
from training.errors import ExperimentError
from training.labels import head_labels

START = datetime(2026, 1, 1, tzinfo=UTC)


def history(*answers: tuple[str, int, str, bool]) -> History:
    """Orders o1 and o2, and answers: (order, day received, class, final)."""
    orders = pl.DataFrame({"order_id": ["o1", "o2"]})
    outcomes = pl.DataFrame(
        [(order, START + timedelta(days=day), name, final) for order, day, name, final in answers],
        schema=["order_id", "received_at", "outcome_class", "final"],
        orient="row",
    )
    return History(Path(), orders, outcomes, {})


@pytest.mark.parametrize(
    ("head", "outcome", "label"),
    [
        ("refused", "risk_block", 1),
        ("refused", "unclassified", 1),
        ("refused", "accepted", 0),
        ("refused", "fraud", 0),
        ("refused", "cancelled", None),
        ("refused", "payer_action", None),
        ("risk_block", "risk_block", 1),
        ("risk_block", "validation", 0),
        ("risk_block", "accepted", 0),
        ("risk_block", "unclassified", None),
        ("fraud", "fraud", 1),
        ("fraud", "accepted", 0),
    ],
)
def test_a_final_outcome_gives_this_label(head: str, outcome: str, label: int | None) -> None:
    assert head_labels(history(("o1", 1, outcome, True)), head)[0] == label


def test_an_unresolved_outcome_is_no_label() -> None:
    labels = head_labels(history(("o1", 1, "unknown", False)), "refused")
    assert labels.to_list() == [None, None]


def test_an_outcome_counts_only_from_when_it_arrived() -> None:
    answered = history(("o1", 3, "risk_block", True))
    instant = to_us(START + timedelta(days=3))
    assert head_labels(answered, "refused", instant)[0] is None
    assert head_labels(answered, "refused", instant + 1)[0] == 1


def test_the_latest_final_outcome_counts() -> None:
    changed = history(("o1", 5, "accepted", True), ("o1", 1, "risk_block", True))
    assert head_labels(changed, "refused")[0] == 0
    assert head_labels(changed, "refused", to_us(START + timedelta(days=4)))[0] == 1


def test_a_fraud_is_not_taken_back_by_a_later_outcome() -> None:
    assert head_labels(history(("o1", 1, "fraud", True), ("o1", 2, "accepted", True)), "fraud")[0]


def test_an_unknown_head_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ExperimentError, match="Did you mean 'refused'"):
        head_labels(history(), "refusd")
